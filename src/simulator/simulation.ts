import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Clock, SystemClock, type Timer } from '../platform/clock.js';
import { createSampleCommunity } from './community.js';
import { Faults } from './faults.js';
import { SimulatorPuppet } from './simulator-puppet.js';
import { SimulatedWechat } from './world.js';

const SAVE_EVERY_MS = 3_000;

/** The simulated WeChat of a running program: the world, its faults, and a puppet for each attempt of the supervisor. */
export interface Simulation {
  world: SimulatedWechat;
  faults: Faults;
  createPuppet(): SimulatorPuppet;
  /** Writes the world to its file, so that a restart goes on where it stopped. */
  save(): void;
  close(): void;
}

export interface SimulationOptions {
  clock: Clock;
  seed?: number;
  botName: string;
  /** Where the world is kept between runs; none: it lives in memory. */
  file?: string;
}

/** The clock of a simulation: the computer's, moved on to where the saved world stopped, so that time never goes backwards. */
export function simulationClock(file: string): SystemClock {
  const savedAt = existsSync(file)
    ? Number((JSON.parse(readFileSync(file, 'utf8')) as { savedAt?: number }).savedAt ?? 0)
    : 0;
  const clock = new SystemClock();
  return new SystemClock(Math.max(0, savedAt - clock.now()));
}

export function createSimulation({ clock, seed = 1, botName, file }: SimulationOptions): Simulation {
  const faults = new Faults({ seed });
  const saved = file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined;
  const world =
    saved === undefined
      ? new SimulatedWechat({ clock, seed, botName })
      : SimulatedWechat.fromSnapshot({ clock, seed, botName }, saved);
  if (saved === undefined) createSampleCommunity(world);

  let changed = false;
  const unsubscribe = world.subscribe(() => {
    changed = true;
  });
  const save = () => {
    if (!file) return;
    writeFileSync(`${file}.new`, JSON.stringify(world.toSnapshot()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    changed = false;
  };
  const saveQuietly = () => {
    try {
      save();
    } catch {
      changed = true;
    }
  };
  const timer: Timer | undefined = file
    ? clock.every(SAVE_EVERY_MS, () => {
        // A full disk is told where it matters, by the database; the world is saved when there is room again.
        if (changed) saveQuietly();
      })
    : undefined;
  return {
    world,
    faults,
    createPuppet: () => new SimulatorPuppet({ world, clock, faults }),
    save,
    close() {
      timer?.cancel();
      unsubscribe();
      save();
    },
  };
}
