import type { ChatMessage, QuestionHandler, Step } from '../community/index.js';
import type { Item, ItemKind, MessageReading } from '../observation/index.js';
import type { Transaction } from '../platform/db/database.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import type { Recorded } from './correction.js';
import type { CheckInChatDeps } from './deps.js';
import { localDay } from './local-day.js';
import { createOwnHistory } from './own-history.js';
import {
  CORRECTION_QUESTION,
  correctionSchema,
  isYes,
  pickOf,
  VALUE_QUESTION,
  valueSchema,
  WHERE_QUESTION,
  whereSchema,
} from './questions.js';
import { ackKey, createRecording, isRaised, type Origin, speaker } from './recording.js';
import type { Campaign } from './types.js';
import { createUnclearValues, PICK_QUESTION, pickSchema, RESEND_QUESTION, resendSchema } from './unclear.js';

/** Whose campaigns a message counts for. */
type Target =
  | { kind: 'room'; roomId: string; campaigns: Campaign[] }
  | { kind: 'ask'; roomIds: string[] }
  | { kind: 'none' };

/** A correction without a value, as talk about a typing error, counts only right behind a check-in. */
const JUST_NOW_MS = 10 * 60_000;
/** What is done, not measured: nothing that a room could want kept out of the group. */
const IS_ACT: ReadonlySet<ItemKind> = new Set(['exercise', 'steps', 'distance', 'medication', 'diet']);
/** Two digits or more: a single one is the answer to a choice. */
const LONE_NUMBER = /^(?:\d{1,3}[.点]\d|\d{2,3}|\d{2,3}\s*\/\s*\d{2,3})[。.!]?$/u;

/** Is this message a check-in? And the questions that a check-in can leave open. */
export function createCheckInStep(deps: CheckInChatDeps): { step: Step; questions: Record<string, QuestionHandler> } {
  const { community, checkIn, outbox, parser, roomName } = deps;
  const say = speaker(community);
  const recording = createRecording(deps);
  const unclear = createUnclearValues(deps);
  const divideByHistory = createOwnHistory(deps);

  async function targetOf(tx: Transaction, message: ChatMessage, kinds: readonly ItemKind[]): Promise<Target> {
    const here = message.room?.id;
    if (here) {
      const campaigns = await checkIn.listRunning(tx, [here], message.sentAt);
      if (campaigns.length > 0) return { kind: 'room', roomId: here, campaigns };
    }
    const rooms = (await community.listRoomsOfPerson(tx, message.personId)).filter((room) => room.kind === 'patients');
    const running: { roomId: string; campaigns: Campaign[] }[] = [];
    for (const room of rooms) {
      const campaigns = await checkIn.listRunning(tx, [room.id], message.sentAt);
      if (campaigns.length > 0) running.push({ roomId: room.id, campaigns });
    }
    const fitting = running.filter(
      ({ campaigns }) => kinds.length > 0 && kinds.every((kind) => asksFor(campaigns, kind)),
    );
    const [only, another] = fitting.length > 0 ? fitting : running;
    if (!only) return { kind: 'none' };
    if (!here && !another) return { kind: 'room', ...only };
    // From another group only where there is no doubt which one is meant.
    if (here && running.length > 1) return { kind: 'none' };
    return { kind: 'ask', roomIds: (here ? [only] : running).map(({ roomId }) => roomId) };
  }

  /** Values are kept only with consent; it is asked when it is first needed. Answers whether to go on. */
  async function mayKeep(tx: Transaction, message: ChatMessage, explicit: boolean): Promise<'yes' | 'asked' | 'no'> {
    const state = await community.consents.stateOf(tx, message.personId, 'values');
    if (state === 'granted') return 'yes';
    if (isRaised(message)) return 'no';
    if (message.late) {
      await community.replies.noteLate(tx, message);
      return 'no';
    }
    if (state === 'unknown') {
      await community.consents.ask(tx, message, 'values');
      return 'asked';
    }
    if (explicit) await say(tx, message, text.notConsented());
    return 'no';
  }

  const originOf = (message: ChatMessage, roomId: string): Origin => {
    const { id: messageId, sentAt, receivedAt } = message;
    return { messageId, sentAt, receivedAt, roomId };
  };

  async function takeValues(tx: Transaction, message: ChatMessage, reading: MessageReading): Promise<boolean> {
    const { items, doubts } = reading;
    // Nobody else listens in private: what is all values is meant for the record.
    const explicit = reading.explicit || (!message.room && !message.standing.doctor);
    const kinds = [...items, ...doubts.map((doubt) => doubt.item)].map((item) => item.kind);
    if (kinds.length === 0) return false;
    // Doctors speak of values all day.
    if (message.standing.doctor && !explicit) return false;
    const target = await targetOf(tx, message, kinds);
    if (!explicit) {
      if (target.kind !== 'room' || !kinds.some((kind) => asksFor(target.campaigns, kind))) return false;
    }
    if (isDated(reading, message, target)) {
      if (explicit) await say(tx, message, text.notToday());
      return explicit;
    }
    if (target.kind === 'none') {
      await say(tx, message, text.noCampaign());
      return true;
    }
    if (doubts.length > 0) return takeDoubts(tx, message, reading, target);
    const kept = await mayKeep(tx, message, explicit);
    if (kept !== 'yes') return kept === 'asked' || explicit;
    if (target.kind === 'ask') return askWhere(tx, message, target.roomIds, reading);
    const own = await divideByHistory(tx, { personId: message.personId, items, at: message.sentAt });
    if (own.doubts.length > 0)
      return takeDoubts(tx, message, { ...reading, items: own.clear, doubts: own.doubts }, target);
    // The question beside it is answered instead, where it is asked of the bot.
    const quiet = reading.asks === true && message.addressed;
    const misplaced = message.room?.valuesMode === 'private' && items.some(({ kind }) => !IS_ACT.has(kind));
    await recording.record(tx, message, {
      origin: originOf(message, target.roomId),
      items,
      quiet: quiet || misplaced,
    });
    if (misplaced && !quiet) await say(tx, message, text.valuesInPrivate());
    return !quiet;
  }

  async function takeDoubts(
    tx: Transaction,
    message: ChatMessage,
    { doubts, items }: MessageReading,
    target: Exclude<Target, { kind: 'none' }>,
  ): Promise<boolean> {
    const granted = await community.consents.has(tx, message.personId, 'values');
    if (message.room || !granted || target.kind === 'ask') await unclear.askAgain(tx, message, doubts);
    else await unclear.offer(tx, message, { origin: originOf(message, target.roomId), doubts, clear: items });
    return true;
  }

  async function askWhere(
    tx: Transaction,
    message: ChatMessage,
    roomIds: string[],
    { items }: MessageReading,
  ): Promise<boolean> {
    const { roomId: _, ...origin } = originOf(message, '');
    const { personId, place } = message;
    const data = { message: origin, roomIds, items };
    await community.questions.open(tx, { personId, place, kind: WHERE_QUESTION, data });
    const names: string[] = [];
    for (const roomId of roomIds) names.push(await roomName(tx, roomId));
    await say(tx, message, message.room ? text.recordIn(names[0] ?? '') : text.recordWhere(names));
    return true;
  }

  async function askValue(tx: Transaction, message: ChatMessage): Promise<boolean> {
    const target = await targetOf(tx, message, []);
    if (target.kind === 'none') {
      await say(tx, message, text.noCampaign());
      return true;
    }
    if (target.kind === 'ask') {
      const campaigns = await checkIn.listRunning(tx, target.roomIds, message.sentAt);
      const firsts = campaigns.flatMap(({ definition }) => definition.items.slice(0, 1));
      await say(tx, message, text.withValue([...new Set(firsts)]));
      return true;
    }
    if ((await mayKeep(tx, message, true)) !== 'yes') return true;
    const [campaign] = target.campaigns;
    if (!campaign) return false;
    const { missing, streak } = await checkIn.standingIn(tx, message.personId, campaign, message.sentAt);
    const [kind] = missing;
    if (!kind) {
      await say(tx, message, text.allDone(streak.current));
      return true;
    }
    await openValueQuestion(tx, message, { roomId: target.roomId, kind, correction: false });
    await say(tx, message, text.ask(kind));
    return true;
  }

  async function openValueQuestion(
    tx: Transaction,
    { personId, place }: ChatMessage,
    data: { roomId: string; kind: ItemKind; correction: boolean },
  ): Promise<void> {
    await community.questions.open(tx, { personId, place, kind: VALUE_QUESTION, data });
  }

  /**
   * The room whose record a correction or a retraction is about: where it is said, or in private the one
   * with the latest value of these kinds on that day.
   */
  async function recordOf(
    tx: Transaction,
    message: ChatMessage,
    { kinds, dayOffset }: { kinds: readonly ItemKind[]; dayOffset: number },
  ): Promise<{ origin: Origin; last: Recorded | undefined } | undefined> {
    const target = await targetOf(tx, message, []);
    const roomIds = target.kind === 'room' ? [target.roomId] : target.kind === 'ask' ? target.roomIds : [];
    let found: { origin: Origin; last: Recorded | undefined } | undefined;
    for (const roomId of roomIds) {
      const origin = originOf(message, roomId);
      const recorded = await recording.listRecorded(tx, message.personId, origin, dayOffset);
      const last = recorded
        .filter(({ observation }) => kinds.length === 0 || kinds.includes(observation.kind))
        .sort((a, b) => a.observation.receivedAt - b.observation.receivedAt)
        .at(-1);
      const isLater = last && last.observation.receivedAt > (found?.last?.observation.receivedAt ?? 0);
      if (!found || isLater) found = { origin, last };
    }
    return found;
  }

  async function correct(tx: Transaction, message: ChatMessage, reading: MessageReading): Promise<boolean> {
    const commanded = /^(?:更正|correct)/.test(message.normalised);
    const granted = await community.consents.has(tx, message.personId, 'values');
    const dayOffset = reading.dayOffset ?? 0;
    const kinds = [...reading.items, ...reading.doubts.map((doubt) => doubt.item)].map(({ kind }) => kind);
    const found = granted ? await recordOf(tx, message, { kinds, dayOffset }) : undefined;
    if (!found) {
      if (commanded) await say(tx, message, granted ? text.nothingToCorrect() : text.nothingKept());
      return commanded;
    }
    const { origin, last } = found;
    if (reading.doubts.length > 0) {
      return takeDoubts(tx, message, reading, { kind: 'room', roomId: origin.roomId, campaigns: [] });
    }
    if (reading.items.length > 0) {
      await recording.correct(tx, message, { origin, items: reading.items, dayOffset, replaces: reading.replaces });
      return true;
    }
    if (!last || (!commanded && message.sentAt - last.observation.measuredAt > JUST_NOW_MS)) {
      if (commanded) await say(tx, message, text.nothingToCorrect());
      return commanded;
    }
    const { kind } = last.observation;
    await openValueQuestion(tx, message, { roomId: origin.roomId, kind, correction: true });
    await say(tx, message, text.askCorrection(kind));
    return true;
  }

  async function retract(tx: Transaction, message: ChatMessage): Promise<boolean> {
    const found = await recordOf(tx, message, { kinds: [], dayOffset: 0 });
    if (!found) return false;
    const { last } = found;
    if (!last) {
      await say(tx, message, text.nothingToRetract());
      return true;
    }
    await checkIn.retractMessage(tx, last.observation.messageId);
    await outbox.cancel(tx, { key: ackKey(last.observation.messageId) });
    await say(tx, message, text.retracted());
    return true;
  }

  async function take(tx: Transaction, message: ChatMessage, reading: MessageReading): Promise<boolean> {
    switch (reading.intent) {
      case 'checkin':
      case 'clarify':
        return takeValues(tx, message, reading);
      case 'bare':
        return askValue(tx, message);
      case 'correction':
        return correct(tx, message, reading);
      case 'retract':
        return retract(tx, message);
      case 'makeup':
        await say(tx, message, text.notToday());
        return true;
      case 'proxy':
        if ((!reading.explicit && message.room) || message.standing.doctor || reading.asks) return false;
        await say(tx, message, text.notForOthers());
        return true;
      default:
        return !message.room && loneNumber(tx, message);
    }
  }

  /** 6.5 and nothing else, which nobody asked for: it may be anything. */
  async function loneNumber(tx: Transaction, message: ChatMessage): Promise<boolean> {
    if (message.standing.doctor || !LONE_NUMBER.test(message.normalised)) return false;
    await say(tx, message, text.whatNumber());
    return true;
  }

  /** The message as the answer to a question for `kind`; undefined when it says something else. */
  function answerTo(message: ChatMessage, kind: ItemKind): MessageReading | undefined {
    if (message.kind !== 'text') return undefined;
    const reading = parser.read(inChinese(message.text), { expecting: kind });
    const isValue = ['checkin', 'clarify', 'correction'].includes(reading.intent);
    return isValue && reading.items.length + reading.doubts.length > 0 ? { ...reading, explicit: true } : undefined;
  }

  /** The message with what triage finds in values that intake could not see: then a card was the reply. */
  async function triaged(tx: Transaction, message: ChatMessage, items: readonly Item[]): Promise<ChatMessage> {
    if (!(await deps.triageAnswer(tx, message, items))) return message;
    return { ...message, assessment: { ...message.assessment, level: 'urgent' } };
  }

  async function recordAnswer(
    tx: Transaction,
    message: ChatMessage,
    what: { origin: Origin; items: readonly Item[] },
  ): Promise<void> {
    await recording.record(tx, await triaged(tx, message, what.items), what);
  }

  const questions: Record<string, QuestionHandler> = {
    async [VALUE_QUESTION](tx, message, data) {
      const { roomId, kind, correction } = valueSchema.parse(data);
      const reading = answerTo(message, kind);
      if (!reading) return 'not-mine';
      const origin = originOf(message, roomId);
      if (reading.doubts.length > 0) await takeDoubts(tx, message, reading, { kind: 'room', roomId, campaigns: [] });
      else if (correction) {
        const known = await triaged(tx, message, reading.items);
        await recording.correct(tx, known, { origin, items: reading.items, dayOffset: 0, replaces: undefined });
      } else await recordAnswer(tx, message, { origin, items: reading.items });
      return 'answered';
    },

    async [RESEND_QUESTION](tx, message, data) {
      const { slot, kind } = resendSchema.parse(data);
      const reading = answerTo(message, kind);
      if (!reading) return 'not-mine';
      if (reading.doubts.length === 0) await unclear.settled(tx, slot);
      const known = await triaged(tx, message, reading.items);
      await takeValues(tx, known, { ...reading, intent: 'checkin' });
      return 'answered';
    },

    async [PICK_QUESTION](tx, message, data) {
      const { origin, slot, candidates, clear, next } = pickSchema.parse(data);
      const only = candidates.length === 1 && isYes(message.normalised) ? 0 : undefined;
      const picked = candidates[only ?? pickOf(message.normalised, candidates.length) ?? -1];
      if (!picked) {
        // Sent once more instead of picked.
        const reading = answerTo(message, candidates[0]?.kind ?? 'glucose');
        if (!reading || reading.doubts.length > 0) return 'not-mine';
        await unclear.settled(tx, slot);
        await recordAnswer(tx, message, {
          origin: originOf(message, origin.roomId),
          items: [...clear, ...reading.items],
        });
        return 'answered';
      }
      await unclear.settled(tx, slot);
      const items = [...clear, picked];
      if (next.length > 0) await unclear.offer(tx, message, { origin, doubts: next, clear: items });
      else await recordAnswer(tx, message, { origin, items });
      return 'answered';
    },

    async [WHERE_QUESTION](tx, message, data) {
      const { message: origin, roomIds, items } = whereSchema.parse(data);
      const chosen = message.room && isYes(message.normalised) ? 0 : pickOf(message.normalised, roomIds.length);
      const roomId = chosen === undefined ? undefined : roomIds[chosen];
      if (!roomId) return 'not-mine';
      await recording.record(tx, message, { origin: { ...origin, roomId }, items });
      return 'answered';
    },

    async [CORRECTION_QUESTION](tx, message, data) {
      const { origin, item, ids } = correctionSchema.parse(data);
      const observationId = ids[pickOf(message.normalised, ids.length) ?? -1];
      if (!observationId) return 'not-mine';
      await recording.replace(tx, message, { origin, item, observationId });
      return 'answered';
    },
  };

  return {
    questions,
    async step(tx, message) {
      if (message.kind !== 'text') return false;
      const kind = message.room?.kind ?? 'private';
      if (kind !== 'private' && kind !== 'patients' && kind !== 'test') return false;
      const reading = parser.read(inChinese(message.text));
      if (kind === 'test') {
        const isCheckIn = reading.explicit && (reading.intent === 'checkin' || reading.intent === 'bare');
        if (isCheckIn) await say(tx, message, text.testGroup());
        return isCheckIn;
      }
      return take(tx, message, reading);
    },
  };
}

function asksFor(campaigns: readonly Campaign[], kind: ItemKind): boolean {
  return campaigns.some((campaign) => campaign.definition.items.includes(kind));
}

/** Said to be of another day than the one it is sent on. */
function isDated({ dayOffset, date }: MessageReading, message: ChatMessage, target: Target): boolean {
  if (dayOffset !== undefined) return dayOffset !== 0;
  if (!date || target.kind !== 'room' || !target.campaigns[0]) return false;
  const today = localDay(message.sentAt, target.campaigns[0]);
  return Number(today.slice(5, 7)) !== date.month || Number(today.slice(8, 10)) !== date.day;
}

/** The English words of the two commands that the parser knows in Chinese. */
function inChinese(words: string): string {
  return words.replace(/^\s*check[\s-]?in\b/iu, '打卡').replace(/^\s*correct(?:ion)?\b/iu, '更正');
}
