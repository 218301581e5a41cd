import { afterEach, expect, it } from 'vitest';
import type { Scenario } from './kit.js';
import { startPlain } from './plain.js';

const SECOND = 1_000;

let scenario: Scenario;
afterEach(() => scenario.stop());

it('at the pace of WeChat a friend request is accepted as a human would, within a minute and a half', async () => {
  scenario = await startPlain({ settings: { XINGLIN_PACE: 'wechat' } });
  const patient = scenario.person('孙师傅');
  scenario.simulation.world.requestFriendship(patient.id, '我是老孙');
  await scenario.passes(15 * SECOND);
  expect(patient.privateReplies()).toEqual([]);
  await scenario.passes(90 * SECOND);
  expect(patient.privateReplies()[0]).toContain('小杏');
});
