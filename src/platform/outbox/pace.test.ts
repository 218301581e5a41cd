import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace, newAccountPace, noPace, type PacedSend, wechatPace } from './pace.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Send extends PacedSend {
  at: number;
}

/** Sends everything as early as the pace lets it, after the pauses given. */
function play(wishes: (PacedSend & { pauseMs: number })[], jitter: number, limits = wechatPace): Send[] {
  const pace = createPace(limits, () => jitter);
  const sends: Send[] = [];
  let now = 0;
  for (const { pauseMs, ...send } of wishes) {
    now += pauseMs;
    // Like the sender: looks again at the instant it was told, until that is now.
    for (let at = pace.earliest(send, now); at > now; at = pace.earliest(send, now)) now = at;
    pace.sent(send, now);
    sends.push({ ...send, at: now });
  }
  return sends;
}

/** The most of these within any `windowMs`. */
function mostWithin(sends: readonly Send[], windowMs: number): number {
  return Math.max(0, ...sends.map((last) => sends.filter((s) => s.at > last.at - windowMs && s.at <= last.at).length));
}

function smallestGap(sends: readonly Send[]): number {
  return Math.min(...sends.slice(1).map((send, i) => send.at - (sends[i]?.at ?? 0)));
}

const wish = fc.record({
  conversation: fc.constantFrom('room:a', 'room:b', 'room:c', 'person:p', 'person:q', 'person:r'),
  kind: fc.constantFrom('answer', 'notice', 'broadcast', 'relay'),
  file: fc.boolean(),
  pauseMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 20_000 })),
}) as fc.Arbitrary<PacedSend & { pauseMs: number }>;

describe('the pace of a real account', () => {
  it('is never exceeded in any window, whatever is asked', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 120 }), fc.double({ min: 0, max: 1, noNaN: true }), (wishes, jitter) => {
        const sends = play(wishes, jitter);
        expect(mostWithin(sends, MINUTE)).toBeLessThanOrEqual(15);
        for (const windowMs of [3_000, 6_000, 10_000, 30_000]) {
          expect(mostWithin(sends, windowMs)).toBeLessThanOrEqual(3 + Math.ceil(windowMs / 3_000));
        }
        for (const conversation of new Set(sends.map((s) => s.conversation))) {
          const same = sends.filter((s) => s.conversation === conversation);
          const isRoom = conversation.startsWith('room:');
          expect(mostWithin(same, MINUTE)).toBeLessThanOrEqual(isRoom ? 6 : 4);
          expect(smallestGap(same)).toBeGreaterThanOrEqual(isRoom ? 4_000 : 2_000);
        }
        expect(smallestGap(sends.filter((s) => s.file))).toBeGreaterThanOrEqual(10_000);
      }),
      { numRuns: 60 },
    );
  });

  it('of a new account is a quarter of it, also when the platform asks to slow down', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const sends = play(wishes, 0, newAccountPace);
        expect(mostWithin(sends, MINUTE)).toBeLessThanOrEqual(3);
        expect(mostWithin(sends, DAY)).toBeLessThanOrEqual(150);
        for (const conversation of new Set(sends.map((s) => s.conversation))) {
          const same = sends.filter((s) => s.conversation === conversation);
          expect(mostWithin(same, MINUTE)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
    const pace = createPace(newAccountPace, () => 0);
    const answer = { conversation: 'room:a', kind: 'answer', file: false } as const;
    pace.slowDown(0);
    pace.sent(answer, 0);
    expect(pace.earliest(answer, 1)).toBe(MINUTE);
  });

  it('is at most 600 a day', () => {
    const wishes = Array.from({ length: 1_500 }, (_, i) => ({
      conversation: `room:${i % 50}`,
      kind: 'answer' as const,
      file: false,
      pauseMs: 60_000,
    }));
    const sends = play(wishes, 0);
    expect(mostWithin(sends, DAY)).toBe(600);
  });

  it('lets three go at once after a pause, and then one every 3 s and a bit', () => {
    const wishes = Array.from({ length: 6 }, (_, i) => ({
      conversation: `person:${i}`,
      kind: 'answer' as const,
      file: false,
      pauseMs: 0,
    }));
    expect(play(wishes, 0.5).map((s) => s.at)).toEqual([0, 0, 0, 4_000, 8_000, 12_000]);
  });

  it.each(['emergency', 'alert'] as const)('never holds up an %s, but lets the rest wait for it', (kind) => {
    const pace = createPace(wechatPace, () => 0);
    for (let i = 0; i < 15; i += 1) pace.sent({ conversation: 'room:a', kind: 'answer', file: false }, i);
    const card = { conversation: 'room:a', kind, file: false } as const;
    expect(pace.earliest({ ...card, kind: 'answer' }, 20)).toBeGreaterThan(20);
    pace.slowDown(20);
    for (let i = 0; i < 200; i += 1) {
      expect(pace.earliest(card, 20)).toBe(20);
      pace.sent(card, 20);
    }
    expect(pace.earliest({ ...card, kind: 'answer' }, MINUTE)).toBeGreaterThan(MINUTE);
  });

  it('is halved for an hour when the platform asks, and broadcasts stop', () => {
    const pace = createPace(wechatPace, () => 0);
    pace.slowDown(0);
    const broadcast = { conversation: 'room:a', kind: 'broadcast', file: false } as const;
    expect(pace.earliest(broadcast, 1)).toBe(HOUR);
    const times: number[] = [];
    for (let now = 0; now < 5 * MINUTE; ) {
      const send = { conversation: `room:${times.length}`, kind: 'answer', file: false } as const;
      const at = pace.earliest(send, now);
      if (at <= now) {
        pace.sent(send, now);
        times.push(now);
      }
      now = Math.max(now, at);
    }
    expect(times.filter((at) => at < MINUTE).length).toBeLessThanOrEqual(7);
    expect(pace.earliest(broadcast, HOUR)).toBeLessThanOrEqual(HOUR);
  });

  it('off means at once', () => {
    const pace = noPace();
    for (let i = 0; i < 100; i += 1) pace.sent({ conversation: 'room:a', kind: 'answer', file: false }, 0);
    expect(pace.earliest({ conversation: 'room:a', kind: 'answer', file: false }, 0)).toBe(0);
  });
});
