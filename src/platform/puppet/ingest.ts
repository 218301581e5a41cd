import type { Puppet, payloads } from 'wechaty-puppet';
import type { Clock } from '../clock.js';
import type { Incoming } from './incoming.js';
import type { Names } from './names.js';
import { type Arrival, readMessage, wantsMemberCount, wantsSelfNames } from './read-message.js';
import {
  contentId,
  malformed,
  readFriendship,
  readInvitation,
  readRoomJoin,
  readRoomLeave,
  readRoomTopic,
} from './read-notice.js';
import { safely } from './safely.js';
import { isLineFailure } from './send-errors.js';
import type { DoorLog } from './wechaty-log.js';

const IN_FLIGHT_MAX = 64;

/**
 * Events whose Wechaty handlers are taken off and which are read raw instead.
 *
 * Wechaty loads a whole room before it hands on the first message of it, so
 * that messages overtake each other; it drops joins without an inviter and asks
 * for things that nobody wants. `bot.on('message')` therefore never fires.
 */
export const RAW_EVENTS = [
  'message',
  'dirty',
  'room-join',
  'room-leave',
  'room-topic',
  'room-invite',
  'friendship',
] as const;

/** A message that was announced, but whose content could not be fetched because the line failed. */
export interface UnreadMessage {
  messageId: string;
  tries: number;
}

export interface Ingest {
  /** Reads a message once more that was left unread. */
  accept(unread: UnreadMessage): void;
  /** Nothing new is taken; what was announced before is still delivered. */
  close(): void;
  /** Everything announced so far has been delivered or given up. */
  drained(): Promise<void>;
}

export interface IngestOptions {
  puppet: Puppet;
  clock: Clock;
  log: DoorLog;
  names: Names;
  selfId: () => string | undefined;
  nextSeq: () => number;
  deliver: (incoming: Incoming) => void;
  onUnread: (unread: UnreadMessage) => void;
  /** Called for every event, before anything else. */
  onSign: () => void;
}

/**
 * Turns raw puppet events into `Incoming` values, in order of arrival and with
 * one remote call a message. The number is given synchronously as the event
 * comes; up to 64 are fetched at a time; they are delivered one after the other.
 */
export function startIngest(options: IngestOptions): Ingest {
  const { puppet, clock, log, names, selfId } = options;
  const limit = createLimit(IN_FLIGHT_MAX);
  let open = true;
  let tail: Promise<void> = Promise.resolve();
  const deliver = safely(log, 'incoming', options.deliver);

  const take = (read: (arrival: Arrival) => Promise<Incoming | undefined> | Incoming) => {
    const arrival = { seq: options.nextSeq(), receivedAt: clock.now() };
    const result = limit(async () => read(arrival)).catch((error: unknown) => {
      log.error(
        { feature: 'incoming', kind: error instanceof Error ? error.name : typeof error },
        'a message was not understood',
      );
      return malformed(
        contentId('malformed', 'read', [String(arrival.seq)], arrival.receivedAt),
        arrival,
        'does not parse',
      );
    });
    tail = tail.then(async () => {
      const incoming = await result;
      if (incoming) deliver(incoming);
    });
  };

  const takeMessage = ({ messageId, tries }: UnreadMessage) =>
    take(async (arrival) => {
      if (!messageId) {
        return malformed(contentId('malformed', 'message', [], arrival.receivedAt), arrival, 'message without an id');
      }
      const fetched = await fetchPayload(() => puppet.messagePayload(messageId));
      if (fetched.kind === 'line-failed') {
        if (tries < 3) {
          options.onUnread({ messageId, tries: tries + 1 });
          return undefined;
        }
        return malformed(messageId, arrival, 'payload not reachable');
      }
      if (fetched.kind === 'missing') return malformed(messageId, arrival, 'no payload');
      return understand(messageId, fetched.payload, arrival);
    });

  const understand = async (messageId: string, payload: payloads.Message, arrival: Arrival) => {
    const bot = selfId();
    const roomId = payload.roomId || undefined;
    const [selfNames, memberCount] = await Promise.all([
      bot && wantsSelfNames(payload) ? names.calledNames(bot, roomId) : [],
      roomId && wantsMemberCount(payload) ? names.memberCount(roomId) : undefined,
    ]);
    return readMessage(messageId, payload, arrival, { selfId: bot, selfNames, memberCount });
  };

  const takeNotice = <P>(
    id: string,
    fetch: () => Promise<P>,
    read: (payload: P | undefined, at: Arrival) => Incoming,
  ) =>
    take(async (arrival) => {
      const fetched = id ? await fetchPayload(fetch) : { kind: 'missing' as const };
      return read(fetched.kind === 'fetched' ? fetched.payload : undefined, arrival);
    });

  const on = <P>(listener: (payload: P) => void) =>
    safely(log, 'incoming', (payload: P) => {
      if (!open) return;
      options.onSign();
      listener(payload);
    });

  puppet.on(
    'message',
    on((event: payloads.EventMessage) => takeMessage({ messageId: event.messageId, tries: 0 })),
  );
  puppet.on(
    'dirty',
    on((event: payloads.EventDirty) => names.onDirty(event.payloadType, event.payloadId)),
  );
  puppet.on(
    'room-join',
    on((event: payloads.EventRoomJoin) => {
      names.onRoomChanged(event.roomId, event.inviteeIdList ?? []);
      take((arrival) => readRoomJoin(event, arrival));
    }),
  );
  puppet.on(
    'room-leave',
    on((event: payloads.EventRoomLeave) => {
      names.onRoomChanged(event.roomId, event.removeeIdList ?? []);
      take((arrival) => readRoomLeave(event, arrival));
    }),
  );
  puppet.on(
    'room-topic',
    on((event: payloads.EventRoomTopic) => {
      names.onRoomChanged(event.roomId);
      take((arrival) => readRoomTopic(event, arrival));
    }),
  );
  puppet.on(
    'room-invite',
    on(({ roomInvitationId: id }: payloads.EventRoomInvite) =>
      takeNotice(
        id,
        () => puppet.roomInvitationPayload(id),
        (payload, at) => readInvitation(id, payload, at),
      ),
    ),
  );
  puppet.on(
    'friendship',
    on(({ friendshipId: id }: payloads.EventFriendship) =>
      takeNotice(
        id,
        () => puppet.friendshipPayload(id),
        (payload, at) => readFriendship(id, payload, at),
      ),
    ),
  );

  return {
    accept: takeMessage,
    close() {
      open = false;
    },
    drained: () => tail,
  };
}

type Fetched<P> = { kind: 'fetched'; payload: P } | { kind: 'missing' } | { kind: 'line-failed' };

async function fetchPayload<P>(fetch: () => Promise<P>): Promise<Fetched<P>> {
  try {
    const payload = await fetch();
    return payload && typeof payload === 'object' ? { kind: 'fetched', payload } : { kind: 'missing' };
  } catch (error) {
    return isLineFailure(error) ? { kind: 'line-failed' } : { kind: 'missing' };
  }
}

/** At most `max` at a time, started in the order they came. */
function createLimit(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
