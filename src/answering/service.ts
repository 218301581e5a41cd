import type { ChatFeature, ChatMessage, Community, Step } from '../community/index.js';
import type { KnowledgeIndex, ServedEntry } from '../knowledge/index.js';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import { normaliseText } from '../platform/text-normalise.js';
import { type Provenance, answering as text } from '../text/zh-CN/answering.js';
import type { RaisedLevel } from '../triage/index.js';
import { type Asked, followsUp, leansOnBefore, readAsked, searchOptionsOf } from './asked.js';
import { checkInQuestion } from './check-in-question.js';
import { notYetCommands } from './not-yet.js';
import { type Plan, planAnswer } from './plan.js';
import {
  type AnswerDecision,
  insertQuestion,
  isAnsweredAlone,
  markAnswered,
  saveRating,
  saveReason,
  USELESS_REASONS,
} from './store.js';
import { asksSomething, isBare, isEveryday, isForService, isKnock, isTalk } from './talk.js';
import type { Learnt, QuestionReader } from './understanding.js';

const LISTEN_MS = 2 * 60_000;
const FOLLOW_UP_MS = 2 * 60_000;
const NOT_LIKE_ANY = 0.1;
const NOTHING_LEARNT: Learnt = { understood: undefined, candidates: [], alike: [], worded: undefined };

export interface AnsweringDeps {
  clock: Clock;
  ids: Ids;
  community: Community;
  timeZone: string;
  /** The index of the entries that are served now. */
  index(): KnowledgeIndex;
  escalate(tx: Transaction, message: ChatMessage): Promise<void>;
  /** Cards, ticket and alerts for a message in which more was heard than the rules did. */
  raise(tx: Transaction, message: ChatMessage, to: RaisedLevel): Promise<void>;
  /** A language model that reads questions first; none is set: undefined. */
  reader: QuestionReader | undefined;
  /** Remembers who got which version. */
  recordSent(tx: Transaction, sent: { entry: ServedEntry['entry']; personId: string }): Promise<void>;
  /** What the same person asked in the same place a moment ago, and what they say now may lean on. */
  lastTopic(tx: Transaction, asker: { personId: string; place: string }): Promise<string | undefined>;
  /** While a ticket is open: the words that offer to tell the doctor of a voice message. */
  offerVoice(tx: Transaction, message: ChatMessage): Promise<string | undefined>;
}

/** Questions: a reviewed answer word for word, a choice of close ones, an honest offer, or a doctor. */
export function createAnswering({
  clock,
  ids,
  community,
  timeZone,
  index,
  escalate,
  raise,
  reader,
  recordSent,
  lastTopic,
  offerVoice,
}: AnsweringDeps): ChatFeature & { step: Step } {
  const { say } = community.replies;

  async function record(
    tx: Transaction,
    message: ChatMessage,
    decision: AnswerDecision,
    found: { entry?: ServedEntry; candidates: readonly { entryId: string; probability: number }[] },
  ): Promise<string> {
    const id = ids.next();
    await insertQuestion(tx, {
      id,
      messageId: message.id,
      personId: message.personId,
      roomId: message.room?.id,
      decision,
      entry: found.entry && { id: found.entry.entry.id, version: found.entry.entry.version },
      candidates: found.candidates,
      now: clock.now(),
    });
    return id;
  }

  /** A question to the bot. Where its sender has agreed a model reads it first, unless a doctor has to look at it anyway. */
  async function answer(tx: Transaction, message: ChatMessage): Promise<void> {
    const isPersonal = message.assessment.level === 'clinical';
    if (!isPersonal && reader && (await reader.begin(tx, message))) return;
    await conclude(tx, message, NOTHING_LEARNT);
  }

  async function conclude(tx: Transaction, message: ChatMessage, learnt: Learnt): Promise<void> {
    const decide = (words: string) => index().decide(words, searchOptionsOf(message));
    const previous = leansOnBefore(message.normalised) ? await lastTopic(tx, message) : undefined;
    const asked = readAsked(message.text, { decide, previous });
    let { decision } = asked;
    let personal = message.assessment.level === 'clinical';
    const beside = checkInQuestion(message.text);
    if (beside !== undefined) {
      // 打卡 空腹6.5，能吃西瓜吗: the value makes it look like a question about the value.
      const aside = decide(beside);
      if (aside.kind === 'answer') [decision, personal] = [aside, false];
    }
    const plan = planAnswer(decision, learnt, decide);
    if (plan.kind === 'raise') {
      await record(tx, message, 'escalate', { candidates: decision.candidates });
      await raise(tx, message, plan.to);
      return;
    }
    const entry = plan.kind === 'answer' ? index().find(plan.entryId) : undefined;
    if (personal || plan.kind === 'doctor') {
      await record(tx, message, 'escalate', { ...(entry ? { entry } : {}), candidates: decision.candidates });
      await escalate(tx, message);
      if (entry && isSafeBeside(entry)) await sayEntry(tx, message, entry, { general: true });
      return;
    }
    if (asked.several.length > 1) {
      await sendSeveral(tx, message, asked);
      return;
    }
    if (!entry && isForService(message.normalised)) {
      await record(tx, message, 'service', { candidates: decision.candidates });
      await say(tx, message, text.offerAdmin());
      return;
    }
    if (entry) {
      const questionId = await record(tx, message, 'answer', { entry, candidates: decision.candidates });
      await sendAnswer(tx, message, entry, questionId, learnt.worded);
      return;
    }
    const choices = choicesOf(plan, message.text, decide);
    if (choices.length > 0) {
      const questionId = await record(tx, message, 'clarify', { candidates: decision.candidates });
      const asked = text.clarify(choices.map((id) => index().find(id)?.entry.question ?? id));
      await say(tx, message, await withModelConsent(tx, message, asked));
      await ask(tx, message, 'choose-entry', { questionId, choices });
      return;
    }
    if (isTalk(message.normalised) && (decision.candidates[0]?.probability ?? 0) < NOT_LIKE_ANY) {
      await say(tx, message, text.notUnderstood());
      return;
    }
    await record(tx, message, 'offer', { candidates: decision.candidates });
    await say(tx, message, await withModelConsent(tx, message, text.offer()));
  }

  /** A question that was not found at once is when a model would help: the words that ask for consent, once. */
  async function withModelConsent(tx: Transaction, message: ChatMessage, words: string): Promise<string> {
    if (!reader || (await community.consents.stateOf(tx, message.personId, 'model')) !== 'unknown') return words;
    const asked = await community.consents.askWithin(tx, message, 'model');
    return asked === undefined ? words : `${words}\n\n${asked}`;
  }

  async function sendAnswer(
    tx: Transaction,
    message: ChatMessage,
    served: ServedEntry,
    questionId: string,
    worded?: Learnt['worded'],
  ): Promise<void> {
    await sayEntry(tx, message, served, {
      general: false,
      ...(worded?.entryId === served.entry.id ? { worded: worded.text } : {}),
    });
    await ask(tx, message, 'rate-answer', { questionId });
  }

  async function sendSeveral(
    tx: Transaction,
    message: ChatMessage,
    { several, unanswered, decision }: Asked,
  ): Promise<void> {
    const served = several.flatMap((entryId) => index().find(entryId) ?? []);
    const [first] = served;
    const candidates = several.map((entryId) => ({ entryId, probability: probabilityOf(decision, entryId) }));
    const questionId = await record(tx, message, 'answer', { ...(first ? { entry: first } : {}), candidates });
    const answers = [];
    for (const one of served) {
      const { question, answerShort, emergencyLine } = one.entry;
      const provenance = await provenanceOf(tx, message, one);
      await recordSent(tx, { entry: one.entry, personId: message.personId });
      answers.push({ question, answerShort, emergencyLine: emergencyLine ?? undefined, provenance });
    }
    await say(tx, message, text.several({ answers, unanswered }));
    await ask(tx, message, 'choose-entry', { questionId, choices: served.map(({ entry }) => entry.id) });
  }

  async function sayEntry(
    tx: Transaction,
    message: ChatMessage,
    served: ServedEntry,
    { general, worded }: { general: boolean; worded?: string },
  ): Promise<void> {
    const { entry } = served;
    await recordSent(tx, { entry, personId: message.personId });
    await say(
      tx,
      message,
      text.answer({
        answer: worded ?? entry.answer,
        byModel: worded !== undefined,
        seeDoctorWhen: entry.seeDoctorWhen,
        emergencyLine: entry.emergencyLine ?? undefined,
        provenance: await provenanceOf(tx, message, served),
        general,
      }),
      general ? { part: 'general' } : {},
    );
  }

  async function provenanceOf(tx: Transaction, message: ChatMessage, served: ServedEntry): Promise<Provenance> {
    const { entry } = served;
    const [source] = entry.sources;
    const reviewer = await reviewerOf(tx, message, served);
    return {
      entryId: entry.id,
      version: entry.version,
      ...(reviewer ? { reviewer } : {}),
      source: source ? text.source(source.title, source.edition) : '',
      drugs: entry.drugMentions.length > 0,
      expiring: served.expiring,
    };
  }

  /** The last one who signed this version; nobody for a sample. */
  async function reviewerOf(
    tx: Transaction,
    message: ChatMessage,
    served: ServedEntry,
  ): Promise<Provenance['reviewer']> {
    const last = served.reviewers.at(-1);
    const doctor = last && (await community.findDoctor(tx, message.standing.communityId, last.personId));
    if (!last || !doctor) return undefined;
    const date = new Intl.DateTimeFormat('sv-SE', { timeZone: message.room?.timeZone ?? timeZone }).format(last.at);
    return {
      name: doctor.realName,
      institution: doctor.institution,
      speciality: doctor.speciality,
      date,
      simulated: doctor.simulated,
    };
  }

  async function ask(
    tx: Transaction,
    message: ChatMessage,
    kind: string,
    data: Record<string, unknown>,
    ttlMs?: number,
  ): Promise<void> {
    await community.questions.open(tx, {
      personId: message.personId,
      place: message.place,
      kind,
      data,
      ...(ttlMs ? { ttlMs } : {}),
    });
  }

  async function rate(
    tx: Transaction,
    message: ChatMessage,
    questionId: string,
    rating: 'useful' | 'useless',
  ): Promise<void> {
    await saveRating(tx, { id: ids.next(), questionId, personId: message.personId, rating, now: clock.now() });
    await say(tx, message, rating === 'useful' ? text.thanksUseful() : text.thanksUseless());
    if (rating === 'useless') await ask(tx, message, 'why-useless', { questionId });
  }

  reader?.onRead((tx, message, learnt) => conclude(tx, message, learnt ?? NOTHING_LEARNT));

  return {
    commands: [
      {
        name: 'how-to-ask',
        pattern: /^(?:怎么提问|怎样提问|如何提问|怎么问|how to ask)\??$/u,
        who: 'anyone',
        where: ['private', 'patients', 'test'],
        help: { order: 9, line: text.help.ask() },
        run: async (tx, message) => void (await say(tx, message, text.help.ask())),
      },
      ...notYetCommands(community),
    ],
    questions: {
      async 'rate-answer'(tx, message, data) {
        const word = wordOf(message);
        const useful = /^(?:很?有用|有帮助|useful)$/u.test(word);
        if (!useful && !/^(?:没用|没有用|没帮助|useless)$/u.test(word)) return 'not-mine';
        await rate(tx, message, String(data.questionId), useful ? 'useful' : 'useless');
        return 'answered';
      },
      async 'why-useless'(tx, message, data) {
        const choice = /^[1-4]$/u.exec(wordOf(message))?.[0];
        const reason = USELESS_REASONS[Number(choice) - 1];
        if (!reason) return 'not-mine';
        await saveReason(tx, { questionId: String(data.questionId), personId: message.personId, reason });
        await say(tx, message, text.thanksReason());
        return 'answered';
      },
      async 'choose-entry'(tx, message, data) {
        const choices = data.choices as string[];
        const word = choices.length === 1 && /^(?:是的?|对|yes)$/u.test(wordOf(message)) ? '1' : wordOf(message);
        const choice = /^第?([1-3一二三])个?$/u.exec(word)?.[1];
        const entryId = choice && choices[(Number(choice) || '一二三'.indexOf(choice) + 1) - 1];
        const entry = entryId ? index().find(entryId) : undefined;
        if (!entry) return 'not-mine';
        const questionId = String(data.questionId);
        await markAnswered(tx, { id: questionId, entry: { id: entry.entry.id, version: entry.entry.version } });
        await sendAnswer(tx, message, entry, questionId);
        return 'answered';
      },
      async 'picture-to-doctor'(tx, message) {
        if (!/^(?:是的?|要|好的?|yes)$/u.test(wordOf(message))) return 'not-mine';
        await say(tx, message, text.askAboutPicture());
        await ask(tx, message, 'picture-words', {});
        return 'answered';
      },
      async 'picture-words'(tx, message) {
        if (message.kind !== 'text' || ENDS_WAITING.test(message.normalised)) return 'not-mine';
        await record(tx, message, 'escalate', { candidates: [] });
        await escalate(tx, { ...message, text: text.besidePicture(message.text) });
        return 'answered';
      },
      async listening(tx, message) {
        if (message.kind !== 'text' || message.normalised === '') return 'not-mine';
        // A command or a check-in said now is still that; only words that are neither are the question.
        return (await step(tx, { ...message, addressed: true })) ? 'answered' : 'not-mine';
      },
    },
    step,
  };

  /** What the bot cannot read: it says so in private, and in a group only to somebody it waits for. */
  async function notText(tx: Transaction, message: ChatMessage): Promise<boolean> {
    if (message.kind === 'image') {
      if (message.room) return false;
      await say(tx, message, text.noPicture());
      if (!message.late) await ask(tx, message, 'picture-to-doctor', {});
      return true;
    }
    if (message.kind !== 'voice' || (message.room && !(await isAwaited(tx, message)))) return false;
    const offer = message.room ? undefined : await offerVoice(tx, message);
    await say(tx, message, [text.noVoice(), offer].filter(Boolean).join('\n'));
    return true;
  }

  /** A rating may come or not; anything else that was asked is waited for. */
  async function isAwaited(tx: Transaction, { personId, place }: ChatMessage): Promise<boolean> {
    const asked = await community.questions.openKind(tx, personId, place);
    return asked !== undefined && asked !== 'rate-answer';
  }

  /** 那香蕉呢, soon after an answer to the same person, with nobody else between: meant for the bot, though it does not say so. */
  async function isFollowUp(tx: Transaction, message: ChatMessage): Promise<boolean> {
    const { id, personId, room, late, mentionedIds, quoted } = message;
    if (room?.kind !== 'patients' && room?.kind !== 'test') return false;
    if (late || quoted || mentionedIds.length > 0 || !followsUp(message.normalised)) return false;
    return isAnsweredAlone(tx, { personId, roomId: room.id, since: message.sentAt - FOLLOW_UP_MS, messageId: id });
  }

  /** The last step: a question to the bot, or silence. */
  async function step(tx: Transaction, message: ChatMessage): Promise<boolean> {
    if (message.room?.kind === 'unset') return false;
    if (message.kind !== 'text') return notText(tx, message);
    if (!message.addressed && !(await isFollowUp(tx, message))) return false;
    const knocks = message.normalised === '' ? !message.quoted : isKnock(message.normalised);
    if (message.normalised === '' && !knocks) return false;
    if (knocks) {
      await say(tx, message, text.listening());
      await ask(tx, message, 'listening', {}, LISTEN_MS);
      return true;
    }
    if (isBare(message.normalised) || isEveryday(message.normalised)) return false;
    // Words about the bot's own message, with nothing asked: a quote is not yet a question to it.
    await answer(tx, message);
    return true;
  }
}

function choicesOf(
  plan: Plan,
  words: string,
  decide: (words: string) => ReturnType<KnowledgeIndex['decide']>,
): string[] {
  if (plan.kind === 'clarify') return plan.choices;
  const meant = plan.kind === 'offer' ? askedAmongOthers(words, decide) : undefined;
  return meant === undefined ? [] : [meant];
}

/** The entry of the one clause of a long message that asks, when that clause alone has one: it is asked back, not answered. */
function askedAmongOthers(
  words: string,
  decide: (words: string) => ReturnType<KnowledgeIndex['decide']>,
): string | undefined {
  const clauses = words.split(/[,;!\n\u3002\uff0c\uff1b\uff01]/u).filter((clause) => clause.trim() !== '');
  const asking = clauses.filter((clause) => asksSomething(normaliseText(clause)));
  const [only, another] = asking;
  if (clauses.length < 2 || only === undefined || another !== undefined) return undefined;
  const decision = decide(only);
  return decision.kind === 'answer' ? decision.entryId : undefined;
}

function probabilityOf({ candidates }: Asked['decision'], entryId: string): number {
  return candidates.find((one) => one.entryId === entryId)?.probability ?? 1;
}

/** What may stand beside a ticket (SAFETY.md 4): nothing about drugs, and no card for an emergency. */
function isSafeBeside({ entry }: ServedEntry): boolean {
  return entry.drugMentions.length === 0 && entry.type !== 'emergency_card';
}

/** The whole message as one bare word, without the mark behind it. */
function wordOf({ normalised }: ChatMessage): string {
  return normalised.replace(/[\s.!~。]+$/u, '');
}

/** Words that are no question about the picture. */
const ENDS_WAITING = /^(?:算了|不用了?|不问了|取消|没事了?|打卡.*|帮助|隐私|我的\S{2})$/u;
