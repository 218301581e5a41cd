import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../platform/clock.js';
import { Faults } from './faults.js';
import { createSimulatorRoutes } from './http.js';
import type { SimEvent, SimMessage, SimOverview } from './wire.js';
import { SimulatedWechat } from './world.js';

const START = Date.parse('2026-03-01T02:00:00Z');

function build() {
  const clock = new VirtualClock(START);
  const wechat = new SimulatedWechat({ clock });
  const zhang = wechat.addPerson({ name: '张阿姨' });
  const stranger = wechat.addPerson({ name: '老周', friend: false });
  const room = wechat.createRoom({ topic: '糖友群', memberIds: [wechat.botId, zhang.id] });
  const faults = new Faults();
  const jump = (ms: number) => clock.advance(ms);
  const app = createSimulatorRoutes({ wechat, clock, timeZone: 'Asia/Shanghai', jump, faults });
  const post = (path: string, body: unknown) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const overview = async () => (await (await app.request('/overview')).json()) as SimOverview;
  return { clock, wechat, zhang, stranger, room, faults, app, post, overview };
}

let world: ReturnType<typeof build>;
beforeEach(() => {
  world = build();
});

async function historyOf(conversationId: string, as: string): Promise<SimMessage[]> {
  const answer = await world.app.request(`/conversations/${encodeURIComponent(conversationId)}/messages?as=${as}`);
  return ((await answer.json()) as { messages: SimMessage[] }).messages;
}

describe('speaking', () => {
  it('says, mentions, quotes and recalls as on a phone', async () => {
    const { zhang, room, wechat, post } = world;
    const path = `/conversations/${room.id}/messages`;
    const said = await post(path, { as: zhang.id, text: '糖尿病能吃西瓜吗', mentionIds: [wechat.botId] });
    expect(said.status).toBe(201);
    const { message } = (await said.json()) as { message: SimMessage };
    expect(message.text).toBe('@小杏\u2005糖尿病能吃西瓜吗');
    await post(path, { as: zhang.id, text: '就是这个', quoteOf: message.messageId });
    await post(`/messages/${message.messageId}/recall`, { as: zhang.id });

    expect(await historyOf(room.id, zhang.id)).toMatchObject([
      { text: message.text, recalled: true },
      { text: '就是这个', quoted: { name: '张阿姨', text: message.text } },
      { kind: 'notice', recallOf: message.messageId, text: '"张阿姨" 撤回了一条消息' },
    ]);
  });

  it('sends pictures and voices', async () => {
    const { zhang, post, app } = world;
    const pixel = 'R0lGODlhAQABAAAAACw=';
    const sent = await post(`/conversations/${zhang.id}/pictures`, {
      as: zhang.id,
      name: 'a.gif',
      mediaType: 'image/gif',
      base64: pixel,
    });
    const { message } = (await sent.json()) as { message: SimMessage };
    const file = await app.request((message.fileUrl ?? '').replace('/api/sim', ''));
    expect(file.headers.get('content-type')).toBe('image/gif');
    expect(Buffer.from(await file.arrayBuffer()).toString('base64')).toBe(pixel);
    await post(`/conversations/${zhang.id}/voices`, { as: zhang.id, seconds: 7 });
    expect((await historyOf(zhang.id, zhang.id)).at(-1)).toMatchObject({ kind: 'voice', voiceSeconds: 7 });
  });

  it('shows what the bot sends as a file as a download, never as a page', async () => {
    const { zhang, wechat, app } = world;
    const base64 = Buffer.from('<script>1</script>').toString('base64');
    const sent = wechat.sendFile(wechat.botId, zhang.id, { name: '数据.html', mediaType: 'text/html', base64 });
    const file = await app.request(`/files/${sent.id}`);
    expect(file.headers.get('content-type')).toBe('application/octet-stream');
    expect(file.headers.get('content-disposition')).toContain('attachment');
  });

  it('joins, leaves and asks for friendship', async () => {
    const { stranger, room, wechat, post, overview } = world;
    await post(`/rooms/${room.id}/join`, { as: stranger.id });
    expect((await overview()).rooms[0]?.memberIds).toContain(stranger.id);
    await post(`/rooms/${room.id}/leave`, { as: stranger.id });
    expect((await overview()).rooms[0]?.memberIds).not.toContain(stranger.id);
    await post('/friend-requests', { as: stranger.id, hello: '我是老周' });
    expect(wechat.listOpenFriendships()).toMatchObject([{ contactId: stranger.id, hello: '我是老周' }]);
  });
});

describe('what it refuses, in words', () => {
  it.each([
    ['no JSON', '/conversations/ROOM/messages', '{', 400, '内容不是有效的 JSON'],
    ['an empty message', '/conversations/ROOM/messages', { as: 'ZHANG', text: ' \n' }, 400, '消息不能是空的'],
    [
      'a long message',
      '/conversations/ROOM/messages',
      { as: 'ZHANG', text: '长'.repeat(2001) },
      400,
      '一条消息最多 2000 字',
    ],
    ['an unknown field', '/conversations/ROOM/messages', { as: 'ZHANG', text: '好', x: 1 }, 400, '请求里的“内容”不对'],
    ['a room of others', '/conversations/ROOM/messages', { as: 'STRANGER', text: '好' }, 409, '您不在这个群里'],
    [
      'a chat without friendship',
      '/conversations/STRANGER/messages',
      { as: 'STRANGER', text: '好' },
      409,
      '对方还不是您的好友，请先添加好友',
    ],
    ['nobody', '/conversations/ROOM/messages', { as: 'nobody', text: '好' }, 404, '没有这个人'],
    [
      'a picture that is a page',
      '/conversations/ROOM/pictures',
      { as: 'ZHANG', name: 'a', mediaType: 'image/svg+xml', base64: 'AA==' },
      400,
      '只能发 PNG、JPEG、GIF 或 WebP 图片',
    ],
    ['an unknown recall', '/messages/none/recall', { as: 'ZHANG' }, 409, '这条消息已经不在了'],
    ['time going backwards', '/clock', { jumpMs: -1 }, 400, '请求里的“jumpMs”不对'],
    ['a share above one', '/faults', { lose: 2 }, 400, '请求里的“lose”不对'],
  ])('%s', async (_, path, body, status, message) => {
    const named = (text: string) =>
      text
        .replaceAll('ROOM', world.room.id)
        .replaceAll('ZHANG', world.zhang.id)
        .replaceAll('STRANGER', world.stranger.id);
    const sent = typeof body === 'string' ? body : named(JSON.stringify(body));
    const answer = await world.post(named(path), sent);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { message } });
  });

  it('shows nobody the chats of others', async () => {
    const answer = await world.app.request(`/conversations/${world.zhang.id}/messages?as=${world.stranger.id}`);
    expect(answer.status).toBe(404);
  });
});

describe('the simulator panel', () => {
  it('jumps to the next morning', async () => {
    const answer = await world.post('/clock', { to: 'next-morning' });
    expect(await answer.json()).toEqual({
      time: { now: Date.parse('2026-03-02T00:00:00Z'), timeZone: 'Asia/Shanghai' },
    });
  });

  it('changes one fault and leaves the others', async () => {
    world.faults.set({ duplicate: 0.5 });
    await world.post('/faults', { lose: 0.3 });
    expect((await world.overview()).faults).toMatchObject({ lose: 0.3, duplicate: 0.5, offline: false });
  });
});

describe('live events', () => {
  /** `opened` is called when the stream has said hello: from then on it misses nothing. */
  async function readEvents(response: Response, count: number, opened = () => {}) {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const found: { id: string; event: SimEvent }[] = [];
    let text = '';
    let isOpen = false;
    while (reader && found.length < count) {
      const { value, done } = await reader.read();
      if (done) break;
      if (!isOpen) opened();
      isOpen = true;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        const id = /^id: (.*)$/m.exec(block)?.[1] ?? '';
        if (data !== undefined) found.push({ id, event: JSON.parse(data) });
      }
    }
    await reader?.cancel();
    return found;
  }

  it('tells what happens, and after a break only what is new', async () => {
    const { wechat, zhang, room, app, overview } = world;
    const { eventId } = await overview();
    wechat.say(zhang.id, room.id, '早');
    wechat.sayByProgram(room.id, '早上好');
    const all = await readEvents(await app.request(`/events?after=${eventId}`), 2);
    expect(all.map(({ event }) => event.type === 'message' && event.message.text)).toEqual(['早', '早上好']);

    const resumed = await app.request('/events', { headers: { 'last-event-id': all[0]?.id ?? '' } });
    expect(await readEvents(resumed, 1)).toEqual([all[1]]);
  });

  it('wakes an open stream', async () => {
    const stream = await world.app.request('/events');
    const events = await readEvents(stream, 2, () => {
      world.wechat.say(world.zhang.id, world.room.id, '一');
      world.faults.set({ offline: true });
    });
    expect(events.map(({ event }) => event.type)).toEqual(['message', 'faults']);
  });

  it('asks a page of the time before a restart to read everything again', async () => {
    const stream = await world.app.request('/events?after=older-17');
    expect((await readEvents(stream, 1)).map(({ event }) => event)).toEqual([{ type: 'reload' }]);
  });
});
