import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { SimEvent, SimMessage, SimOverview } from '../../../src/simulator/wire.js';
import { getJson } from '../api';
import { type Community, mergeMessages, seenKey } from './conversations';

const HISTORY_PAGE = 50;
const REOPEN_MS = 1_000;

type Change =
  | { kind: 'overview'; overview: SimOverview; fresh: boolean }
  | { kind: 'history'; conversationId: string; messages: SimMessage[]; whole: boolean }
  | { kind: 'seen'; contactId: string; conversationId: string }
  | { kind: 'event'; event: SimEvent };

/** The simulated world as this page knows it, kept up to date by server-sent events. */
export function useCommunity() {
  const [community, change] = useReducer(applyChange, null);
  const [connected, setConnected] = useState(true);
  const eventId = useRef('');

  const readOverview = useCallback(async (fresh: boolean) => {
    const overview = await getJson<SimOverview>('/api/sim/overview');
    if (fresh) eventId.current = overview.eventId;
    change({ kind: 'overview', overview, fresh });
  }, []);

  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;

    const open = async () => {
      try {
        if (eventId.current === '') await readOverview(true);
      } catch {
        setConnected(false);
        timer = setTimeout(open, REOPEN_MS);
        return;
      }
      if (ended) return;
      source = new EventSource(`/api/sim/events?after=${encodeURIComponent(eventId.current)}`);
      source.onopen = () => setConnected(true);
      source.onmessage = (message) => {
        if (message.lastEventId) eventId.current = message.lastEventId;
        // Written by our own server in the shared shape.
        const event: SimEvent = JSON.parse(message.data);
        if (event.type === 'reload') void readOverview(true).catch(() => setConnected(false));
        else if (event.type === 'community') void readOverview(false).catch(() => setConnected(false));
        else change({ kind: 'event', event });
      };
      source.onerror = () => {
        setConnected(false);
        // The browser's own retry stops for good after a refusal; ours does not.
        source?.close();
        if (!ended) timer = setTimeout(open, REOPEN_MS);
      };
    };
    void open();
    return () => {
      ended = true;
      clearTimeout(timer);
      source?.close();
    };
  }, [readOverview]);

  const readHistory = useCallback(async (contactId: string, conversationId: string, before?: number) => {
    const query = new URLSearchParams({ as: contactId, limit: String(HISTORY_PAGE) });
    if (before !== undefined) query.set('before', String(before));
    const path = `/api/sim/conversations/${encodeURIComponent(conversationId)}/messages?${query}`;
    const { messages } = await getJson<{ messages: SimMessage[] }>(path);
    change({ kind: 'history', conversationId, messages, whole: messages.length < HISTORY_PAGE });
  }, []);

  const markSeen = useCallback((contactId: string, conversationId: string) => {
    change({ kind: 'seen', contactId, conversationId });
  }, []);

  return { community, connected, readHistory, markSeen };
}

function applyChange(community: Community | null, change: Change): Community | null {
  if (change.kind === 'overview') return withOverview(community, change.overview, change.fresh);
  if (!community) return null;
  switch (change.kind) {
    case 'history': {
      const known = community.messages[change.conversationId] ?? [];
      const messages = mergeMessages(known, change.messages);
      return {
        ...community,
        messages: { ...community.messages, [change.conversationId]: messages },
        history: { ...community.history, [change.conversationId]: change.whole ? 'whole' : 'part' },
      };
    }
    case 'seen': {
      const newest = community.messages[change.conversationId]?.at(-1)?.sequence ?? 0;
      const key = seenKey(change.contactId, change.conversationId);
      if ((community.seen[key] ?? community.baseline) >= newest) return community;
      return { ...community, seen: { ...community.seen, [key]: newest } };
    }
    case 'event':
      return withEvent(community, change.event);
  }
}

/** A fresh overview starts over: what was kept may have a gap before the newest messages. */
function withOverview(community: Community | null, overview: SimOverview, fresh: boolean): Community {
  const kept = fresh ? {} : (community?.messages ?? {});
  const messages = { ...kept };
  for (const message of overview.latest) {
    messages[message.conversationId] = mergeMessages(messages[message.conversationId] ?? [], [message]);
  }
  const newest = Math.max(0, ...overview.latest.map((message) => message.sequence));
  return {
    overview,
    messages,
    history: fresh ? {} : (community?.history ?? {}),
    baseline: community?.baseline ?? newest,
    seen: community?.seen ?? {},
  };
}

function withEvent(community: Community, event: SimEvent): Community {
  switch (event.type) {
    case 'message': {
      const { message, time } = event;
      const known = community.messages[message.conversationId] ?? [];
      const merged = markRecalled(mergeMessages(known, [message]), message.recallOf);
      return {
        ...community,
        overview: { ...community.overview, time },
        messages: { ...community.messages, [message.conversationId]: merged },
      };
    }
    case 'time':
      return { ...community, overview: { ...community.overview, time: event.time } };
    case 'faults':
      return { ...community, overview: { ...community.overview, faults: event.faults } };
    case 'community':
    case 'reload':
      return community;
  }
}

function markRecalled(messages: SimMessage[], recalledId: string | undefined): SimMessage[] {
  if (recalledId === undefined) return messages;
  return messages.map((message) => (message.messageId === recalledId ? { ...message, recalled: true } : message));
}
