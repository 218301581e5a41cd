import { describe, expect, it } from 'vitest';
import { EventFeed } from './event-feed.js';

const event = { type: 'community' } as const;

describe('the feed of a live page', () => {
  it('goes on after the last event that a page has seen', () => {
    const feed = new EventFeed('a');
    for (let i = 0; i < 5; i += 1) feed.add(event);
    expect(feed.after(feed.numberOf('a-3') ?? 0)?.map(({ id }) => id)).toEqual(['a-4', 'a-5']);
    expect(feed.after(5)).toEqual([]);
  });

  it('says so when something in between is gone', () => {
    const feed = new EventFeed('a');
    for (let i = 0; i < 2_010; i += 1) feed.add(event);
    expect(feed.after(9)).toBeUndefined();
    expect(feed.after(10)).toHaveLength(2_000);
  });

  it.each(['b-1', 'a-9', 'a-x', 'a-', ''])('does not know the id %j', (id) => {
    const feed = new EventFeed('a');
    feed.add(event);
    expect(feed.numberOf(id === 'a-' ? 'a--1' : id)).toBeUndefined();
  });
});
