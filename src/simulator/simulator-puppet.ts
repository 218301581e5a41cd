import { FileBox, type FileBoxInterface } from 'file-box';
import * as PUPPET from 'wechaty-puppet';
import type { Clock, Timer } from '../platform/clock.js';
import { type FaultEvent, Faults } from './faults.js';
import {
  contactPayload,
  fileBox,
  friendshipPayload,
  invitationPayload,
  kindOfFile,
  memberPayload,
  messagePayload,
  roomPayload,
} from './payloads.js';
import { WECHAT } from './wechat-words.js';
import type { CardContent, SimulatedWechat } from './world.js';
import type { MessageContent, SimulatedMessage, WorldEvent } from './world-types.js';

const { Dirty, ScanStatus } = PUPPET.types;

export interface SimulatorPuppetOptions {
  world: SimulatedWechat;
  clock: Clock;
  faults?: Faults;
  heartbeatMs?: number;
  /** Signs the bot in at the start, as a provider does that keeps the session. */
  signIn?: boolean;
  /** Of Wechaty's own watchdog, in real seconds; by default long, since the supervisor watches. */
  timeoutSeconds?: number;
}

/** What a real provider answers when the platform or the line fails; the text is all that crosses gRPC. */
class SimulatedProviderError extends Error {
  override name = 'SimulatedProviderError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The bot's account on the simulated WeChat, as Wechaty wants it.
 *
 * It holds no state but its session: people, rooms and messages are in the
 * world, and what goes wrong is decided by the faults, both of which outlive
 * it. Stopping and starting it again signs in again and hands over what came
 * in between.
 */
export class SimulatorPuppet extends PUPPET.Puppet {
  static override readonly VERSION = '0.1.0';

  readonly world: SimulatedWechat;
  readonly faults: Faults;
  readonly #clock: Clock;
  readonly #heartbeatMs: number;
  readonly #signInAtStart: boolean;
  #heartbeat: Timer | undefined;
  #unsubscribe: (() => void)[] = [];
  #signingOut: Promise<void> = Promise.resolve();
  #wasOffline = false;

  constructor(options: SimulatorPuppetOptions) {
    super({ timeoutSeconds: options.timeoutSeconds ?? 3600 });
    this.world = options.world;
    this.#clock = options.clock;
    this.faults = options.faults ?? new Faults();
    this.#heartbeatMs = options.heartbeatMs ?? 15_000;
    this.#signInAtStart = options.signIn ?? true;
  }

  override name(): string {
    return 'xinglin-simulator';
  }

  override version(): string {
    return SimulatorPuppet.VERSION;
  }

  override async onStart(): Promise<void> {
    await this.onStop();
    this.#wasOffline = this.#offline;
    this.#heartbeat = this.#clock.every(this.#heartbeatMs, () => {
      if (!this.#offline) this.emit('heartbeat', { data: this.name() });
    });
    this.#unsubscribe = [
      this.world.subscribe((event) => this.#onWorld(event)),
      this.faults.subscribe((event) => this.#onFault(event)),
    ];
    if (this.#signInAtStart) setImmediate(() => this.#signIn());
  }

  override async onStop(): Promise<void> {
    this.#heartbeat?.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
  }

  override async logout(reason?: string): Promise<void> {
    this.#signingOut = super.logout(reason);
    await this.#signingOut;
  }

  override ding(data?: string): void {
    if (this.#offline) return;
    setImmediate(() => this.emit('dong', { data: data ?? '' }));
  }

  /** Hands messages over once more, as providers do after a reconnect. */
  redeliver(messageIds: string[]): void {
    for (const messageId of messageIds) this.emit('message', { messageId });
  }

  // Session and delivery

  get #offline(): boolean {
    return this.faults.settings.offline;
  }

  get #listening(): boolean {
    return this.isLoggedIn && !this.#offline;
  }

  async #signIn(): Promise<void> {
    await this.#signingOut;
    if (this.isLoggedIn || this.#offline || !this.state.active()) return;
    if (this.faults.mustScan) {
      this.emit('scan', { qrcode: `simulated-wechat:${this.world.botId}`, status: ScanStatus.Waiting });
      return;
    }
    const missed = this.world.listUndelivered();
    this.login(this.world.botId);
    this.emit('ready', { data: this.name() });
    this.#handOver(missed);
  }

  #handOver(missed: SimulatedMessage[]): void {
    for (const message of missed) {
      if (this.faults.settings.replay) this.#offer(message);
      else this.world.markDelivered(message.sequence);
    }
    const { friendships, invitations } = this.world.listUntold();
    for (const friendship of friendships) this.#onWorld({ kind: 'friend-requested', friendship });
    for (const invitation of invitations) this.#onWorld({ kind: 'invited', invitation });
  }

  #onFault(event: FaultEvent): void {
    if (event.kind === 'kicked-out') {
      void this.logout(event.reason);
    } else if (event.kind === 'scanned') {
      this.emit('scan', { status: ScanStatus.Confirmed });
      void this.#signIn();
    } else if (this.#wasOffline !== event.settings.offline) {
      this.#wasOffline = event.settings.offline;
      if (!this.#wasOffline) this.#comeBack();
    }
  }

  #comeBack(): void {
    this.emit('heartbeat', { data: this.name() });
    if (this.isLoggedIn) this.#handOver(this.world.listUndelivered());
    else if (this.#signInAtStart) void this.#signIn();
  }

  /** Offered once: lost, late or twice as the faults decide. While nobody listens it waits in the world. */
  #offer(message: SimulatedMessage): void {
    if (!this.#listening) return;
    this.world.markDelivered(message.sequence);
    if (!this.#reachesBot(message)) return;
    for (const delayMs of this.faults.decideDelivery(message, this.world.botId)) {
      if (delayMs === 0) this.emit('message', { messageId: message.id });
      else this.#clock.after(delayMs, () => this.emit('message', { messageId: message.id }));
    }
  }

  #reachesBot({ content, conversationId }: SimulatedMessage): boolean {
    if (content.kind === 'system' && content.asEvent) return false;
    return this.world.canSee(this.world.botId, conversationId);
  }

  #onWorld(event: WorldEvent): void {
    if (event.kind === 'message') this.#offer(event.message);
    else if (this.#listening) this.#onChange(event);
  }

  #onChange(event: Exclude<WorldEvent, { kind: 'message' }>): void {
    switch (event.kind) {
      case 'joined':
        this.#onJoined(event);
        break;
      case 'left':
        this.#onLeft(event);
        break;
      case 'topic-changed':
        this.#onTopic(event);
        break;
      case 'announced':
        this.#onAnnounced(event);
        break;
      case 'alias-changed':
        if (event.told) this.#stale(Dirty.RoomMember, event.roomId);
        break;
      case 'renamed':
        if (event.told) this.#stale(Dirty.Contact, event.contactId);
        break;
      case 'contact-changed':
      case 'remark-changed':
      case 'friend-removed':
        this.#stale(Dirty.Contact, event.contactId);
        break;
      case 'friend-requested':
      case 'friend-confirmed':
        this.world.markTold(event.friendship);
        this.#stale(Dirty.Contact, event.friendship.contactId);
        this.emit('friendship', { friendshipId: event.friendship.id });
        break;
      case 'invited':
        this.world.markTold(event.invitation);
        this.emit('room-invite', { roomInvitationId: event.invitation.id });
        break;
      case 'recalled':
      case 'contact-added':
      case 'room-created':
        break;
    }
  }

  #onJoined({ roomId, contactIds, way, at, told }: Extract<WorldEvent, { kind: 'joined' }>): void {
    if (!told || !this.world.canSee(this.world.botId, roomId)) return;
    this.#stale(Dirty.Room, roomId);
    this.#stale(Dirty.RoomMember, roomId);
    // Providers are known to put undefined where Wechaty's types promise an id.
    const nobody = undefined as unknown as string;
    const inviteeIdList = way.by === 'unknown-invitee' ? contactIds.map(() => nobody) : [...contactIds];
    const inviterId = way.by === 'unknown-inviter' ? '' : way.inviterId;
    this.emit('room-join', { inviteeIdList, inviterId, roomId, timestamp: at });
  }

  #onLeft({ roomId, contactIds, removerId, at, told }: Extract<WorldEvent, { kind: 'left' }>): void {
    const { botId } = this.world;
    if (!told || !(contactIds.includes(botId) || this.world.canSee(botId, roomId))) return;
    this.#stale(Dirty.Room, roomId);
    this.#stale(Dirty.RoomMember, roomId);
    this.emit('room-leave', { removeeIdList: [...contactIds], removerId, roomId, timestamp: at });
  }

  #onTopic({ roomId, topic, oldTopic, changerId, at }: Extract<WorldEvent, { kind: 'topic-changed' }>): void {
    if (!this.world.canSee(this.world.botId, roomId)) return;
    this.#stale(Dirty.Room, roomId);
    this.emit('room-topic', { changerId, newTopic: topic, oldTopic, roomId, timestamp: at });
  }

  #onAnnounced(event: Extract<WorldEvent, { kind: 'announced' }>): void {
    const { roomId, announcement, oldAnnouncement, changerId, at } = event;
    if (!this.world.canSee(this.world.botId, roomId)) return;
    const newAnnounce = announcement;
    this.emit('room-announce', { changerId, newAnnounce, oldAnnounce: oldAnnouncement, roomId, timestamp: at });
  }

  /** At once, not in the next turn as `dirtyPayload` does: whoever hears the event after it must not read an old value. */
  #stale(payloadType: PUPPET.types.Dirty, payloadId: string): void {
    this.emit('dirty', { payloadType, payloadId });
  }

  /** The world, if the line is up. */
  #reach(): SimulatedWechat {
    if (this.#offline) throw new SimulatedProviderError('offline', 'the simulated WeChat cannot be reached');
    return this.world;
  }

  #reachPayloads(talkerId?: string): SimulatedWechat {
    if (this.faults.decideMissingPayload(talkerId)) throw new SimulatedProviderError('no-payload', 'no payload found');
    return this.#reach();
  }

  /** Sends as the faults decide; the id is what real providers return. */
  async #send(deliver: (world: SimulatedWechat) => SimulatedMessage): Promise<string | undefined> {
    const world = this.#reach();
    if (!this.isLoggedIn) throw new SimulatedProviderError('not-logged-in', 'the simulated bot is not logged in');
    switch (this.faults.decideSend(this.#clock.now())) {
      case 'rate-limited':
        throw new SimulatedProviderError('rate-limited', WECHAT.tooFrequent);
      case 'not-delivered':
        throw new SimulatedProviderError('not-sent', 'simulated fault: the message was not sent');
      case 'error-after-delivery':
        deliver(world);
        throw new SimulatedProviderError('failed', 'simulated fault: the outcome of the send is not known');
      case 'no-answer':
        deliver(world);
        return new Promise(() => {});
      case 'sent': {
        const { id } = deliver(world);
        return this.faults.settings.omitSentId ? undefined : id;
      }
    }
  }

  #sendCard(conversationId: string, card: CardContent): Promise<string | undefined> {
    return this.#send((world) => world.sendCard(world.botId, conversationId, card, 'program'));
  }

  #content<K extends MessageContent['kind']>(messageId: string, kind: K): Extract<MessageContent, { kind: K }> {
    const content = this.#reach().findMessage(messageId)?.content;
    if (!content || !isKind(content, kind)) throw noPayload(kind, messageId);
    return content;
  }

  // The bot itself

  override async contactSelfName(name: string): Promise<void> {
    this.#reach().rename(this.currentUserId, name);
  }

  override async contactSelfQRCode(): Promise<string> {
    return `simulated-wechat:${this.#reach().botId}`;
  }

  override async contactSelfSignature(signature: string): Promise<void> {
    this.#reach().setSignature(this.currentUserId, signature);
  }

  // Contacts

  override contactAlias(contactId: string): Promise<string>;
  override contactAlias(contactId: string, alias: string | null): Promise<void>;
  override async contactAlias(contactId: string, alias?: string | null): Promise<unknown> {
    const contact = this.#reach().contact(contactId);
    return alias === undefined ? contact.remark : this.world.setRemark(contactId, alias ?? '');
  }

  override contactAvatar(contactId: string): Promise<FileBoxInterface>;
  override contactAvatar(contactId: string, file: FileBoxInterface): Promise<void>;
  override async contactAvatar(contactId: string, file?: FileBoxInterface): Promise<unknown> {
    const contact = this.#reach().contact(contactId);
    return file ? undefined : FileBox.fromBase64(ONE_PIXEL_PNG, `avatar-${contact.id}.png`);
  }

  override async contactPhone(contactId: string, phoneList: string[]): Promise<void> {
    this.#reach().setPhones(contactId, phoneList);
  }

  override async contactCorporationRemark(contactId: string, _remark: string | null): Promise<void> {
    this.#reach().contact(contactId);
  }

  override async contactDescription(contactId: string, description: string | null): Promise<void> {
    this.#reach().setDescription(contactId, description ?? '');
  }

  override async contactList(): Promise<string[]> {
    const world = this.#reach();
    const known = world.listContacts().filter(({ id, friend }) => friend || id === world.botId);
    return known.map(({ id }) => id);
  }

  override async contactRawPayload(contactId: string): Promise<PUPPET.payloads.Contact> {
    const contact = this.#reachPayloads(contactId).findContact(contactId);
    if (!contact) throw noPayload('contact', contactId);
    return contactPayload(contact);
  }

  override async contactRawPayloadParser(payload: PUPPET.payloads.Contact): Promise<PUPPET.payloads.Contact> {
    return payload;
  }

  override async tagContactAdd(tagId: string, contactId: string): Promise<void> {
    this.#reach().addTag(tagId, contactId);
  }

  override async tagContactRemove(tagId: string, contactId: string): Promise<void> {
    this.#reach().removeTag(tagId, contactId);
  }

  override async tagContactDelete(tagId: string): Promise<void> {
    this.#reach().deleteTag(tagId);
  }

  override tagContactList(contactId?: string): Promise<string[]>;
  override async tagContactList(contactId?: string): Promise<string[]> {
    return this.#reach().listTags(contactId);
  }

  // Friendship

  override async friendshipAccept(friendshipId: string): Promise<void> {
    this.#reach().acceptFriendship(friendshipId);
  }

  override async friendshipAdd(contactId: string, option?: PUPPET.types.FriendshipAddOptions): Promise<void> {
    const hello = typeof option === 'string' ? option : option?.hello;
    this.#reach().requestFriendshipByBot(contactId, hello);
  }

  override async friendshipSearchPhone(phone: string): Promise<string | null> {
    const found = this.#reach()
      .listPeople()
      .find(({ phones }) => phones.includes(phone));
    return found?.id ?? null;
  }

  override async friendshipSearchHandle(_handle: string): Promise<string | null> {
    return null;
  }

  override async friendshipRawPayload(friendshipId: string): Promise<PUPPET.payloads.Friendship> {
    return friendshipPayload(this.#reachPayloads().friendship(friendshipId));
  }

  override async friendshipRawPayloadParser(payload: PUPPET.payloads.Friendship): Promise<PUPPET.payloads.Friendship> {
    return payload;
  }

  // Rooms

  override async roomList(): Promise<string[]> {
    const world = this.#reach();
    return world.listRooms(world.botId).map(({ id }) => id);
  }

  override async roomCreate(contactIdList: string[], topic = ''): Promise<string> {
    const world = this.#reach();
    return world.createRoom({ topic, ownerId: world.botId, memberIds: [world.botId, ...contactIdList] }).id;
  }

  override async roomAdd(roomId: string, contactId: string | string[], _inviteOnly?: boolean): Promise<void> {
    const world = this.#reach();
    world.join(roomId, [contactId].flat(), { by: 'invitation', inviterId: world.botId });
  }

  override async roomDel(roomId: string, contactId: string | string[]): Promise<void> {
    const world = this.#reach();
    world.remove(roomId, [contactId].flat(), world.botId);
  }

  override async roomQuit(roomId: string): Promise<void> {
    const world = this.#reach();
    world.leave(roomId, world.botId);
  }

  override async roomAvatar(roomId: string): Promise<FileBoxInterface> {
    return FileBox.fromBase64(ONE_PIXEL_PNG, `room-${this.#reach().room(roomId).id}.png`);
  }

  override async roomQRCode(roomId: string): Promise<string> {
    return `simulated-wechat:${this.#reach().room(roomId).id}`;
  }

  override roomTopic(roomId: string): Promise<string>;
  override roomTopic(roomId: string, topic: string): Promise<void>;
  override async roomTopic(roomId: string, topic?: string): Promise<unknown> {
    const world = this.#reach();
    return topic === undefined ? world.room(roomId).topic : world.setTopic(roomId, world.botId, topic);
  }

  override roomAnnounce(roomId: string): Promise<string>;
  override roomAnnounce(roomId: string, text: string): Promise<void>;
  override async roomAnnounce(roomId: string, text?: string): Promise<unknown> {
    const world = this.#reach();
    return text === undefined ? world.room(roomId).announcement : world.announce(roomId, world.botId, text);
  }

  override async roomRawPayload(roomId: string): Promise<PUPPET.payloads.Room> {
    const room = this.#reachPayloads().findRoom(roomId);
    if (!room) throw noPayload('room', roomId);
    return roomPayload(room);
  }

  override async roomRawPayloadParser(payload: PUPPET.payloads.Room): Promise<PUPPET.payloads.Room> {
    return payload;
  }

  /** An unknown room has no members; Wechaty asks for rooms that are not there. */
  override async roomMemberList(roomId: string): Promise<string[]> {
    return [...(this.#reach().findRoom(roomId)?.memberIds ?? [])];
  }

  override async roomMemberRawPayload(roomId: string, contactId: string): Promise<PUPPET.payloads.RoomMember> {
    const world = this.#reachPayloads(contactId);
    const [room, contact] = [world.findRoom(roomId), world.findContact(contactId)];
    if (!room || !contact) throw noPayload('room member', contactId);
    return memberPayload(room, contact);
  }

  override async roomMemberRawPayloadParser(payload: PUPPET.payloads.RoomMember): Promise<PUPPET.payloads.RoomMember> {
    return payload;
  }

  override async roomInvitationAccept(invitationId: string): Promise<void> {
    this.#reach().acceptInvitation(invitationId);
  }

  override async roomInvitationRawPayload(invitationId: string): Promise<PUPPET.payloads.RoomInvitation> {
    const world = this.#reachPayloads();
    const invitation = world.invitation(invitationId);
    return invitationPayload(invitation, { room: world.room(invitation.roomId), botId: world.botId });
  }

  override async roomInvitationRawPayloadParser(
    payload: PUPPET.payloads.RoomInvitation,
  ): Promise<PUPPET.payloads.RoomInvitation> {
    return payload;
  }

  // Messages

  override async messageRawPayload(messageId: string): Promise<PUPPET.payloads.Message> {
    const message = this.world.findMessage(messageId);
    const world = this.#reachPayloads(message?.talkerId);
    if (!message) throw noPayload('message', messageId);
    const room = world.findRoom(message.conversationId);
    const mentionIds = message.mentionsAll ? room?.memberIds : message.mentionIds;
    return messagePayload(message, {
      botId: world.botId,
      ...(room && { room }),
      ...(this.faults.settings.mentionIds && mentionIds && { mentionIds }),
    });
  }

  override async messageRawPayloadParser(payload: PUPPET.payloads.Message): Promise<PUPPET.payloads.Message> {
    return payload;
  }

  override async messageFile(messageId: string): Promise<FileBoxInterface> {
    const world = this.#reach();
    const [message, file] = [world.findMessage(messageId), world.findFile(messageId)];
    if (!message || !file) throw noPayload('file', messageId);
    return fileBox(file, message.content);
  }

  override async messageImage(messageId: string, _imageType: PUPPET.types.Image): Promise<FileBoxInterface> {
    return this.messageFile(messageId);
  }

  override async messageContact(messageId: string): Promise<string> {
    return this.#content(messageId, 'contact-card').contactId;
  }

  override async messageUrl(messageId: string): Promise<PUPPET.payloads.UrlLink> {
    const { title, url, description, thumbnailUrl } = this.#content(messageId, 'link');
    return { title, url, description, thumbnailUrl };
  }

  override async messageMiniProgram(messageId: string): Promise<PUPPET.payloads.MiniProgram> {
    const { title, appId, username, pagePath, description } = this.#content(messageId, 'mini-program');
    return { title, appid: appId, username, pagePath, description };
  }

  override async messageLocation(messageId: string): Promise<PUPPET.payloads.Location> {
    const { name, address, latitude, longitude, accuracy } = this.#content(messageId, 'location');
    return { name, address, latitude, longitude, accuracy };
  }

  override async conversationReadMark(conversationId: string, hasRead?: boolean): Promise<boolean | undefined> {
    if (hasRead === undefined) return this.#reach().isRead(conversationId);
    this.#reach().markRead(conversationId, hasRead);
    return undefined;
  }

  override messageSendText(to: string, text: string, mentionIdList: string[] = []): Promise<string | undefined> {
    return this.#send((world) => world.sayByProgram(to, text, mentionIdList));
  }

  override async messageSendFile(to: string, file: FileBoxInterface): Promise<string | undefined> {
    const { kind, mediaType } = kindOfFile(file.name);
    const sent = { name: file.name, mediaType, base64: await file.toBase64() };
    if (kind !== 'voice') return this.#send((world) => world.sendFile(world.botId, to, sent, kind, 'program'));
    const seconds = file.metadata.durationSeconds;
    const durationSeconds = typeof seconds === 'number' ? seconds : 1;
    return this.#send((world) => world.sendVoice(world.botId, to, { ...sent, durationSeconds }, 'program'));
  }

  override messageSendContact(to: string, contactId: string): Promise<string | undefined> {
    return this.#sendCard(to, { kind: 'contact-card', contactId });
  }

  override messageSendUrl(to: string, link: PUPPET.payloads.UrlLink): Promise<string | undefined> {
    const { title, url, description = '', thumbnailUrl = '' } = link;
    return this.#sendCard(to, { kind: 'link', title, url, description, thumbnailUrl });
  }

  override messageSendMiniProgram(to: string, program: PUPPET.payloads.MiniProgram): Promise<string | undefined> {
    const { title = '', appid: appId = '', username = '', pagePath = '', description = '' } = program;
    return this.#sendCard(to, { kind: 'mini-program', title, appId, username, pagePath, description });
  }

  override messageSendLocation(to: string, location: PUPPET.payloads.Location): Promise<string | undefined> {
    return this.#sendCard(to, { kind: 'location', ...location });
  }

  override async messageSendPost(_to: string, _post: PUPPET.payloads.Post): Promise<string | undefined> {
    return unsupported('messageSendPost');
  }

  override messageForward(to: string, messageId: string): Promise<string | undefined> {
    return this.#send((world) => world.forward(messageId, world.botId, to, 'program'));
  }

  override async messageRecall(messageId: string): Promise<boolean> {
    const world = this.#reach();
    return world.recall(messageId, world.botId).kind === 'recalled';
  }

  // Moments: no part of this WeChat

  override async postRawPayload(_postId: string): Promise<PUPPET.payloads.Post> {
    return unsupported('postRawPayload');
  }

  override async postRawPayloadParser(payload: PUPPET.payloads.Post): Promise<PUPPET.payloads.Post> {
    return payload;
  }

  override async postPublish(_payload: PUPPET.payloads.Post): Promise<never> {
    return unsupported('postPublish');
  }

  override async postSearch(): Promise<PUPPET.filters.PaginationResponse<string[]>> {
    return { response: [] };
  }

  override async tap(_postId: string): Promise<never> {
    return unsupported('tap');
  }

  override async tapSearch(): Promise<PUPPET.filters.PaginationResponse<PUPPET.payloads.Tap>> {
    return { response: {} };
  }
}

const ONE_PIXEL_PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

function isKind<K extends MessageContent['kind']>(
  content: MessageContent,
  kind: K,
): content is Extract<MessageContent, { kind: K }> {
  return content.kind === kind;
}

function noPayload(what: string, id: string): SimulatedProviderError {
  return new SimulatedProviderError('no-payload', `no ${what} payload found for id ${id}`);
}

function unsupported(what: string): never {
  throw new SimulatedProviderError('unsupported', `the simulated WeChat does not support ${what}`);
}
