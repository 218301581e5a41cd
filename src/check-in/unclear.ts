import { z } from 'zod';
import type { ChatMessage } from '../community/index.js';
import {
  type Doubt,
  type Item,
  itemKindSchema,
  itemSchema,
  type ObservationStore,
  valueText,
} from '../observation/index.js';
import type { Transaction } from '../platform/db/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import type { CheckInChatDeps } from './deps.js';
import { originSchema } from './questions.js';
import { type Origin, speaker } from './recording.js';
import { shown } from './shown.js';

const UNCLEAR_JOB = 'check-in-unclear';
const ANSWER_WITHIN_MS = 10 * 60_000;

export const PICK_QUESTION = 'check-in-pick';
export const RESEND_QUESTION = 'check-in-resend';

export const pickSchema = z.object({
  origin: originSchema,
  slot: z.string(),
  candidates: z.array(itemSchema),
  /** What was clear in the same message. */
  clear: z.array(itemSchema),
  /** What is asked about after this one. */
  next: z.array(z.object({ item: itemSchema, candidates: z.array(itemSchema) })),
});

export const resendSchema = z.object({ slot: z.string(), kind: itemKindSchema });

export interface UnclearValues {
  /** In a group, or of somebody whose values are not kept: no number is repeated, and it is sent again. */
  askAgain(tx: Transaction, message: ChatMessage, doubts: readonly Doubt[]): Promise<void>;
  /** In private: the readings it may mean, numbered; only the pick records. */
  offer(
    tx: Transaction,
    message: ChatMessage,
    what: { origin: Origin; doubts: readonly Pick<Doubt, 'item' | 'candidates'>[]; clear: readonly Item[] },
  ): Promise<void>;
  /** It was answered: nobody has to be told. */
  settled(tx: Transaction, slot: string): Promise<void>;
}

/** Values that are implausible or may mean two things: never guessed, never dropped (SAFETY 3.4). */
export function createUnclearValues(deps: CheckInChatDeps): UnclearValues {
  const { community, jobs, clock, isDangerous } = deps;
  const say = speaker(community);

  async function watch(
    tx: Transaction,
    message: ChatMessage,
    {
      slot,
      told,
      candidates,
    }: {
      slot: string;
      told: { messageId: string; sentAt: number };
      candidates: readonly Item[];
    },
  ): Promise<void> {
    if (!candidates.some(isDangerous)) return;
    const { personId, room } = message;
    const { messageId, sentAt: since } = told;
    await jobs.add(tx, {
      kind: UNCLEAR_JOB,
      slot,
      dueAt: Math.max(message.sentAt + ANSWER_WITHIN_MS, clock.now()),
      data: { personId, roomId: room?.id ?? null, messageId, since, itemKind: candidates[0]?.kind ?? 'glucose' },
    });
  }

  return {
    async askAgain(tx, message, doubts) {
      const [first] = doubts;
      if (!first) return;
      const slot = message.id;
      const candidates = doubts.flatMap((doubt) => doubt.candidates);
      const told = { messageId: message.id, sentAt: message.sentAt };
      await watch(tx, message, { slot, told, candidates });
      if (message.late) return;
      const { personId, place } = message;
      const data = { slot, kind: first.item.kind };
      await community.questions.open(tx, { personId, place, kind: RESEND_QUESTION, data });
      await say(tx, message, text.unclear(first.item.kind));
    },

    async offer(tx, message, { origin, doubts, clear }) {
      const [first, ...next] = doubts;
      if (!first) return;
      if (first.candidates.length === 0) return void (await say(tx, message, text.sendAgain(first.item.kind)));
      const slot = `${origin.messageId}:${doubts.length}`;
      await watch(tx, message, { slot, told: origin, candidates: first.candidates });
      if (message.late) return;
      const { personId, place } = message;
      const data = { origin, slot, candidates: first.candidates, clear, next };
      await community.questions.open(tx, { personId, place, kind: PICK_QUESTION, data });
      const choices = first.candidates.map((item) => ({ item: shown(item), original: converted(item, first.item) }));
      await say(tx, message, text.pick(first.item.kind, choices));
    },

    async settled(tx, slot) {
      await jobs.cancel(tx, { kind: UNCLEAR_JOB, slot });
    },
  };
}

/** `65 mg/dL` before the value it stands for, where a candidate was read in that unit. */
function converted(candidate: Item, written: Item): string | undefined {
  const digits = valueText(written);
  if (candidate.kind !== 'glucose' || typeof candidate.value !== 'number' || typeof written.value !== 'number') {
    return undefined;
  }
  const isMilligrams = Math.abs(candidate.value * 18 - written.value) < 1;
  return isMilligrams && written.value !== candidate.value ? `${Number(digits)} mg/dL` : undefined;
}

const jobSchema = z.object({
  personId: z.string(),
  roomId: z.string().nullable(),
  messageId: z.string(),
  since: z.number(),
  itemKind: itemKindSchema,
});

/** After ten minutes without an answer, or a clear value of that kind, a doctor is told. */
export function registerCheckInJobs(deps: {
  jobs: Jobs;
  observations: ObservationStore;
  tellDoctors: CheckInChatDeps['tellDoctors'];
}): void {
  deps.jobs.register(UNCLEAR_JOB, {
    missed: { kind: 'always' },
    async apply(tx, job) {
      const { personId, roomId, messageId, since, itemKind } = jobSchema.parse(job.data);
      const told = await deps.observations.listOfPerson(tx, personId);
      if (told.some((o) => o.kind === itemKind && o.measuredAt >= since && o.status !== 'entered-in-error')) return;
      const value = { personId, roomId: roomId ?? undefined, messageId, reason: 'unclear-value' as const };
      await deps.tellDoctors(tx, value);
    },
  });
}
