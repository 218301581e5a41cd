import { createApp } from '../../src/app.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { seededRandom } from '../../src/platform/ids.js';
import { createLog } from '../../src/platform/log.js';
import { createDoor } from '../../src/platform/puppet/index.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { SimulatedWechat, type WorldSnapshot } from '../../src/simulator/world.js';

const BOT_NAME = '小杏';
export const PEOPLE = 500;

export interface Community {
  world: WorldSnapshot;
  /** Simulated time at which it is ready. */
  readyAt: number;
  patientIds: string[];
  rooms: { patients: string; doctors: string; admins: string };
}

/**
 * A community of 500 in a group with a running campaign, set up by people who
 * talk: the database is left in `dataDir`, the simulated WeChat is returned.
 * Everybody has agreed that values are kept, so that a check-in counts at once.
 */
export async function foundCommunity(dataDir: string, startAt: number): Promise<Community> {
  const clock = new VirtualClock(startAt);
  const log = createLog('silent');
  const world = new SimulatedWechat({ clock, botName: BOT_NAME });
  const admin = world.addPerson({ name: '陈管理员', role: 'admin' });
  const doctor = world.addPerson({ name: '李医生', role: 'doctor' });
  const patientIds = Array.from(
    { length: PEOPLE },
    (_, i) => world.addPerson({ name: nameOf(i), friend: i % 3 !== 0 }).id,
  );
  const roomOf = (topic: string, memberIds: string[]) =>
    world.createRoom({ topic, memberIds: [admin.id, world.botId, ...memberIds] }).id;
  const rooms = {
    patients: roomOf('糖友群', patientIds),
    doctors: roomOf('医生群', [doctor.id]),
    admins: roomOf('管理群', []),
  };
  const app = await createApp({
    config: {
      ...readConfig({ XINGLIN_DATA_DIR: dataDir, XINGLIN_SETUP_CODE: '482913' }),
      synchronous: 'normal',
    },
    clock,
    log,
    random: seededRandom(7),
    door: createDoor({ clock, log, createPuppet: () => new SimulatorPuppet({ world, clock }), mode: 'in-process' }),
    version: 'crash-test',
  });
  clock.settle = () => app.quiet();
  await app.start();
  await clock.advance(1_000);

  const says = async (to: string, text: string, mentionIds: string[] = []) => {
    world.say(admin.id, to, { text, mentionIds });
    await clock.advance(1_000);
  };
  await says(world.botId, '绑定管理员 482913');
  await says(rooms.patients, '设为患者群 糖尿病', [world.botId]);
  await says(rooms.doctors, '设为医生群', [world.botId]);
  await says(rooms.admins, '设为管理群', [world.botId]);
  await says(rooms.patients, '开始打卡 糖友21天');
  for (const id of patientIds) world.say(id, rooms.patients, '同意记录');
  await clock.advance(1_000);
  await app.stop();
  return { world: world.toSnapshot(), readyAt: clock.now(), patientIds, rooms };
}

export function nameOf(index: number): string {
  return `病友${String(index).padStart(3, '0')}`;
}
