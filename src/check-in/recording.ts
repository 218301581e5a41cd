import type { ChatMessage, Community } from '../community/index.js';
import type { Item, Observation } from '../observation/index.js';
import type { Transaction } from '../platform/db/database.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import { type Acknowledgement, acknowledgementOf, gatheredBody } from './acknowledge.js';
import { merged, type Recorded, targetOf } from './correction.js';
import type { CheckInChatDeps } from './deps.js';
import { addDays } from './local-day.js';
import { CORRECTION_QUESTION } from './questions.js';
import { shown } from './shown.js';
import type { CampaignStanding } from './types.js';

/** The message that told a value: not always the one that is being answered. */
export interface Origin {
  messageId: string;
  sentAt: number;
  receivedAt: number;
  roomId: string;
}

export interface Recording {
  /** Stores items and tells the person where they stand. `quiet`: a question in the message is answered instead. */
  record(
    tx: Transaction,
    message: ChatMessage,
    what: { origin: Origin; items: readonly Item[]; quiet?: boolean },
  ): Promise<void>;
  /** Replaces values of today, or of yesterday where it is dated. */
  correct(
    tx: Transaction,
    message: ChatMessage,
    what: { origin: Origin; items: readonly Item[]; dayOffset: number; replaces: number | undefined },
  ): Promise<void>;
  /** Replaces the one that was picked. */
  replace(
    tx: Transaction,
    message: ChatMessage,
    what: { origin: Origin; item: Item; observationId: string },
  ): Promise<void>;
  /** What holds of a day, opened. */
  listRecorded(tx: Transaction, personId: string, origin: Origin, dayOffset: number): Promise<Recorded[]>;
}

export function createRecording(deps: CheckInChatDeps): Recording {
  const { community, outbox, checkIn, observations } = deps;
  const say = speaker(community);

  async function acknowledge(tx: Transaction, message: ChatMessage, said: Acknowledgement): Promise<void> {
    if (isRaised(message)) return;
    if (message.late) return community.replies.noteLate(tx, message);
    if (!message.room) {
      await say(tx, message, text.acknowledgement(said));
      return;
    }
    await outbox.add(tx, {
      key: ackKey(message.id),
      to: { kind: 'room', roomId: message.room.id },
      kind: 'acknowledgement',
      body: gatheredBody(message.personId, said),
      causeMessageId: message.id,
      gatherKey: `checkin:${message.room.id}`,
    });
  }

  const store = (
    tx: Transaction,
    { personId }: ChatMessage,
    origin: Origin,
    items: readonly { item: Item; supersedes?: Observation }[],
  ): Promise<CampaignStanding[]> => checkIn.record(tx, { personId, talkerId: personId, ...origin, items });

  async function listRecorded(
    tx: Transaction,
    personId: string,
    { roomId, sentAt }: Origin,
    dayOffset: number,
  ): Promise<Recorded[]> {
    const running = await checkIn.listRunning(tx, [roomId], sentAt);
    const day = addDays(checkIn.dayOf(running, sentAt), dayOffset);
    const held = await checkIn.listDay(tx, { personId, roomId }, day);
    return held.map((observation) => ({ observation, item: observations.itemOf(observation) }));
  }

  async function storeCorrection(
    tx: Transaction,
    message: ChatMessage,
    origin: Origin,
    pairs: readonly { item: Item; target: Recorded | undefined }[],
  ): Promise<void> {
    const items = pairs.map(({ item, target }) =>
      target ? { item: merged(item, target.item), supersedes: target.observation } : { item },
    );
    const standings = await store(tx, message, origin, items);
    for (const { target } of pairs) {
      if (!target) continue;
      const originalMessageId = target.observation.messageId;
      await deps.onCorrected?.(tx, { personId: message.personId, originalMessageId, messageId: origin.messageId });
    }
    const said = acknowledgementOf(
      standings,
      pairs.map(({ item }) => item.kind),
    );
    if (!said) return;
    const corrected = pairs.some(({ target }) => target);
    const today = standings[0]?.day;
    const ofEarlierDay = pairs.every(({ target }) => target && target.observation.localDay !== today);
    await acknowledge(tx, message, { ...said, corrected, ...(ofEarlierDay ? { progress: text.earlierDay() } : {}) });
  }

  return {
    async record(tx, message, { origin, items, quiet = false }) {
      const standings = await store(
        tx,
        message,
        origin,
        items.map((item) => ({ item })),
      );
      const said = acknowledgementOf(
        standings,
        items.map((item) => item.kind),
      );
      if (said && !quiet) await acknowledge(tx, message, said);
    },

    async correct(tx, message, { origin, items, dayOffset, replaces }) {
      if (dayOffset < -1 || dayOffset > 0) return void (await say(tx, message, text.tooOld()));
      const recorded = await listRecorded(tx, message.personId, origin, dayOffset);
      const found = items.map((item) => ({ item, target: targetOf(item, recorded, replaces) }));
      const unclear = found.find(({ target }) => target.kind === 'several');
      if (unclear?.target.kind === 'several') {
        const { candidates } = unclear.target;
        await community.questions.open(tx, {
          personId: message.personId,
          place: message.place,
          kind: CORRECTION_QUESTION,
          data: { origin, item: unclear.item, ids: candidates.map((c) => c.observation.id) },
        });
        // In a group the numbers are not said again.
        const words = candidates.map((c) => labelOf(c, message.room === undefined));
        return void (await say(tx, message, text.whichOne(words)));
      }
      const nothing = found.every(({ target }) => target.kind === 'none');
      if (dayOffset < 0 && nothing) return void (await say(tx, message, text.nothingToCorrect()));
      await storeCorrection(
        tx,
        message,
        origin,
        found.map(({ item, target }) => ({ item, target: target.kind === 'one' ? target.target : undefined })),
      );
    },

    async replace(tx, message, { origin, item, observationId }) {
      const today = await listRecorded(tx, message.personId, origin, 0);
      const yesterday = await listRecorded(tx, message.personId, origin, -1);
      const target = [...today, ...yesterday].find((recorded) => recorded.observation.id === observationId);
      if (!target) return void (await say(tx, message, text.nothingToCorrect()));
      await storeCorrection(tx, message, origin, [{ item, target }]);
    },
    listRecorded,
  };
}

function labelOf({ item }: Recorded, withNumber: boolean): string {
  return withNumber ? text.item(shown(item)) : text.slot(shown(item));
}

export const ackKey = (messageId: string) => `ack:${messageId}`;

/** A card was the reply already; nobody is praised, or asked for anything else, in an emergency. */
export function isRaised({ assessment }: ChatMessage): boolean {
  return assessment.level === 'emergency' || assessment.level === 'urgent';
}

/** Replies to a message, unless a card did. */
export function speaker(community: Community) {
  return async (tx: Transaction, message: ChatMessage, words: string): Promise<void> => {
    if (!isRaised(message)) await community.replies.say(tx, message, words);
  };
}
