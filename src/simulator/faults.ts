import { z } from 'zod';
import { seededRandom } from '../platform/ids.js';
import type { SimulatedMessage } from './world-types.js';

const share = z.number().min(0).max(1);

/** What can go wrong between WeChat and the bot; settable while it runs. Shares are between 0 and 1. */
const faultSettingsSchema = z.object({
  /** Of the messages to the bot: never arrive. */
  lose: share,
  /** Arrive twice. */
  duplicate: share,
  /** Arrive late, between the two limits, so also after messages that were sent later. */
  delay: share,
  delayMinMs: z.number().int().min(0),
  delayMaxMs: z.number().int().min(0),
  /** The payload of a message, contact or room cannot be fetched. */
  missingPayload: share,
  /** The above apply only to what these contacts say; empty for everybody. */
  onlyFrom: z.array(z.string()),
  /** Of the bot's sends: refused, and not delivered. */
  failSend: share,
  /** Delivered, but the bot is told of an error. */
  failAfterSend: share,
  /** Delivered, but the bot never gets an answer. */
  hangSend: share,
  /** The provider gives no id for what was sent. */
  omitSentId: z.boolean(),
  /** More sends within 60 s are answered with 操作过于频繁; null for no limit. */
  sendsPerMinuteMax: z.number().int().min(0).nullable(),
  /** False: the provider hands on no mention ids, only the text. */
  mentionIds: z.boolean(),
  /** The bot is cut off: no messages, no heartbeat, every call fails. */
  offline: z.boolean(),
  /** What came while the bot was away is handed over at its return; else it is lost. */
  replay: z.boolean(),
});

export type FaultSettings = z.infer<typeof faultSettingsSchema>;

const NO_FAULTS: FaultSettings = {
  lose: 0,
  duplicate: 0,
  delay: 0,
  delayMinMs: 1_000,
  delayMaxMs: 10_000,
  missingPayload: 0,
  onlyFrom: [],
  failSend: 0,
  failAfterSend: 0,
  hangSend: 0,
  omitSentId: false,
  sendsPerMinuteMax: null,
  mentionIds: true,
  offline: false,
  replay: true,
};

/** Faults that can be ordered for the next occasion, whatever the shares say. */
export type OnceFault = 'lose' | 'duplicate' | 'delay' | 'missingPayload' | 'failSend' | 'failAfterSend' | 'hangSend';

/** How one message reaches the bot: after each of these delays; an empty list is a loss. */
export type Delivery = number[];

export type SendFate = 'sent' | 'rate-limited' | 'not-delivered' | 'error-after-delivery' | 'no-answer';

export type FaultEvent =
  | { kind: 'settings'; settings: FaultSettings }
  | { kind: 'kicked-out'; reason: string }
  | { kind: 'scanned' };

/**
 * The line between WeChat and the bot, with everything that goes wrong on it.
 *
 * It outlives the puppets, which a supervisor throws away and makes anew. The
 * same seed and script make the same faults.
 */
export class Faults {
  #settings: FaultSettings;
  #mustScan = false;
  readonly #random: () => number;
  readonly #ordered = new Map<OnceFault, number>();
  readonly #listeners = new Set<(event: FaultEvent) => void>();
  #sentAt: number[] = [];

  constructor({ seed = 1, settings = {} }: { seed?: number; settings?: Partial<FaultSettings> } = {}) {
    const bytes = seededRandom(seed);
    this.#random = () => Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32;
    this.#settings = faultSettingsSchema.parse({ ...NO_FAULTS, ...settings });
  }

  get settings(): Readonly<FaultSettings> {
    return this.#settings;
  }

  /** Changes some settings; a value that is none throws a ZodError. */
  set(change: Partial<FaultSettings>): void {
    this.#settings = faultSettingsSchema.parse({ ...this.#settings, ...change });
    this.#tell({ kind: 'settings', settings: this.#settings });
  }

  /** All is well again; faults that were ordered and did not happen yet are dropped. */
  clear(): void {
    this.#ordered.clear();
    this.set(NO_FAULTS);
  }

  /** The next `times` occasions have this fault. */
  once(fault: OnceFault, times = 1): void {
    this.#ordered.set(fault, (this.#ordered.get(fault) ?? 0) + times);
  }

  /** WeChat ends the bot's session. With `mustScan` only a scanned QR code lets it in again. */
  kickOut(reason: string, { mustScan = false } = {}): void {
    this.#mustScan = mustScan;
    this.#tell({ kind: 'kicked-out', reason });
  }

  get mustScan(): boolean {
    return this.#mustScan;
  }

  /** A human scans the bot's QR code. */
  scan(): void {
    this.#mustScan = false;
    this.#tell({ kind: 'scanned' });
  }

  subscribe(listener: (event: FaultEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** For the puppet: what becomes of one message to the bot. The bot's own always arrive. */
  decideDelivery(message: SimulatedMessage, botId: string): Delivery {
    if (!this.#concerns(message, botId)) return [0];
    if (this.#happens('lose')) return [];
    const delayMs = this.#happens('delay') ? this.#delayMs() : 0;
    return this.#happens('duplicate') ? [delayMs, delayMs] : [delayMs];
  }

  decideMissingPayload(talkerId?: string): boolean {
    const { onlyFrom } = this.#settings;
    if (talkerId !== undefined && onlyFrom.length > 0 && !onlyFrom.includes(talkerId)) return false;
    return this.#happens('missingPayload');
  }

  decideSend(now: number): SendFate {
    if (this.#tooMany(now)) return 'rate-limited';
    if (this.#happens('failSend')) return 'not-delivered';
    if (this.#settings.sendsPerMinuteMax !== null) this.#sentAt.push(now);
    if (this.#happens('failAfterSend')) return 'error-after-delivery';
    return this.#happens('hangSend') ? 'no-answer' : 'sent';
  }

  #concerns(message: SimulatedMessage, botId: string): boolean {
    const { onlyFrom } = this.#settings;
    if (message.talkerId === botId && message.content.kind !== 'system') return false;
    return onlyFrom.length === 0 || onlyFrom.includes(message.talkerId);
  }

  #happens(fault: OnceFault): boolean {
    const ordered = this.#ordered.get(fault) ?? 0;
    if (ordered > 0) {
      this.#ordered.set(fault, ordered - 1);
      return true;
    }
    const likelihood = this.#settings[fault];
    return likelihood > 0 && this.#random() < likelihood;
  }

  #delayMs(): number {
    const { delayMinMs, delayMaxMs } = this.#settings;
    return delayMinMs + Math.floor(this.#random() * Math.max(0, delayMaxMs - delayMinMs));
  }

  #tooMany(now: number): boolean {
    const max = this.#settings.sendsPerMinuteMax;
    if (max === null) return false;
    this.#sentAt = this.#sentAt.filter((at) => now - at < 60_000);
    return this.#sentAt.length >= max;
  }

  #tell(event: FaultEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
