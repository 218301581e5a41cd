import type { SimulatedMessage, SimulatedWechat } from './world.js';

/** A script line that cannot be played; the message has its number and the right form. */
export class ScriptError extends Error {
  override name = 'ScriptError';
  code = 'script';
}

export type ScriptStep = { kind: 'say'; who: string; where: string; text: string } | { kind: 'wait'; ms: number };

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a script: `名字 @ 群: 话` in a group, `名字 > 小杏: 话` in private,
 * `+30m` (s, m, h, d) moves the clock, `#` is a comment.
 *
 * @throws ScriptError
 */
export function parseScript(text: string): ScriptStep[] {
  const steps: ScriptStep[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const wait = /^\+(\d+)([smhd])$/.exec(line);
    const say = /^(\S+)\s*([@>])\s*(\S+?)\s*[:\uff1a]\s*(.+)$/.exec(line);
    if (wait) steps.push({ kind: 'wait', ms: Number(wait[1]) * UNITS_MS[wait[2]!]! });
    else if (say) steps.push({ kind: 'say', who: say[1]!, where: say[2] === '>' ? '' : say[3]!, text: say[4]! });
    else throw new ScriptError(`line ${i + 1} is not “名字 @ 群: 话”, “名字 > 小杏: 话” or “+30m”`);
  }
  return steps;
}

/** The person whose name is, or starts with, these words. @throws ScriptError */
export function findPerson(world: SimulatedWechat, name: string) {
  const people = world.listPeople();
  const found = people.find((p) => p.name === name) ?? people.find((p) => p.name.startsWith(name));
  if (!found) throw new ScriptError(`nobody is called “${name}”: ${people.map((p) => p.name).join(' ')}`);
  return found;
}

export function findRoomByName(world: SimulatedWechat, name: string) {
  const rooms = world.listRooms();
  const found = rooms.find((r) => r.topic === name) ?? rooms.find((r) => r.topic.includes(name));
  if (!found) throw new ScriptError(`no group is called “${name}”: ${rooms.map((r) => r.topic).join(' ')}`);
  return found;
}

/** Says `text` as this person, with `@name` of the bot or a member as a real mention. */
export function speak(world: SimulatedWechat, step: { personId: string; where: string; text: string }): void {
  const { botId } = world;
  if (step.where === '') {
    world.say(step.personId, botId, { text: step.text });
    return;
  }
  const room = world.room(step.where);
  const names = world
    .listMembers(room.id)
    .map((m) => ({ id: m.contactId, name: world.displayName(m.contactId, room.id) }));
  const mentioned = names.filter((m) => step.text.includes(`@${m.name}`));
  const text = mentioned.reduce((t, m) => t.replace(new RegExp(`@${escapeRegExp(m.name)}\\s*`), ''), step.text);
  world.say(step.personId, room.id, { text, mentionIds: mentioned.map((m) => m.id) });
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** One message as a transcript shows it. */
export function transcriptLine(world: SimulatedWechat, message: SimulatedMessage, timeZone: string): string {
  const time = new Intl.DateTimeFormat('zh-CN', {
    timeZone,
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(message.sentAt);
  const room = world.findRoom(message.conversationId);
  const from = world.displayName(message.talkerId, room?.id);
  const place = room ? room.topic : `私聊·${world.displayName(message.conversationId)}`;
  const { content } = message;
  const words = 'text' in content ? content.text : `[${content.kind}]`;
  return `${time} ${place} ${from}:${words.replaceAll('\u2005', ' ')}`;
}
