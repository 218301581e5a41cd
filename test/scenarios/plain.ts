import { vi } from 'vitest';
import { type Actor, type Group, type Scenario, type ScenarioOptions, startScenario } from './kit.js';

// Days of virtual time cost real seconds where every write crosses a socket.
if (process.env.XINGLIN_TEST_DATABASE_URL) vi.setConfig({ testTimeout: 180_000 });

/** A scenario whose replies are read with half-width punctuation: these tests are about the words. */
export async function startPlain(options: ScenarioOptions = {}): Promise<Scenario> {
  const scenario = await startScenario(options);
  const plain = (words: string[]) => words.map((one) => one.normalize('NFKC'));
  return {
    ...scenario,
    person(name): Actor {
      const actor = scenario.person(name);
      return { ...actor, privateReplies: () => plain(actor.privateReplies()) };
    },
    group(name): Group {
      const group = scenario.group(name);
      return { ...group, replies: () => plain(group.replies()) };
    },
  };
}
