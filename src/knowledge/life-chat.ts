import type { ChatMessage, Command, Where } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { nameOf } from '../platform/outbox/outbox.js';
import { knowledge as text } from '../text/zh-CN/knowledge.js';
import type { ReviewChatDeps } from './chat.js';
import { idOf, withId } from './entry-id.js';
import { chooseGuideline } from './guidelines.js';
import type { Actor } from './life.js';
import type { EntryEvent, Move } from './review.js';

/** Of those who got an entry that is stopped; the command line names them all. */
const NAMED_AT_MOST = 20;
const STAFF: readonly Where[] = ['doctors', 'admins', 'private'];

/** What a doctor or an admin does to an entry in one message: stop it, bring it back into review, end it; and new editions of guidelines. */
export function createLifeCommands({ community, store, lives, guidelines, timeZone }: ReviewChatDeps): Command[] {
  const { say } = community.replies;
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone });

  const actorOf = ({ standing, personId }: ChatMessage): Actor => ({
    by: standing.doctor ? 'doctor' : 'admin',
    actorId: personId,
  });

  /** The event of one message, and what is said of it. */
  async function run(
    tx: Transaction,
    message: ChatMessage,
    { id, event, reason }: { id: string; event: EntryEvent; reason: string },
  ): Promise<void> {
    const record = await store.find(tx, id);
    if (!record) {
      await say(tx, message, text.review.unknown(id));
      return;
    }
    const outcome = await lives.move(tx, record, event, { ...actorOf(message), reason });
    if (outcome.kind === 'refused') await say(tx, message, refusal(id, event, outcome, text.states[record.life.state]));
    else if (event === 'suspend') await say(tx, message, await stopped(tx, id));
    else if (event === 'retire') await say(tx, message, text.review.retired(id));
    else await say(tx, message, text.review.reinstated(id, record.version));
  }

  async function stopped(tx: Transaction, id: string): Promise<string> {
    const recipients = await store.listRecipients(tx, id);
    const names = recipients.slice(0, NAMED_AT_MOST).map((personId) => nameOf(personId));
    return text.review.suspended(id, recipients.length, names);
  }

  async function tellOfEdition(tx: Transaction, message: ChatMessage): Promise<void> {
    const [, words = '', edition = ''] = GUIDELINE.exec(message.text.trim()) ?? [];
    const guideline = await chooseGuideline(tx, { words, guidelines, store });
    if (edition === '' || !guideline) {
      await say(tx, message, edition === '' ? text.guideline.needsEdition() : text.guideline.unknown(words));
      return;
    }
    const outcome = await lives.changeGuideline(tx, { ...actorOf(message), guideline, edition });
    const { name } = guideline;
    if (outcome.kind === 'known-already') {
      await say(tx, message, text.guideline.knownAlready(name, edition));
      return;
    }
    const ids = outcome.records.map(({ entry }) => entry.id);
    await say(tx, message, text.guideline.marked({ name, edition, until: day.format(outcome.dueAt), ids }));
  }

  /** For doctors and admins alike; a doctor who is not yet verified is told so. */
  function forStaff(command: Pick<Command, 'name' | 'pattern' | 'help' | 'run'>): Command[] {
    return (['doctor', 'admin'] as const).map((who) => ({
      ...command,
      name: `${command.name}-${who}`,
      who,
      where: STAFF,
      async run(tx, message, match) {
        if (message.standing.doctor || message.standing.admin) await command.run(tx, message, match);
        else await say(tx, message, text.review.unverified());
      },
    }));
  }

  return [
    ...forStaff({
      name: 'suspend-entry',
      pattern: withId('^(?:停用条目|suspend)\\s*(ID)[\\s:,]*([\\s\\S]*)$'),
      help: { order: 34, line: text.help.suspend },
      run: (tx, message, match) =>
        run(tx, message, { id: idOf(match[1]), event: 'suspend', reason: (match[2] ?? '').trim() }),
    }),
    ...forStaff({
      name: 'reinstate-entry',
      pattern: withId('^(?:恢复条目|reinstate)\\s*(ID)$'),
      run: (tx, message, match) => run(tx, message, { id: idOf(match[1]), event: 'reinstate', reason: '' }),
    }),
    ...forStaff({
      name: 'retire-entry',
      pattern: withId('^(?:(ID)\\s*(?:作废|retire)|(?:作废条目|作废|retire)\\s*(ID))[\\s:,]*([\\s\\S]*)$'),
      run: (tx, message, match) =>
        run(tx, message, { id: idOf(match[1] ?? match[2]), event: 'retire', reason: (match[3] ?? '').trim() }),
    }),
    ...forStaff({
      name: 'new-edition',
      pattern: /^(?:指南更新|更新指南|new edition)(?=\s|$)[\s\S]*$/u,
      run: tellOfEdition,
    }),
  ];
}

/** The guideline, and behind the last space its edition; as written, for it is kept. */
const GUIDELINE = /^\/?(?:指南更新|更新指南|new edition)\s+(\S.*?)\s+(\S+)$/isu;

function refusal(id: string, event: EntryEvent, { reason }: Extract<Move, { kind: 'refused' }>, state: string): string {
  const needsReason = reason === 'no-reason';
  if (event === 'suspend') return needsReason ? text.review.suspendNeedsReason(id) : text.review.alreadySuspended(id);
  if (event === 'retire') return needsReason ? text.review.retireNeedsReason(id) : text.review.alreadyRetired(id);
  return text.review.notStopped(id, state);
}
