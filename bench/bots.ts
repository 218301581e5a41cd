import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WechatyBuilder } from 'wechaty';
import type { Puppet } from 'wechaty-puppet';
import { PuppetService } from 'wechaty-puppet-service';
import { type App, createApp } from '../src/app.js';
import { SystemClock } from '../src/platform/clock.js';
import { readConfig } from '../src/platform/config.js';
import { keepHeapSmall } from '../src/platform/heap.js';
import { secureRandom } from '../src/platform/ids.js';
import { createLog } from '../src/platform/log.js';
import { createDoor, createServicePuppet } from '../src/platform/puppet/index.js';

export const SYNCHRONOUS = ['full', 'normal'] as const;
export type Synchronous = (typeof SYNCHRONOUS)[number];

/** Where a bot finds its account: a puppet in this process, or a gateway. */
export type Line =
  | { kind: 'in-process'; createPuppet: () => Puppet }
  | { kind: 'grpc'; endpoint: string; token: string };

export interface RunningBot {
  stop(): Promise<void>;
}

/** As few lines of Wechaty as answer a message: every one, or in a mix those that mention the bot. */
export async function startEcho(line: Line, { onlyMentioned }: { onlyMentioned: boolean }): Promise<RunningBot> {
  const puppet =
    line.kind === 'in-process'
      ? line.createPuppet()
      : new PuppetService({ endpoint: line.endpoint, token: line.token, tls: { disable: true } });
  const bot = WechatyBuilder.build({ puppet });
  bot.on('message', async (message) => {
    if (message.self() || (onlyMentioned && !(await message.mentionSelf()))) return;
    await message.say(message.text());
  });
  bot.on('error', (error) => {
    process.stderr.write(`echo bot: ${error.message}\n`);
  });
  const loggedIn = new Promise<void>((resolve) => {
    bot.once('login', () => resolve());
  });
  await bot.start();
  await loggedIn;
  return { stop: () => bot.stop() };
}

/** The whole program with a fresh database file, with one patients' room set up and everybody's consent given. */
export async function startXinglin(
  line: Line,
  { synchronous, roomId, people }: { synchronous: Synchronous; roomId: string; people: string[] },
): Promise<RunningBot> {
  keepHeapSmall();
  const dataDir = mkdtempSync(join(process.env.XINGLIN_BENCH_DIR ?? tmpdir(), 'xinglin-bench-'));
  const config = {
    ...readConfig({
      XINGLIN_DATA_DIR: dataDir,
      XINGLIN_SETUP_CODE: '482913',
      // Also over gRPC: unsigned sample entries are served to simulated people only.
      XINGLIN_PUPPET: 'simulator',
      XINGLIN_PACE: 'off',
    }),
    synchronous,
  };
  const clock = new SystemClock();
  const log = createLog('error');
  const createPuppet =
    line.kind === 'in-process'
      ? line.createPuppet
      : () => createServicePuppet({ endpoint: line.endpoint, token: line.token, tls: { disable: true } });
  let ready: () => void = () => {};
  const setUp = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const app = await createApp({
    config,
    clock,
    log,
    random: secureRandom,
    version: 'bench',
    door: createDoor({ clock, log, createPuppet, mode: line.kind === 'grpc' ? 'service' : 'in-process' }),
    async onFirstLogin(app, account) {
      await setUpRoom(app, account, { roomId, people });
      ready();
    },
  });
  await app.start();
  await setUp;
  await app.quiet();
  return {
    async stop() {
      await app.stop({ flushMs: 1_000 });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function setUpRoom(
  { db, community, clock, ids, startCampaign }: App,
  account: Parameters<App['community']['arrivals']['room']>[1],
  { roomId: externalRoomId, people }: { roomId: string; people: string[] },
): Promise<void> {
  await db.inTransaction(async (tx) => {
    const communityId = await community.firstCommunityId(tx);
    const { roomId } = await community.arrivals.room(tx, account, externalRoomId);
    await tx
      .updateTable('room')
      .set({
        kind: 'patients',
        topics: JSON.stringify(['t2dm']),
        community_id: communityId,
        introduced_at: clock.now(),
      })
      .where('id', '=', roomId)
      .execute();
    const consents = [];
    for (const contactId of people) {
      const { personId } = await community.arrivals.person(tx, account, contactId);
      consents.push({
        id: ids.next(),
        person_id: personId,
        purpose: 'values',
        decision: 'granted',
        version: 'bench',
        wording_hash: '',
        created_at: clock.now(),
      });
    }
    await tx.insertInto('consent').values(consents).execute();
    const room = await community.findRoom(tx, roomId);
    const [first] = consents;
    if (room && first) await startCampaign(tx, { templateId: 'tang-you-21', room, communityId, by: first.person_id });
  });
}
