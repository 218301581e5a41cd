import {
  type Account,
  type ChatMessage,
  type CommunityService,
  endMemberships,
  type Newcomers,
  noteSpokenIn,
  type Room,
  updateMembership,
  updateRoom,
  type Welcome,
} from '../community/index.js';
import type { ItemParser } from '../observation/index.js';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import type { Sender } from '../platform/outbox/sender.js';
import type { Incoming, IncomingMessage, IncomingRecall } from '../platform/puppet/incoming.js';
import type { Assessment, TriageInput } from '../triage/index.js';
import { calledByName, NOTHING_FOUND, type Records } from './records.js';
import { recallMessage } from './store.js';

/** First contact with whatever arrives. Everything here happens in one transaction with the record of the message. */
export interface Intake {
  /** Answers the ids of messages that now wait to be handled, in order. */
  take(tx: Transaction, account: Account, batch: readonly Incoming[]): Promise<string[]>;
}

export interface IntakeDeps {
  clock: Clock;
  community: CommunityService;
  records: Records;
  outbox: Outbox;
  sender: Pick<Sender, 'confirmEcho'>;
  welcome: Welcome;
  newcomers: Pick<Newcomers, 'note'>;
  parser: ItemParser;
  assess(input: TriageInput): Assessment;
  /** Card, alerts and ticket of an emergency or urgent message. */
  raise(tx: Transaction, message: ChatMessage): Promise<void>;
  /** What to do about a value that is less pressing, where its row says so. */
  advise(tx: Transaction, message: ChatMessage): Promise<void>;
  /** Every feature that takes back what a recalled message caused. */
  onRecall: ((tx: Transaction, messageId: string) => Promise<void>)[];
  onInvited(tx: Transaction, invite: { roomId: string; inviterId: string }): Promise<void>;
  onFriend(tx: Transaction, personId: string): Promise<void>;
  onFriendRequest(tx: Transaction, request: { friendshipId: string; contactId: string }): Promise<void>;
  onInvitation(tx: Transaction, invitation: { invitationId: string }): Promise<void>;
  botNames(): string[];
  selfId(): string | undefined;
}

/** What several messages of one transaction share: most of them come from the same few rooms. */
interface Batch {
  account: Account;
  rooms: Map<string, { roomId: string; room: Room | undefined }>;
  /** Rooms in which somebody spoke. */
  spokenIn: Set<string>;
}

export function createIntake(deps: IntakeDeps): Intake {
  const { clock, community, records, outbox } = deps;

  async function roomOf(tx: Transaction, { account, rooms }: Batch, externalRoomId: string) {
    const known = rooms.get(externalRoomId);
    if (known) return known;
    const { roomId, isNew } = await community.arrivals.room(tx, account, externalRoomId);
    if (isNew) deps.newcomers.note({ kind: 'room', externalRoomId });
    const found = { roomId, room: await community.findRoom(tx, roomId) };
    rooms.set(externalRoomId, found);
    return found;
  }

  async function takeMessage(tx: Transaction, batch: Batch, incoming: IncomingMessage): Promise<string | undefined> {
    const { account } = batch;
    if (incoming.self) {
      await takeOwn(tx, batch, incoming);
      return undefined;
    }
    if (incoming.kind === 'system' || incoming.kind === 'unknown') return undefined;
    // The platform delivers again after every reconnection: what is known is not read a second time.
    if (await records.isRecorded(tx, account.id, incoming)) return undefined;
    const { roomId, room } = incoming.externalRoomId ? await roomOf(tx, batch, incoming.externalRoomId) : IN_PRIVATE;
    const { personId, isNew } = await community.arrivals.person(tx, account, incoming.talkerId);
    const isNewHere = roomId && room ? await greetMember(tx, roomId, room.kind, personId) : isNew;
    if (isNewHere) {
      const { talkerId: contactId, externalRoomId } = incoming;
      deps.newcomers.note({ kind: 'person', contactId, externalRoomId });
    }
    const text = incoming.kind === 'text' ? incoming.text : '';
    const standing = await community.standingOf(tx, personId, room);
    const assessment =
      incoming.kind === 'text'
        ? deps.assess({
            text,
            readings: deps.parser.read(text).readings,
            recent: await records.recentTexts(tx, personId, incoming.sentAt),
            now: clock.now(),
            role: standing.doctor ? 'doctor' : standing.admin ? 'admin' : 'patient',
          })
        : NOTHING_FOUND;
    const mentionedIds: string[] = [];
    const addressed = isAddressed(incoming, deps.botNames());
    if (incoming.kind === 'text') {
      for (const contactId of incoming.mentions.contactIds) {
        if (contactId !== deps.selfId())
          mentionedIds.push((await community.arrivals.person(tx, account, contactId)).personId);
      }
    }
    const messageId = await records.insert(tx, {
      accountId: account.id,
      incoming,
      roomId,
      personId,
      // In a group that nobody has set up, only what is said to the bot, and only until it is handled.
      keepText: room?.kind !== 'unset' || addressed,
      mentionedIds,
      addressed,
      assessment,
    });
    if (messageId === undefined) return undefined;
    if (roomId) batch.spokenIn.add(roomId);
    if (assessment.level === 'emergency' || assessment.level === 'urgent') {
      const message = await records.load(tx, messageId);
      // In a group that nobody has set up the words are not kept, but the card still needs them now.
      await deps.raise(tx, { ...message, assessment, text: message.text || text });
    } else if (assessment.cardIds.length > 0 && room?.kind !== 'unset') {
      await deps.advise(tx, await records.load(tx, messageId));
    }
    return messageId;
  }

  /** Somebody who speaks in a group is in it, even when the platform never told of the join. True when they are new in it. */
  async function greetMember(tx: Transaction, roomId: string, kind: string, personId: string): Promise<boolean> {
    const { isNew } = await community.arrivals.member(tx, roomId, personId);
    // They were there already, or came unnoticed: no welcome for somebody in the middle of a sentence.
    if (isNew && kind !== 'unset') await updateMembership(tx, { roomId, personId }, { welcomed_at: clock.now() });
    return isNew;
  }

  async function takeOwn(tx: Transaction, batch: Batch, incoming: IncomingMessage): Promise<void> {
    const text = incoming.kind === 'text' ? incoming.text : undefined;
    if (incoming.externalRoomId) {
      const { roomId } = await roomOf(tx, batch, incoming.externalRoomId);
      await deps.sender.confirmEcho(tx, { platformId: incoming.platformId, to: { kind: 'room', roomId }, text });
    } else if (incoming.privateWith) {
      const { personId } = await community.arrivals.person(tx, batch.account, incoming.privateWith);
      await deps.sender.confirmEcho(tx, { platformId: incoming.platformId, to: { kind: 'private', personId }, text });
    }
  }

  async function takeRecall(tx: Transaction, account: Account, incoming: IncomingRecall): Promise<void> {
    const messageId = await recallMessage(tx, {
      accountId: account.id,
      platformId: incoming.recalledPlatformId,
      at: clock.now(),
    });
    if (messageId === undefined) return;
    await outbox.cancel(tx, { causeMessageId: messageId });
    for (const retract of deps.onRecall) await retract(tx, messageId);
  }

  async function takeJoin(
    tx: Transaction,
    account: Account,
    incoming: Extract<Incoming, { kind: 'room-join' }>,
  ): Promise<void> {
    const { externalRoomId } = incoming;
    const { roomId, isNew } = await community.arrivals.room(tx, account, externalRoomId);
    if (isNew) deps.newcomers.note({ kind: 'room', externalRoomId });
    const room = await community.findRoom(tx, roomId);
    let newcomers = 0;
    for (const contactId of incoming.contactIds) {
      if (contactId === deps.selfId()) {
        deps.newcomers.note({ kind: 'room', externalRoomId });
        await updateRoom(tx, roomId, { left_at: null });
        if (incoming.inviterId && room?.kind === 'unset') {
          const inviter = await community.arrivals.person(tx, account, incoming.inviterId);
          await deps.onInvited(tx, { roomId, inviterId: inviter.personId });
        }
        continue;
      }
      const { personId } = await community.arrivals.person(tx, account, contactId);
      if (!(await community.arrivals.member(tx, roomId, personId)).isNew) continue;
      deps.newcomers.note({ kind: 'person', contactId, externalRoomId });
      newcomers += 1;
    }
    if (newcomers > 0 && room?.kind === 'patients') await deps.welcome.onJoin(tx, roomId);
  }

  async function takeLeave(
    tx: Transaction,
    account: Account,
    incoming: Extract<Incoming, { kind: 'room-leave' }>,
  ): Promise<void> {
    const { roomId } = await community.arrivals.room(tx, account, incoming.externalRoomId);
    for (const contactId of incoming.contactIds) {
      if (contactId === deps.selfId()) {
        await updateRoom(tx, roomId, { left_at: clock.now() });
        continue;
      }
      const { personId } = await community.arrivals.person(tx, account, contactId);
      await endMemberships(tx, { roomId, personIds: [personId], at: clock.now() });
    }
  }

  async function takeOne(tx: Transaction, batch: Batch, incoming: Incoming): Promise<string | undefined> {
    const { account } = batch;
    switch (incoming.kind) {
      case 'recall':
        await takeRecall(tx, account, incoming);
        return undefined;
      case 'room-join':
        await takeJoin(tx, account, incoming);
        return undefined;
      case 'room-leave':
        await takeLeave(tx, account, incoming);
        return undefined;
      case 'room-topic': {
        const { roomId } = await community.arrivals.room(tx, account, incoming.externalRoomId);
        await community.names.rememberRoom(tx, roomId, incoming.topic);
        return undefined;
      }
      case 'friend-confirmed': {
        const { personId } = await community.arrivals.person(tx, account, incoming.contactId);
        await deps.onFriend(tx, personId);
        return undefined;
      }
      case 'friend-request':
        await deps.onFriendRequest(tx, incoming);
        return undefined;
      case 'room-invite':
        await deps.onInvitation(tx, incoming);
        return undefined;
      case 'malformed':
        return undefined;
      default:
        return takeMessage(tx, batch, incoming);
    }
  }

  return {
    async take(tx, account, several) {
      const batch: Batch = { account, rooms: new Map(), spokenIn: new Set() };
      const waiting: string[] = [];
      for (const incoming of several) {
        const id = await takeOne(tx, batch, incoming);
        if (id !== undefined) waiting.push(id);
      }
      if (batch.spokenIn.size > 0) await noteSpokenIn(tx, [...batch.spokenIn], clock.now());
      return waiting;
    },
  };
}

const IN_PRIVATE = { roomId: undefined, room: undefined };

function isAddressed(incoming: IncomingMessage, botNames: string[]): boolean {
  if (!incoming.externalRoomId) return true;
  if (incoming.kind !== 'text') return false;
  return incoming.mentions.self || incoming.quoted?.bySelf === true || calledByName(incoming.text, botNames);
}
