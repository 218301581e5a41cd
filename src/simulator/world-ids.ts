import type { SimulatedRole } from './world-types.js';

/** How the platform's ids look. Nothing outside may depend on it; the default is that of WeCom. */
export type IdShape = 'wecom' | 'padlocal';

type Counted = 'staff' | 'external' | 'room' | 'message' | 'friendship' | 'invitation';

export type IdCounters = Record<Counted, number>;

/** Ids by counting: the same script gets the same ids in every process. */
export class WorldIds {
  readonly #counters: IdCounters;
  readonly #seed: string;
  readonly #shape: IdShape;

  constructor(options: { seed: number; shape: IdShape; counters?: IdCounters }) {
    this.#seed = String(options.seed % 10_000).padStart(4, '0');
    this.#shape = options.shape;
    this.#counters = { staff: 0, external: 0, room: 0, message: 0, friendship: 0, invitation: 0, ...options.counters };
  }

  counters(): IdCounters {
    return { ...this.#counters };
  }

  contact(role: SimulatedRole): string {
    const staff = role === 'bot' || role === 'doctor' || role === 'admin';
    const number = this.#count(staff ? 'staff' : 'external', 8);
    if (this.#shape === 'padlocal') return `wxid_${staff ? 's' : 'e'}${number}`;
    return `${staff ? '1688' : '7881'}${number}`;
  }

  room(): string {
    const number = this.#count('room', 9);
    return this.#shape === 'padlocal' ? `${number}@chatroom` : `R:1069${number}`;
  }

  message(): string {
    return `1${this.#count('message', 10)}`;
  }

  friendship(): string {
    return `friendship-${this.#count('friendship', 6)}`;
  }

  invitation(): string {
    return `invitation-${this.#count('invitation', 6)}`;
  }

  #count(what: Counted, digits: number): string {
    this.#counters[what] += 1;
    return this.#seed + String(this.#counters[what]).padStart(digits, '0');
  }
}
