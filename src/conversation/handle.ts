import {
  type ChatFeature,
  type ChatMessage,
  type CommunityService,
  findCommunity,
  type Step,
} from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { community as text } from '../text/zh-CN/community.js';
import { helpFor } from './help.js';
import { mayRun, placesOf } from './permission.js';
import type { Records } from './records.js';
import { forgetWords, keepWordsUntil } from './store.js';

export interface Handler {
  handle(tx: Transaction, messageId: string): Promise<void>;
  /** After the last try: a short apology, once. */
  giveUp(tx: Transaction, messageId: string): Promise<void>;
}

export interface HandlerDeps {
  community: CommunityService;
  records: Records;
  features: ChatFeature[];
  /** Doctors' quotes of cards and colleagues' words about a ticket: before the commands, behind the open question. */
  ticketStep: Step;
  checkInStep: Step;
  questionStep: Step;
}

const COMMAND_WORD_AT_MOST = 6;

/** Asks each feature in a fixed order whether the message is its own. The order is written here and nowhere else. */
export function createHandler(deps: HandlerDeps): Handler {
  const { community, records } = deps;
  const commands = deps.features.flatMap((feature) => feature.commands);
  for (const feature of deps.features) {
    for (const [kind, handler] of Object.entries(feature.questions ?? {})) community.questions.register(kind, handler);
  }

  const inOrder: Step[] = [
    (tx, message) => community.questions.step(tx, message),
    (tx, message) => commandStep(tx, message),
    deps.ticketStep,
    deps.checkInStep,
    deps.questionStep,
  ];

  async function commandStep(tx: Transaction, message: ChatMessage): Promise<boolean> {
    if (message.kind !== 'text') return false;
    const words = message.normalised.replace(/[。.!~]+$/, '');
    const tight = words.replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, '');
    if (await runCommand(tx, message, words)) return true;
    // Dictation and old keyboards put spaces into a word: 帮 助.
    return tight !== words && tight.length <= COMMAND_WORD_AT_MOST && runCommand(tx, message, tight);
  }

  async function runCommand(tx: Transaction, message: ChatMessage, words: string): Promise<boolean> {
    if (/^(?:帮助|help|菜单)$/.test(words)) return help(tx, message);
    let refusal: (() => Promise<unknown>) | undefined;
    for (const command of commands) {
      const match = command.pattern.exec(words);
      if (!match) continue;
      const verdict = mayRun(command, message);
      if (verdict === 'yes') {
        await command.run(tx, message, match);
        return true;
      }
      if (verdict !== 'silence') {
        refusal ??= () =>
          community.replies.say(
            tx,
            message,
            verdict === 'not-allowed' ? text.setup.notAllowed() : text.setup.notHere(placesOf(command)),
          );
      }
    }
    await refusal?.();
    return refusal !== undefined;
  }

  async function help(tx: Transaction, message: ChatMessage): Promise<boolean> {
    if (message.room?.kind === 'patients' && !message.addressed && /^菜单/.test(message.normalised)) return false;
    await community.replies.say(tx, message, helpFor(commands, message), { plain: true });
    return true;
  }

  return {
    async handle(tx, messageId) {
      const message = await records.load(tx, messageId);
      await keepConsentedText(tx, message);
      if (await isForSteps(tx, message)) {
        for (const step of stepsFor(message)) {
          if (await step(tx, message)) break;
        }
      }
      if (message.room?.kind === 'unset') await forgetWords(tx, messageId);
      await records.markHandled(tx, messageId);
    },
    async giveUp(tx, messageId) {
      const message = await records.load(tx, messageId);
      if (message.addressed) await community.replies.say(tx, message, text.apology(), { part: 'apology' });
    },
  };

  /** A card was the reply; the values in the message are still recorded. */
  function stepsFor(message: ChatMessage): Step[] {
    const raised = message.assessment.level === 'emergency' || message.assessment.level === 'urgent';
    if (raised && !message.standing.doctor) return [deps.checkInStep];
    return inOrder;
  }

  /** Silence in groups that are muted, but for what starts them again, and for doctors at work: an alarm is never muted, nor its answer. */
  async function isForSteps(tx: Transaction, message: ChatMessage): Promise<boolean> {
    const { room } = message;
    if (room === undefined) return true;
    if (room.kind === 'unset') return message.addressed || message.standing.admin;
    if (message.standing.admin || (room.kind === 'doctors' && message.standing.doctor)) return true;
    if (room.muted) return false;
    return (await findCommunity(tx, { id: message.standing.communityId }))?.muted !== 1;
  }

  async function keepConsentedText(tx: Transaction, message: ChatMessage): Promise<void> {
    const DAYS_180_MS = 180 * 24 * 3_600_000;
    if (message.kind !== 'text' || (!message.addressed && !/打卡|签到/.test(message.normalised))) return;
    if (!(await community.consents.has(tx, message.personId, 'values'))) return;
    await keepWordsUntil(tx, message.id, message.receivedAt + DAYS_180_MS);
  }
}
