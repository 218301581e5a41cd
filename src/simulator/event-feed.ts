import type { SimEvent } from './wire.js';

export interface NumberedEvent {
  id: string;
  number: number;
  event: SimEvent;
}

const KEPT_MAX = 2_000;

/**
 * The newest events, numbered, so that a page whose connection broke goes on
 * where it stopped. Ids begin with the feed's own name: those of a feed before
 * a restart are recognised as foreign.
 */
export class EventFeed {
  readonly #name: string;
  readonly #kept: NumberedEvent[] = [];
  readonly #listeners = new Set<() => void>();
  #newest = 0;

  constructor(name: string) {
    this.#name = name;
  }

  get newest(): number {
    return this.#newest;
  }

  idOf(number: number): string {
    return `${this.#name}-${number}`;
  }

  add(event: SimEvent): void {
    this.#newest += 1;
    this.#kept.push({ id: this.idOf(this.#newest), number: this.#newest, event });
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    for (const listener of [...this.#listeners]) listener();
  }

  /** The place of an event id in this feed; undefined for one of another feed. */
  numberOf(id: string): number | undefined {
    const number = id.startsWith(`${this.#name}-`) ? Number(id.slice(this.#name.length + 1)) : Number.NaN;
    return Number.isInteger(number) && number >= 0 && number <= this.#newest ? number : undefined;
  }

  /** What came after, oldest first; undefined where something in between is no longer kept. */
  after(number: number): NumberedEvent[] | undefined {
    const oldest = this.#kept[0]?.number ?? this.#newest + 1;
    return number + 1 < oldest ? undefined : this.#kept.slice(number + 1 - oldest);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
