import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { createHttpServer, type HttpServer } from '../../src/http/server.js';
import type { StatusView } from '../../src/http/status.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { Faults } from '../../src/simulator/faults.js';
import { SimulatedWechat } from '../../src/simulator/world.js';

const START = Date.parse('2026-03-01T23:52:00Z');

/** The pages, built into a folder of their own, so that no stale build is tested. */
export async function buildPages(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'xinglin-pages-'));
  await build({
    root: 'web',
    configFile: 'web/vite.config.ts',
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
  return outDir;
}

/** A small community whose bot repeats what it is told. */
export async function startSample(webDir: string) {
  const clock = new VirtualClock(START);
  const wechat = new SimulatedWechat({ clock });
  const zhang = wechat.addPerson({ name: '张阿姨', description: '62岁，2型糖尿病，退休教师' });
  const zhou = wechat.addPerson({ name: '老周', description: '58岁，出租车司机' });
  const lin = wechat.addPerson({ name: '小林', role: 'family', description: '替妈妈进群', friend: false });
  const doctor = wechat.addPerson({ name: '李医生', role: 'doctor', description: '内分泌科' });
  const admin = wechat.addPerson({ name: '陈护士长', role: 'admin', description: '管群' });
  const patients = wechat.createRoom({
    topic: '糖友群',
    memberIds: [wechat.botId, zhang.id, zhou.id, lin.id, doctor.id, admin.id],
  });
  wechat.createRoom({ topic: '高血压群', memberIds: [wechat.botId, zhou.id, doctor.id] });
  const doctors = wechat.createRoom({ topic: '医生群', memberIds: [wechat.botId, doctor.id, admin.id] });
  wechat.say(zhou.id, patients.id, '早上好，今天公园的梅花开了');
  await clock.advance(8 * 60_000);
  wechat.say(zhang.id, patients.id, '拍张照片给我们看看呀');

  wechat.subscribe((event) => {
    if (event.kind !== 'message' || event.message.talkerId === wechat.botId) return;
    const { content, conversationId, talkerId } = event.message;
    if (content.kind !== 'text') return;
    setTimeout(() => wechat.sayByProgram(conversationId, `@${wechat.displayName(talkerId)} 收到：${content.body}`), 30);
  });

  const faults = new Faults();
  const status = async (): Promise<StatusView> => ({
    version: '0.1.0',
    botName: '小杏',
    puppet: 'simulator',
    channel: faults.settings.offline
      ? { kind: 'down', reason: 'the connection was cut', since: START }
      : { kind: 'online', since: START },
    knowledge: { served: 40, waiting: 40 },
    safetyFiles: [
      { file: 'triage/red-flags.yaml', version: '2026-03-01', signed: false },
      { file: 'triage/thresholds.yaml', version: '2026-03-01', signed: true },
    ],
    queues: { intake: 0, outbox: 2, jobs: 5 },
    lastBackupAt: null,
    setupNeeded: true,
    setupCode: '482913',
    model: false,
    startedAt: START,
    now: clock.now(),
    timeZone: 'Asia/Shanghai',
  });
  const jump = (ms: number) => clock.advance(ms);
  const serve = (port: number): HttpServer =>
    createHttpServer({
      host: '127.0.0.1',
      port,
      log: { error: () => {} },
      status,
      simulator: { wechat, clock, timeZone: 'Asia/Shanghai', jump, faults },
      webDir,
    });
  return { wechat, faults, clock, people: { zhang, zhou, lin, doctor, admin }, rooms: { patients, doctors }, serve };
}
