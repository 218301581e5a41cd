import { afterEach, describe, expect, it, vi } from 'vitest';
import { SystemClock, sleep, VirtualClock } from './clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('the virtual clock', () => {
  it('fires timers at their own instants, in order of time and then of setting', async () => {
    const clock = new VirtualClock(1_000);
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.after(20, note('b'));
    clock.after(10, note('a'));
    clock.after(20, note('c'));
    clock.every(15, note('every'));
    await clock.advance(30);
    expect(fired).toEqual(['a@1010', 'every@1015', 'b@1020', 'c@1020', 'every@1030']);
    expect(clock.now()).toBe(1_030);
  });

  it('finishes what one timer set in motion before the next one', async () => {
    const clock = new VirtualClock(0);
    const trace: string[] = [];
    clock.after(1, () => {
      void (async () => {
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        trace.push('work of 1');
      })();
    });
    clock.after(2, () => trace.push('2'));
    await clock.advance(5);
    expect(trace).toEqual(['work of 1', '2']);
  });

  it('fires what a timer sets within the time that passes', async () => {
    const clock = new VirtualClock(0);
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now());
      if (fired.length < 4) clock.after(10, again);
    };
    clock.after(10, again);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('stays at whole milliseconds', async () => {
    const clock = new VirtualClock(0);
    const fired: number[] = [];
    clock.after(0.4, () => fired.push(clock.now()));
    await clock.advance(1.5);
    expect([...fired, clock.now()]).toEqual([1, 2]);
  });

  it('tells the same story each time', async () => {
    const play = async () => {
      const clock = new VirtualClock(0);
      const trace: string[] = [];
      for (let i = 0; i < 50; i += 1) {
        const timer = clock.after((i * 37) % 50, () => trace.push(`${i}@${clock.now()}`));
        if (i % 7 === 0) timer.cancel();
      }
      void sleep(clock, 25).then(() => trace.push(`slept@${clock.now()}`));
      await clock.advance(60);
      return trace;
    };
    expect(await play()).toEqual(await play());
  });

  it('does not go backwards, and a cancelled timer is silent', async () => {
    const clock = new VirtualClock(100);
    let fired = 0;
    const timer = clock.every(10, () => {
      fired += 1;
    });
    await clock.advanceTo(50);
    expect(clock.now()).toBe(100);
    await clock.advance(20);
    timer.cancel();
    timer.cancel();
    await clock.advance(100);
    expect(fired).toBe(2);
  });
});

describe('the clock of the computer', () => {
  it('fires at once, in order, what a jump passes', () => {
    vi.useFakeTimers();
    const clock = new SystemClock();
    const fired: string[] = [];
    clock.after(7_200_000, () => fired.push('two hours'));
    clock.after(3_600_000, () => fired.push('one hour'));
    clock.after(86_400_000, () => fired.push('a day'));
    const before = clock.now();
    clock.jump(10_000_000);
    expect(fired).toEqual(['one hour', 'two hours']);
    expect(clock.now() - before).toBe(10_000_000);
    expect(() => clock.jump(-1)).toThrow(RangeError);
    vi.advanceTimersByTime(86_400_000);
    expect(fired).toEqual(['one hour', 'two hours', 'a day']);
  });

  it('waits longer than Node can', () => {
    vi.useFakeTimers();
    const clock = new SystemClock();
    const days = 24 * 3_600_000;
    let fired = 0;
    clock.after(60 * days, () => {
      fired += 1;
    });
    const cancelled = clock.after(60 * days, () => {
      fired += 100;
    });
    vi.advanceTimersByTime(59 * days);
    expect(fired).toBe(0);
    cancelled.cancel();
    vi.advanceTimersByTime(2 * days);
    expect(fired).toBe(1);
  });
});
