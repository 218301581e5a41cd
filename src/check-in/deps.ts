import type { ChatMessage, Community } from '../community/index.js';
import type { Item, ItemParser, ObservationStore, Plausibility } from '../observation/index.js';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import type { Points } from '../points/index.js';
import type { CheckIn } from './service.js';
import type { Template } from './templates.js';

/** A value that a doctor should hear of, though it could not be recorded. */
export interface UnclearValue {
  personId: string;
  roomId: string | undefined;
  messageId: string;
  reason: 'unclear-value';
}

export interface CheckInChatDeps {
  clock: Clock;
  community: Community;
  outbox: Outbox;
  jobs: Jobs;
  observations: ObservationStore;
  points: Points;
  checkIn: CheckIn;
  parser: ItemParser;
  plausibility: Plausibility;
  templates: readonly Template[];
  roomName(reader: Reader, roomId: string): Promise<string>;
  /** By the signed thresholds: emergency or urgent for an adult of whom nothing is known, or low enough for sugar. */
  isDangerous(item: Item): boolean;
  /** Nobody answered which reading was meant, and one of them is dangerous. */
  tellDoctors(tx: Transaction, value: UnclearValue): Promise<void>;
  /**
   * Triage of values that intake could not see: bare answers to a question, and the reading that was picked.
   * True when a card was sent, which is then the reply.
   */
  triageAnswer(tx: Transaction, message: ChatMessage, items: readonly Item[]): Promise<boolean>;
  /** A value was corrected: what it had raised is closed as corrected, and everyone who was told hears it. */
  onCorrected?(
    tx: Transaction,
    correction: { personId: string; originalMessageId: string; messageId: string },
  ): Promise<void>;
}
