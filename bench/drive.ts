import { performance } from 'node:perf_hooks';
import type { SimulatedMessage, SimulatedWechat } from '../src/simulator/world.js';
import type { Line } from './messages.js';

export interface Load {
  lines: Line[];
  /** Messages in all. */
  count: number;
  /** How many wait for their answer at a time. */
  window: number;
}

export interface Driven {
  messages: number;
  answers: number;
  ms: number;
  /** From what was said to its answer, as the other members see it. */
  latenciesMs: number[];
}

const STUCK_MS = 60_000;

/**
 * Lets the members of a room speak one after the other, always with `window`
 * questions open. A person asks nothing new before the answer to the last
 * question has come; whoever does not ask, chats and checks in beside it.
 */
export class Driver {
  readonly #world: SimulatedWechat;
  readonly #roomId: string;
  readonly #askers: string[];
  readonly #others: string[];
  /** Goes on from one load to the next, so that nobody says the same twice within a second. */
  #turn = 0;

  constructor(world: SimulatedWechat, roomId: string, people: string[]) {
    this.#world = world;
    this.#roomId = roomId;
    this.#askers = people.slice(people.length / 4);
    this.#others = people.slice(0, people.length / 4);
  }

  async run({ lines, count, window }: Load): Promise<Driven> {
    const waiting = new Map<string, { text: string; at: number }>();
    const latenciesMs: number[] = [];
    const startedAt = performance.now();
    let said = 0;
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });

    const say = (): void => {
      while (said < count && waiting.size < window) {
        const { line, personId } = this.#next(lines);
        said += 1;
        // Noted before it is said: in one process the bot hears it within the call.
        if (line.answered) waiting.set(personId, { text: line.text, at: performance.now() });
        this.#world.say(personId, this.#roomId, {
          text: line.text,
          mentionIds: line.answered ? [this.#world.botId] : [],
        });
      }
    };
    const take = (reply: SimulatedMessage): void => {
      const personId = answeredPerson(reply, waiting);
      const question = personId === undefined ? undefined : waiting.get(personId);
      if (personId === undefined || !question) return;
      waiting.delete(personId);
      latenciesMs.push(performance.now() - question.at);
      say();
      if (said === count && waiting.size === 0) finish();
    };
    const unsubscribe = this.#world.subscribe((event) => {
      if (event.kind === 'message' && event.message.origin === 'program') take(event.message);
    });
    const watch = watchProgress(() => latenciesMs.length);
    try {
      say();
      await Promise.race([finished, watch.stuck]);
    } finally {
      unsubscribe();
      watch.stop();
    }
    return { messages: said, answers: latenciesMs.length, ms: performance.now() - startedAt, latenciesMs };
  }

  #next(lines: Line[]): { line: Line; personId: string } {
    const turn = this.#turn;
    this.#turn += 1;
    // A step that has no factor in common with the number of lines would only matter if people were as many.
    const line = lines[(turn + Math.floor(turn / lines.length)) % lines.length] as Line;
    const people = line.answered ? this.#askers : this.#others;
    return { line, personId: people[turn % people.length] as string };
  }
}

/** By mention, as Xinglin answers; else by the words, as an echo does. */
function answeredPerson(
  { mentionIds, content }: SimulatedMessage,
  waiting: ReadonlyMap<string, { text: string }>,
): string | undefined {
  const [mentioned] = mentionIds;
  if (mentioned !== undefined) return mentioned;
  const words = 'text' in content ? content.text : '';
  for (const [personId, { text }] of waiting) if (words.endsWith(text)) return personId;
  return undefined;
}

function watchProgress(progress: () => number): { stuck: Promise<never>; stop(): void } {
  let last = -1;
  let stop = () => {};
  const stuck = new Promise<never>((_, reject) => {
    const timer = setInterval(() => {
      if (progress() === last) reject(new Error(`no answer for ${STUCK_MS / 1000} s, after ${last} answers`));
      last = progress();
    }, STUCK_MS);
    stop = () => clearInterval(timer);
  });
  stuck.catch(() => {});
  return { stuck, stop };
}
