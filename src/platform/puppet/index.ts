import { FileBox } from 'file-box';
import type { Puppet } from 'wechaty-puppet';
import { type Clock, SystemClock } from '../clock.js';
import { assertOutsideTransaction } from '../db/database.js';
import { type RandomBytes, secureRandom } from '../ids.js';
import {
  type ChannelState,
  type Door,
  type ExternalConversation,
  type Gap,
  NotSentError,
  UnknownOutcomeError,
} from './door.js';
import type { Incoming } from './incoming.js';
import { createNames } from './names.js';
import { safely } from './safely.js';
import { isLineFailure, sendError } from './send-errors.js';
import { ServicePuppet } from './service-puppet.js';
import { type GiveUp, Supervisor } from './supervisor.js';
import { type DoorTimings, TIMINGS } from './timings.js';
import type { ServicePuppetSettings } from './token.js';
import { type DoorLog, routeWechatyLog } from './wechaty-log.js';

export type { GiveUp } from './supervisor.js';
export type { DoorTimings } from './timings.js';
export { checkServiceSettings } from './token.js';
export type { DoorLog } from './wechaty-log.js';

export interface DoorOptions {
  clock: Clock;
  log: DoorLog;
  /** A new puppet for every attempt to connect. */
  createPuppet: () => Puppet;
  /**
   * `service`: stopping detaches, and the gateway keeps the account online.
   * `in-process`: stopping stops the puppet.
   */
  mode: 'service' | 'in-process';
  timings?: Partial<DoorTimings>;
  random?: RandomBytes;
  /** The door keeps trying; whoever listens may end the process to start it anew. */
  onGiveUp?: (giveUp: GiveUp) => void;
}

/** The door to WeChat over any Wechaty puppet. */
export function createDoor(options: DoorOptions): Door {
  const { clock, log } = options;
  const timings = { ...TIMINGS, ...options.timings };
  const stateListeners: ((state: ChannelState) => void)[] = [];
  const incomingListeners: ((incoming: Incoming) => void)[] = [];
  const gapListeners: ((gap: Gap) => void)[] = [];
  const tell = <T>(listeners: readonly ((value: T) => void)[], value: T) => {
    for (const listener of listeners) safely(log, 'door', listener)(value);
  };
  routeWechatyLog(log);

  // Sockets live by the computer's time; only what is told of it is by the given clock.
  const system = new SystemClock();
  const watch: Clock =
    options.mode === 'service'
      ? {
          now: () => clock.now(),
          after: (ms, fn) => system.after(ms, fn),
          every: (ms, fn) => system.every(ms, fn),
        }
      : clock;
  const names = createNames({ clock, source: () => supervisor.source });
  const supervisor: Supervisor = new Supervisor({
    clock: watch,
    log,
    timings,
    names,
    random: options.random ?? secureRandom,
    createPuppet: options.createPuppet,
    onState: (state) => tell(stateListeners, state),
    onIncoming: (incoming) => tell(incomingListeners, incoming),
    onGap: (gap) => tell(gapListeners, gap),
    onGiveUp: (giveUp) => {
      log.error({ feature: 'door', count: giveUp.failures, reason: giveUp.reason }, 'the channel keeps failing');
      options.onGiveUp?.(giveUp);
    },
  });

  /** One call with its time limit; what it throws says whether it may be tried again. */
  const call = async <T>(limitMs: number, ask: (puppet: Puppet) => Promise<T>): Promise<T> => {
    assertOutsideTransaction('the puppet');
    const puppet = supervisor.puppet;
    if (!puppet) throw new NotSentError('not connected');
    try {
      return await withLimit(watch, limitMs, ask(puppet));
    } catch (error) {
      if (isLineFailure(error) || error instanceof UnknownOutcomeError) supervisor.doubt();
      throw sendError(error);
    }
  };

  return {
    mode: options.mode,
    start: () => supervisor.start(),
    stop: () => supervisor.stop(),
    get state() {
      return supervisor.state;
    },
    onState: (listener) => void stateListeners.push(listener),
    onIncoming: (listener) => void incomingListeners.push(listener),
    onGap: (listener) => void gapListeners.push(listener),

    sendText: async (to, text, mentionIds) =>
      sent(await call(timings.sendMs, (puppet) => puppet.messageSendText(idOf(to), text, mentionIds))),
    sendFile: async (to, file) => {
      const box = FileBox.fromBuffer(Buffer.from(file.bytes), file.name);
      return sent(await call(timings.sendMs, (puppet) => puppet.messageSendFile(idOf(to), box)));
    },
    isFriend: (contactId) =>
      call(timings.readMs, async (puppet) => {
        const contact = await puppet.contactRawPayloadParser(await puppet.contactRawPayload(contactId));
        return contact.friend === true;
      }),
    acceptFriendship: (friendshipId) => call(timings.readMs, (puppet) => puppet.friendshipAccept(friendshipId)),
    acceptInvitation: (invitationId) => call(timings.readMs, (puppet) => puppet.roomInvitationAccept(invitationId)),
    displayName: async (contactId, externalRoomId) => {
      assertOutsideTransaction('the puppet');
      return names.displayName(contactId, externalRoomId);
    },
    roomTopic: async (externalRoomId) => {
      assertOutsideTransaction('the puppet');
      return names.roomTopic(externalRoomId);
    },
    listRooms: () => call(timings.readMs, (puppet) => puppet.roomList()),
    listMembers: (externalRoomId) => call(timings.readMs, (puppet) => puppet.roomMemberList(externalRoomId)),
  };
}

/** The puppet of a real account behind a puppet service. */
export function createServicePuppet(settings: ServicePuppetSettings): Puppet {
  return new ServicePuppet(settings);
}

function idOf(to: ExternalConversation): string {
  return to.kind === 'room' ? to.externalRoomId : to.contactId;
}

// biome-ignore lint/suspicious/noConfusingVoidType: this is what Wechaty promises.
function sent(platformId: string | void | undefined): { platformId?: string } {
  return platformId ? { platformId } : {};
}

async function withLimit<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  let giveUp = () => {};
  const late = new Promise<never>((_, reject) => {
    giveUp = () => reject(new UnknownOutcomeError('no answer in time'));
  });
  const timer = clock.after(limitMs, () => giveUp());
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.cancel();
  }
}
