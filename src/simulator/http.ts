import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Clock } from '../platform/clock.js';
import { msToNextMorning, msToNextWeek } from './clock-jump.js';
import { EventFeed } from './event-feed.js';
import type { Faults } from './faults.js';
import { viewFaults, viewMessage, viewPerson, viewRoom } from './page-view.js';
import type { SimOverview, SimTime } from './wire.js';
import { type RecallOutcome, type SimulatedWechat, type WechatRefusal, WechatRefusedError } from './world.js';

export interface SimulatorRoutesDeps {
  wechat: SimulatedWechat;
  clock: Clock;
  timeZone: string;
  /** Moves the product's clock forward; what comes due on the way is carried out. */
  jump: (ms: number) => void | Promise<void>;
  faults: Faults;
}

const PICTURE_BYTES_MAX = 3_000_000;
const TEXT_LENGTH_MAX = 2_000;
const YEAR_MS = 366 * 24 * 3_600_000;
const HEARTBEAT_MS = 15_000;

const contactId = z.string().min(1).max(200);
const share = z.number().min(0).max(1);

const sayBody = z.strictObject({
  as: contactId,
  text: z
    .string()
    .max(TEXT_LENGTH_MAX, `一条消息最多 ${TEXT_LENGTH_MAX} 字`)
    .refine((text) => text.trim() !== '', '消息不能是空的'),
  mentionIds: z.array(contactId).max(50).default([]),
  quoteOf: z.string().min(1).max(200).optional(),
});
const pictureBody = z.strictObject({
  as: contactId,
  name: z.string().min(1).max(200),
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp'], '只能发 PNG、JPEG、GIF 或 WebP 图片'),
  base64: z.base64('图片内容不对').max(Math.ceil((PICTURE_BYTES_MAX * 4) / 3) + 4, '图片请不超过 3 MB'),
});
const voiceBody = z.strictObject({
  as: contactId,
  seconds: z.number().int().min(1, '语音至少 1 秒').max(60, '语音最长 60 秒'),
});
const asBody = z.strictObject({ as: contactId });
const friendBody = z.strictObject({ as: contactId, hello: z.string().max(100, '验证消息最多 100 字').default('') });
const faultsBody = z
  .strictObject({ lose: share, duplicate: share, delay: share, failSend: share, offline: z.boolean() })
  .partial();
const clockBody = z.union([
  z.strictObject({ jumpMs: z.number().int().min(1).max(YEAR_MS) }),
  z.strictObject({ to: z.enum(['next-morning', 'plus-week']) }),
]);
const historyQuery = z.object({
  as: contactId,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().positive().optional(),
});

/** The simulated WeChat over HTTP, for the page `/sim`. Whoever reaches it speaks as anybody: keep it on loopback. */
export function createSimulatorRoutes(deps: SimulatorRoutesDeps): Hono {
  const { wechat, clock, timeZone, faults } = deps;
  const feed = feedOf(deps);
  const app = new Hono();
  app.onError((error, c) => {
    const known = error instanceof WechatRefusedError ? refusalAnswer(error) : error;
    if (!(known instanceof HTTPException)) throw known;
    return c.json({ error: { code: String(known.cause), message: known.message } }, known.status);
  });

  app.get('/overview', (c) => c.json(overview(deps, feed)));
  app.get('/events', (c) => streamEvents(c, feed, clock));

  app.get('/conversations/:id/messages', (c) => {
    const query = readQuery(c);
    const conversationId = c.req.param('id');
    if (!wechat.canSee(query.as, conversationId)) throw problem(404, 'unknown-conversation', '看不到这个聊天');
    return c.json({ messages: wechat.history(conversationId, query.limit, query.before).map(viewMessage) });
  });
  app.post('/conversations/:id/messages', async (c) => {
    const { as, text, mentionIds, quoteOf } = await readBody(c, sayBody);
    const said = wechat.say(as, c.req.param('id'), { text, mentionIds, ...(quoteOf !== undefined && { quoteOf }) });
    return c.json({ message: viewMessage(said) }, 201);
  });
  app.post('/conversations/:id/pictures', async (c) => {
    const { as, ...file } = await readBody(c, pictureBody);
    return c.json({ message: viewMessage(wechat.sendPicture(as, c.req.param('id'), file)) }, 201);
  });
  app.post('/conversations/:id/voices', async (c) => {
    const { as, seconds } = await readBody(c, voiceBody);
    const said = wechat.sendVoice(as, c.req.param('id'), { ...SILENT_VOICE, durationSeconds: seconds });
    return c.json({ message: viewMessage(said) }, 201);
  });
  app.post('/messages/:id/recall', async (c) => {
    const { as } = await readBody(c, asBody);
    const outcome = wechat.recall(c.req.param('id'), as);
    if (outcome.kind !== 'recalled') throw problem(409, outcome.kind, RECALL_WORDS[outcome.kind]);
    return c.json({ message: viewMessage(outcome.notice) });
  });
  app.get('/files/:messageId', (c) => sendFile(c, wechat, c.req.param('messageId')));

  app.post('/rooms/:id/join', async (c) => {
    const { as } = await readBody(c, asBody);
    const room = wechat.room(c.req.param('id'));
    if (room.memberIds.includes(as)) throw problem(409, 'already-exists', '已经在这个群里了');
    wechat.join(room.id, [as], { by: 'qr-code', inviterId: room.ownerId });
    return c.json({ room: viewRoom(room) });
  });
  app.post('/rooms/:id/leave', async (c) => {
    const { as } = await readBody(c, asBody);
    wechat.leave(c.req.param('id'), as);
    return c.json({});
  });
  app.post('/friend-requests', async (c) => {
    const { as, hello } = await readBody(c, friendBody);
    wechat.requestFriendship(as, hello);
    return c.json({}, 201);
  });

  app.post('/faults', async (c) => {
    const { lose, duplicate, delay, failSend, offline } = await readBody(c, faultsBody);
    const now = faults.settings;
    faults.set({
      lose: lose ?? now.lose,
      duplicate: duplicate ?? now.duplicate,
      delay: delay ?? now.delay,
      failSend: failSend ?? now.failSend,
      offline: offline ?? now.offline,
    });
    return c.json({ faults: viewFaults(faults.settings) });
  });
  app.post('/clock', async (c) => {
    const jump = await readBody(c, clockBody);
    await deps.jump(jumpLength(jump, wechat.now(), timeZone));
    const time = timeOf(deps);
    feed.add({ type: 'time', time });
    return c.json({ time });
  });
  return app;
}

function overview(deps: SimulatorRoutesDeps, feed: EventFeed): SimOverview {
  const { wechat } = deps;
  const conversationIds = [...wechat.listRooms(), ...wechat.listPeople()].map(({ id }) => id);
  return {
    botId: wechat.botId,
    people: wechat.listContacts().map(viewPerson),
    rooms: wechat.listRooms().map(viewRoom),
    latest: conversationIds.flatMap((id) => wechat.history(id, 1)).map(viewMessage),
    faults: viewFaults(deps.faults.settings),
    time: timeOf(deps),
    eventId: feed.idOf(feed.newest),
  };
}

function timeOf({ wechat, timeZone }: SimulatorRoutesDeps): SimTime {
  return { now: wechat.now(), timeZone };
}

/** Everything a page must hear of, for as long as the process lives. */
function feedOf(deps: SimulatorRoutesDeps): EventFeed {
  const feed = new EventFeed(deps.clock.now().toString(36));
  deps.wechat.subscribe((event) => {
    if (event.kind === 'message') {
      feed.add({ type: 'message', message: viewMessage(event.message), time: timeOf(deps) });
    } else if (event.kind !== 'recalled') {
      feed.add({ type: 'community' });
    }
  });
  deps.faults.subscribe((event) => {
    if (event.kind === 'settings') feed.add({ type: 'faults', faults: viewFaults(event.settings) });
  });
  return feed;
}

/** Goes on after `Last-Event-ID` (the browser's own retry) or `?after=` (the page's). */
function streamEvents(c: Context, feed: EventFeed, clock: Clock): Response {
  const start = c.req.header('last-event-id') ?? c.req.query('after');
  let position = start === undefined ? feed.newest : feed.numberOf(start);
  return streamSSE(c, async (stream) => {
    let wake = () => {};
    const unsubscribe = feed.subscribe(() => wake());
    const heartbeat = clock.every(HEARTBEAT_MS, () => void stream.write(': still here\n\n'));
    stream.onAbort(() => wake());
    await stream.write(': hello\n\n');
    while (!stream.aborted) {
      const pending = position === undefined ? undefined : feed.after(position);
      if (pending === undefined) {
        position = feed.newest;
        await stream.writeSSE({ id: feed.idOf(position), data: JSON.stringify({ type: 'reload' }) });
      } else if (pending.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      for (const { id, number, event } of pending ?? []) {
        await stream.writeSSE({ id, data: JSON.stringify(event) });
        position = number;
      }
    }
    heartbeat.cancel();
    unsubscribe();
  });
}

function sendFile(c: Context, wechat: SimulatedWechat, messageId: string): Response {
  const file = wechat.findFile(messageId);
  if (!file || wechat.findMessage(messageId)?.recalled) throw problem(404, 'unknown-file', '文件已经不在了');
  const shown = /^image\/(png|jpeg|gif|webp)$/.test(file.mediaType);
  return c.body(Buffer.from(file.base64, 'base64'), 200, {
    'content-type': shown ? file.mediaType : 'application/octet-stream',
    'cache-control': 'private, no-store',
    ...(!shown && { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}` }),
  });
}

function jumpLength(jump: z.infer<typeof clockBody>, now: number, timeZone: string): number {
  if ('jumpMs' in jump) return jump.jumpMs;
  return jump.to === 'next-morning' ? msToNextMorning(now, timeZone) : msToNextWeek(now, timeZone);
}

/** The header of a SILK file, which is what WeChat's voices are. */
const SILENT_VOICE = { name: 'voice.sil', mediaType: 'audio/silk', base64: 'AiMhU0lMS19WMw==' };

const RECALL_WORDS: Record<Exclude<RecallOutcome['kind'], 'recalled'>, string> = {
  'too-late': '超过 2 分钟的消息不能撤回',
  'not-yours': '只能撤回自己的消息',
  'unknown-message': '这条消息已经不在了',
};

const REFUSAL_WORDS: Record<WechatRefusal, string> = {
  'not-a-friend': '对方还不是您的好友，请先添加好友',
  'not-a-member': '您不在这个群里',
  'unknown-contact': '没有这个人',
  'unknown-conversation': '没有这个聊天',
  'unknown-room': '没有这个群',
  'unknown-message': '这条消息已经不在了',
  'unknown-friendship': '没有这个好友申请',
  'unknown-invitation': '没有这个邀请',
  'already-exists': '已经是好友了',
  'empty-message': '消息不能是空的',
};

function refusalAnswer(refusal: WechatRefusedError): HTTPException {
  const status = refusal.code.startsWith('unknown-') ? 404 : 409;
  return problem(status, refusal.code, REFUSAL_WORDS[refusal.code]);
}

async function readBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  const body: unknown = await c.req.json().catch(() => {
    throw problem(400, 'bad-json', '内容不是有效的 JSON');
  });
  return checked(schema, body);
}

function readQuery(c: Context): z.infer<typeof historyQuery> {
  return checked(historyQuery, c.req.query());
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const field = issue?.path.join('.');
  const hasChineseWords = /\p{Script=Han}/u.test(issue?.message ?? '');
  throw problem(400, 'bad-request', hasChineseWords ? (issue?.message ?? '') : `请求里的“${field || '内容'}”不对`);
}

function problem(status: ContentfulStatusCode, code: string, message: string): HTTPException {
  return new HTTPException(status, { message, cause: code });
}
