import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import { createSampleCommunity, findSampleCommunity, readCommunity } from '../../src/simulator/community.js';
import { SimulatedWechat } from '../../src/simulator/world.js';

const clock = new VirtualClock(Date.UTC(2026, 0, 1));

it('has two patients groups, a doctors and an admins group, with the bot in each', () => {
  const world = new SimulatedWechat({ clock });
  const { rooms, people } = createSampleCommunity(world);
  expect(rooms.map(({ room, kind, topics }) => [room.topic, kind, topics])).toEqual([
    ['糖友群', 'patients', ['糖尿病']],
    ['高血压群', 'patients', ['高血压']],
    ['医生群', 'doctors', []],
    ['管理群', 'admins', []],
  ]);
  expect(rooms.every(({ room }) => room.memberIds.includes(world.botId))).toBe(true);
  expect(people).toHaveLength(20);
  expect(people.filter(({ contact }) => !contact.friend).length).toBeGreaterThan(2);
});

it('marks everybody as simulated, and every doctor and admin also by name', () => {
  const { people } = createSampleCommunity(new SimulatedWechat({ clock }));
  for (const { contact } of people) {
    expect(contact.description).toMatch(/^模拟/);
    if (contact.role === 'doctor' || contact.role === 'admin') expect(contact.name).toMatch(/\(模拟\)$/);
  }
});

it('is the same community in every world, also after a restart', () => {
  const world = new SimulatedWechat({ clock });
  const made = createSampleCommunity(world);
  expect(createSampleCommunity(new SimulatedWechat({ clock }))).toEqual(made);
  expect(findSampleCommunity(SimulatedWechat.fromSnapshot({ clock }, world.toSnapshot()))).toEqual(made);
});

it('names the room of a member whom nobody knows', () => {
  const yaml = `
note: x
people: []
rooms: [{ topic: 空群, kind: patients, topics: [], owner: 谁, members: [], aliases: {} }]
`;
  expect(() => readCommunity(yaml)).toThrow('空群: nobody is called 谁');
});
