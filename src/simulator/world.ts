import type { Clock } from '../platform/clock.js';
import { MessageLog } from './message-log.js';
import { MENTION_END, quotedText, renderMentions, renderQuote } from './message-text.js';
import { parseSnapshot, type WorldSnapshot } from './snapshot.js';
import { WECHAT } from './wechat-words.js';
import { type IdShape, WorldIds } from './world-ids.js';
import {
  type FileContent,
  type JoinWay,
  type MessageContent,
  type RecallOutcome,
  type SimulatedContact,
  type SimulatedConversation,
  type SimulatedFriendship,
  type SimulatedInvitation,
  type SimulatedMember,
  type SimulatedMessage,
  type SimulatedRoom,
  type WechatRefusal,
  WechatRefusedError,
  type WorldEvent,
} from './world-types.js';

export type { WorldSnapshot } from './snapshot.js';
export type { IdShape } from './world-ids.js';
export * from './world-types.js';

/** WeChat lets people take a message back for two minutes. */
const RECALL_WITHIN_MS = 120_000;

export interface WorldOptions {
  clock: Clock;
  /** Part of every id, so that two worlds do not share ids. */
  seed?: number;
  botName?: string;
  ids?: IdShape;
  /** Older messages are forgotten, as on a phone whose storage is full. */
  messagesMax?: number;
  /** The files of the newest messages are kept up to this many base64 characters. */
  fileCharactersMax?: number;
}

export interface Speech {
  text: string;
  /** Rendered as `@name` in front of the text, unless the text already holds it. */
  mentionIds?: string[];
  /** `@所有人`. */
  mentionAll?: boolean;
  /** The id of the message that this one quotes. */
  quoteOf?: string;
  /** Phones end a mention with a thin space, desktops with a plain one. */
  client?: 'phone' | 'desktop';
}

interface Sent {
  mentionIds?: string[];
  mentionsAll?: boolean;
  origin?: 'phone' | 'program';
  file?: FileContent;
}

/**
 * A whole WeChat in memory: people, rooms, friendships and what is said.
 *
 * It knows no puppet. Pages, terminals and tests speak as any person by its
 * methods and see everything by `subscribe`; the SimulatorPuppet is one more
 * subscriber that speaks as the bot. Time comes from the clock and ids from
 * counters, so the same script gives the same world in every process.
 *
 * Where a method takes `to`, it is a room's id or the other side of a private
 * chat. Objects that are returned are live: read them, change them by methods.
 * What WeChat would refuse throws `WechatRefusedError`.
 */
export class SimulatedWechat {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #idShape: IdShape;
  readonly #ids: WorldIds;
  readonly #log: MessageLog;
  readonly #contacts = new Map<string, SimulatedContact>();
  readonly #rooms = new Map<string, SimulatedRoom>();
  readonly #friendships = new Map<string, SimulatedFriendship>();
  readonly #invitations = new Map<string, SimulatedInvitation>();
  readonly #tags = new Map<string, Set<string>>();
  readonly #readMarks = new Map<string, boolean>();
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  readonly #events: WorldEvent[] = [];
  #telling = false;
  #botId: string;
  #sequence = 0;
  #deliveredSequence = 0;
  #lastAt = 0;

  constructor(options: WorldOptions, snapshot?: WorldSnapshot) {
    this.#clock = options.clock;
    this.#seed = snapshot?.seed ?? options.seed ?? 1;
    this.#idShape = snapshot?.ids ?? options.ids ?? 'wecom';
    this.#ids = new WorldIds({
      seed: this.#seed,
      shape: this.#idShape,
      ...(snapshot && { counters: snapshot.counters }),
    });
    this.#log = new MessageLog({
      messages: options.messagesMax ?? 20_000,
      fileCharacters: options.fileCharactersMax ?? 32_000_000,
    });
    this.#botId = snapshot?.botId ?? this.addPerson({ name: options.botName ?? '小杏', role: 'bot' }).id;
    if (snapshot) this.#restore(snapshot);
  }

  /** Ids go on counting and history stays; time goes on from the later of snapshot and clock. */
  static fromSnapshot(options: WorldOptions, json: unknown): SimulatedWechat {
    return new SimulatedWechat(options, parseSnapshot(json));
  }

  toSnapshot(): WorldSnapshot {
    return structuredClone({
      version: 1,
      seed: this.#seed,
      ids: this.#idShape,
      counters: this.#ids.counters(),
      botId: this.#botId,
      savedAt: this.now(),
      sequence: this.#sequence,
      deliveredSequence: this.#deliveredSequence,
      contacts: [...this.#contacts.values()],
      rooms: [...this.#rooms.values()],
      friendships: [...this.#friendships.values()],
      invitations: [...this.#invitations.values()],
      tags: [...this.#tags].map(([tag, contactIds]) => ({ tag, contactIds: [...contactIds] })),
      readMarks: [...this.#readMarks].map(([conversationId, read]) => ({ conversationId, read })),
      messages: this.#log.since(0),
      files: this.#log.files().map(([messageId, file]) => ({ messageId, file })),
    } satisfies WorldSnapshot);
  }

  /** Simulated time; never earlier than anything that happened here. */
  now(): number {
    this.#lastAt = Math.max(this.#lastAt, this.#clock.now());
    return this.#lastAt;
  }

  /** Tells a live page of every change, in order; the listener must not throw. Returns the way to stop. */
  subscribe(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  // People

  get botId(): string {
    return this.#botId;
  }

  /** Makes another contact the account that the program signs in with. Only before it is used. */
  signInAs(contactId: string): void {
    this.contact(contactId).role = 'bot';
    this.#botId = contactId;
  }

  /** Adds somebody to this WeChat; a friend of the bot unless said otherwise. */
  addPerson(person: Partial<SimulatedContact> & { name: string }): SimulatedContact {
    const role = person.role ?? 'patient';
    const id = person.id ?? this.#ids.contact(role);
    if (this.#contacts.has(id) || this.#rooms.has(id)) throw refused('already-exists', `${id} exists already`);
    const contact: SimulatedContact = {
      friend: true,
      remark: '',
      gender: 'unknown',
      signature: '',
      description: '',
      phones: [],
      ...person,
      id,
      role,
    };
    this.#contacts.set(id, contact);
    this.#tell({ kind: 'contact-added', contactId: id });
    return contact;
  }

  findContact(contactId: string): SimulatedContact | undefined {
    return this.#contacts.get(contactId);
  }

  contact(contactId: string): SimulatedContact {
    const contact = this.#contacts.get(contactId);
    if (!contact) throw refused('unknown-contact', `there is no contact ${contactId}`);
    return contact;
  }

  /** The first person of this name, for scripts that speak of 张阿姨. */
  findByName(name: string): SimulatedContact | undefined {
    return this.listContacts().find((contact) => contact.name === name);
  }

  /** Everybody, the bot too. */
  listContacts(): SimulatedContact[] {
    return [...this.#contacts.values()];
  }

  /** Everybody but the bot. */
  listPeople(): SimulatedContact[] {
    return this.listContacts().filter((contact) => contact.id !== this.#botId);
  }

  /** Room alias where a room is given, else the nickname. */
  displayName(contactId: string, roomId?: string): string {
    const alias = roomId === undefined ? undefined : this.#rooms.get(roomId)?.aliases[contactId];
    return alias || (this.#contacts.get(contactId)?.name ?? contactId);
  }

  /** `told: false`: the provider does not push the change, so caches stay stale. */
  rename(contactId: string, name: string, { told = true } = {}): void {
    const contact = this.contact(contactId);
    const oldName = contact.name;
    contact.name = name;
    this.#tell({ kind: 'renamed', contactId, name, oldName, told });
  }

  setSignature(contactId: string, signature: string): void {
    this.contact(contactId).signature = signature;
    this.#tell({ kind: 'contact-changed', contactId });
  }

  setDescription(contactId: string, description: string): void {
    this.contact(contactId).description = description;
    this.#tell({ kind: 'contact-changed', contactId });
  }

  setPhones(contactId: string, phones: string[]): void {
    this.contact(contactId).phones = [...phones];
    this.#tell({ kind: 'contact-changed', contactId });
  }

  /** The remark (备注) that the bot's account keeps for a contact. */
  setRemark(contactId: string, remark: string): void {
    this.contact(contactId).remark = remark;
    this.#tell({ kind: 'remark-changed', contactId, remark });
  }

  // Friendship with the bot

  requestFriendship(contactId: string, hello = ''): SimulatedFriendship {
    if (this.contact(contactId).friend) throw refused('already-exists', `${contactId} is a friend already`);
    const friendship = this.#addFriendship(contactId, 'request', hello);
    this.#tell({ kind: 'friend-requested', friendship });
    return friendship;
  }

  /** The bot asks; nothing happens until the person accepts. */
  requestFriendshipByBot(contactId: string, hello = ''): SimulatedFriendship {
    if (this.contact(contactId).friend) throw refused('already-exists', `${contactId} is a friend already`);
    return this.#addFriendship(contactId, 'verify', hello);
  }

  /** Accepts an open request, of either side. Accepting twice does nothing. */
  acceptFriendship(friendshipId: string): void {
    const request = this.friendship(friendshipId);
    if (!request.open) return;
    request.open = false;
    this.contact(request.contactId).friend = true;
    const confirmed = this.#addFriendship(request.contactId, 'confirm', request.hello);
    this.#tell({ kind: 'friend-confirmed', friendship: confirmed });
    this.systemNotice(request.contactId, WECHAT.nowFriends(this.displayName(request.contactId)));
  }

  /** The person deletes the bot; private messages are refused from now on. */
  endFriendship(contactId: string): void {
    this.contact(contactId).friend = false;
    this.#tell({ kind: 'friend-removed', contactId });
  }

  friendship(friendshipId: string): SimulatedFriendship {
    const friendship = this.#friendships.get(friendshipId);
    if (!friendship) throw refused('unknown-friendship', `there is no friendship ${friendshipId}`);
    return friendship;
  }

  /** Requests that nobody has answered yet, oldest first. */
  listOpenFriendships(): SimulatedFriendship[] {
    return [...this.#friendships.values()].filter((friendship) => friendship.open);
  }

  // Rooms

  createRoom(room: {
    topic: string;
    memberIds: string[];
    ownerId?: string;
    id?: string;
    aliases?: Record<string, string>;
  }): SimulatedRoom {
    const id = room.id ?? this.#ids.room();
    if (this.#rooms.has(id) || this.#contacts.has(id)) throw refused('already-exists', `${id} exists already`);
    for (const memberId of room.memberIds) this.contact(memberId);
    const created: SimulatedRoom = {
      id,
      topic: room.topic,
      ownerId: room.ownerId ?? room.memberIds[0] ?? this.#botId,
      memberIds: [...new Set(room.memberIds)],
      aliases: { ...room.aliases },
      announcement: '',
    };
    this.#rooms.set(id, created);
    this.#tell({ kind: 'room-created', roomId: id });
    return created;
  }

  findRoom(roomId: string): SimulatedRoom | undefined {
    return this.#rooms.get(roomId);
  }

  room(roomId: string): SimulatedRoom {
    const room = this.#rooms.get(roomId);
    if (!room) throw refused('unknown-room', `there is no room ${roomId}`);
    return room;
  }

  findRoomByTopic(topic: string): SimulatedRoom | undefined {
    return this.listRooms().find((room) => room.topic === topic);
  }

  /** All rooms, or those of one member. */
  listRooms(memberId?: string): SimulatedRoom[] {
    const rooms = [...this.#rooms.values()];
    return memberId === undefined ? rooms : rooms.filter((room) => room.memberIds.includes(memberId));
  }

  listMembers(roomId: string): SimulatedMember[] {
    const room = this.room(roomId);
    return room.memberIds.map((contactId) => ({
      contactId,
      displayName: this.displayName(contactId, roomId),
      alias: room.aliases[contactId] ?? '',
      name: this.displayName(contactId),
    }));
  }

  /** `told: false`: a join that the provider missed; only a comparison of member lists shows it. */
  join(roomId: string, contactIds: string[], way: JoinWay, { told = true } = {}): void {
    const room = this.room(roomId);
    const names = contactIds.map((id) => this.contact(id).name);
    for (const id of contactIds) if (!room.memberIds.includes(id)) room.memberIds.push(id);
    this.#notice(roomId, this.#joinNotice(roomId, names, way));
    this.#tell({ kind: 'joined', roomId, contactIds: [...contactIds], way, at: this.now(), told });
  }

  /** Somebody goes without a word: WeChat shows no notice, and not every provider tells. */
  leave(roomId: string, contactId: string, { told = true } = {}): void {
    this.#takeOut(roomId, [contactId]);
    this.#tell({ kind: 'left', roomId, contactIds: [contactId], removerId: contactId, at: this.now(), told });
  }

  remove(roomId: string, contactIds: string[], removerId: string): void {
    const remover = this.displayName(removerId, roomId);
    const names = contactIds.map((id) => this.displayName(id, roomId));
    this.#takeOut(roomId, contactIds);
    this.#notice(roomId, WECHAT.removed(remover, names));
    this.#tell({ kind: 'left', roomId, contactIds: [...contactIds], removerId, at: this.now(), told: true });
  }

  setTopic(roomId: string, changerId: string, topic: string): void {
    const room = this.room(roomId);
    const oldTopic = room.topic;
    room.topic = topic;
    this.#notice(roomId, WECHAT.topicChanged(this.displayName(changerId, roomId), topic));
    this.#tell({ kind: 'topic-changed', roomId, topic, oldTopic, changerId, at: this.now() });
  }

  /** An announcement is also a message that mentions everybody. */
  announce(roomId: string, changerId: string, announcement: string): SimulatedMessage {
    const room = this.room(roomId);
    const oldAnnouncement = room.announcement;
    room.announcement = announcement;
    this.#tell({ kind: 'announced', roomId, announcement, oldAnnouncement, changerId, at: this.now() });
    return this.say(changerId, roomId, { text: `\n${announcement}`, mentionAll: true });
  }

  setRoomAlias(roomId: string, contactId: string, alias: string, { told = true } = {}): void {
    const room = this.#roomOfMember(roomId, contactId);
    if (alias) room.aliases[contactId] = alias;
    else delete room.aliases[contactId];
    this.#tell({ kind: 'alias-changed', roomId, contactId, alias, told });
  }

  /** Somebody invites the bot to a room by a card that it has to accept. */
  inviteBot(roomId: string, inviterId: string): SimulatedInvitation {
    this.#roomOfMember(roomId, inviterId);
    const invitation = { id: this.#ids.invitation(), roomId, inviterId, at: this.now(), open: true, told: false };
    this.#invitations.set(invitation.id, invitation);
    this.#tell({ kind: 'invited', invitation });
    return invitation;
  }

  acceptInvitation(invitationId: string): void {
    const invitation = this.invitation(invitationId);
    if (!invitation.open) return;
    invitation.open = false;
    this.join(invitation.roomId, [this.#botId], { by: 'invitation', inviterId: invitation.inviterId });
  }

  invitation(invitationId: string): SimulatedInvitation {
    const invitation = this.#invitations.get(invitationId);
    if (!invitation) throw refused('unknown-invitation', `there is no invitation ${invitationId}`);
    return invitation;
  }

  // Conversations

  /** What this person's phone lists, newest first. Private chats are always with the bot. */
  listConversations(viewerId: string): SimulatedConversation[] {
    this.contact(viewerId);
    const rooms = this.listRooms(viewerId).map((room) => this.#roomConversation(room));
    const partners = viewerId === this.#botId ? this.listPeople().map((person) => person.id) : [viewerId];
    const chats = partners.flatMap((personId) => this.#privateConversation(personId, viewerId) ?? []);
    return [...rooms, ...chats].sort((a, b) => (b.lastMessage?.sequence ?? 0) - (a.lastMessage?.sequence ?? 0));
  }

  /** The last messages of a conversation, oldest first. */
  history(conversationId: string, limit = 50, beforeSequence?: number): SimulatedMessage[] {
    return this.#log.history(conversationId, limit, beforeSequence);
  }

  findMessage(messageId: string): SimulatedMessage | undefined {
    return this.#log.find(messageId);
  }

  findFile(messageId: string): FileContent | undefined {
    return this.#log.findFile(messageId);
  }

  /** Whether `contactId` can see this conversation on their phone. */
  canSee(contactId: string, conversationId: string): boolean {
    const room = this.#rooms.get(conversationId);
    if (room) return room.memberIds.includes(contactId);
    return this.#contacts.has(conversationId) && (contactId === conversationId || contactId === this.#botId);
  }

  // Speaking; `fromId` may be the bot's own: then a human typed it on the bot's phone

  say(fromId: string, to: string, speech: Speech | string): SimulatedMessage {
    const said = typeof speech === 'string' ? { text: speech } : speech;
    const conversationId = this.#conversation(fromId, to);
    const mentionIds = said.mentionIds ?? [];
    const roomId = this.#rooms.has(conversationId) ? conversationId : undefined;
    const names = mentionIds.map((id) => this.displayName(id, roomId));
    if (said.mentionAll) names.unshift(WECHAT.everyone);
    const body = renderMentions(names, said.text, said.client === 'desktop' ? ' ' : MENTION_END);
    const content = this.#textContent(body, conversationId, said.quoteOf);
    return this.#post(fromId, conversationId, content, { mentionIds, mentionsAll: said.mentionAll ?? false });
  }

  /** What the program sends: the text already holds its mentions. */
  sayByProgram(to: string, text: string, mentionIds: string[] = []): SimulatedMessage {
    const conversationId = this.#conversation(this.#botId, to);
    const content = this.#textContent(text, conversationId);
    return this.#post(this.#botId, conversationId, content, { mentionIds, origin: 'program' });
  }

  sendPicture(fromId: string, to: string, file: FileContent): SimulatedMessage {
    return this.sendFile(fromId, to, file, 'picture');
  }

  sendVideo(fromId: string, to: string, file: FileContent): SimulatedMessage {
    return this.sendFile(fromId, to, file, 'video');
  }

  sendFile(
    fromId: string,
    to: string,
    file: FileContent,
    kind: 'picture' | 'video' | 'file' = 'file',
    origin: 'phone' | 'program' = 'phone',
  ): SimulatedMessage {
    const content: MessageContent = { kind, filename: file.name, mediaType: file.mediaType };
    return this.#post(fromId, this.#conversation(fromId, to), content, { file, origin });
  }

  sendVoice(
    fromId: string,
    to: string,
    voice: FileContent & { durationSeconds: number },
    origin: 'phone' | 'program' = 'phone',
  ): SimulatedMessage {
    const { durationSeconds, ...file } = voice;
    const content: MessageContent = {
      kind: 'voice',
      filename: file.name,
      mediaType: file.mediaType,
      durationSeconds,
    };
    return this.#post(fromId, this.#conversation(fromId, to), content, { file, origin });
  }

  /** Everything that has neither a text of its own nor a file: link, card, location, emoticon, red packet … */
  sendCard(fromId: string, to: string, card: CardContent, origin: 'phone' | 'program' = 'phone'): SimulatedMessage {
    return this.#post(fromId, this.#conversation(fromId, to), card, { origin });
  }

  /** Sends a message on, file included. */
  forward(messageId: string, fromId: string, to: string, origin: 'phone' | 'program' = 'phone'): SimulatedMessage {
    const message = this.#message(messageId);
    const file = this.#log.findFile(messageId);
    const conversationId = this.#conversation(fromId, to);
    return this.#post(fromId, conversationId, structuredClone(message.content), { origin, ...(file && { file }) });
  }

  /** 拍一拍 */
  pat(patterId: string, to: string, pattedId: string): SimulatedMessage {
    const conversationId = this.#conversation(patterId, to);
    const roomId = this.#rooms.has(conversationId) ? conversationId : undefined;
    const text = WECHAT.patted(this.displayName(patterId, roomId), this.displayName(pattedId, roomId));
    return this.#post(patterId, conversationId, { kind: 'pat', patterId, pattedId, text });
  }

  /** A grey line by WeChat that reaches the bot as a message of type Unknown. */
  systemNotice(conversationId: string, text: string): SimulatedMessage {
    if (!this.#rooms.has(conversationId)) this.contact(conversationId);
    return this.#post(this.#botId, conversationId, { kind: 'system', text, asEvent: false });
  }

  /** Takes one's own message back, within two minutes; a room's owner any message of the room. */
  recall(messageId: string, byId: string): RecallOutcome {
    const message = this.#log.find(messageId);
    if (!message || message.recalled) return { kind: 'unknown-message' };
    const ownerId = this.#rooms.get(message.conversationId)?.ownerId;
    if (message.talkerId !== byId && ownerId !== byId) return { kind: 'not-yours' };
    if (message.talkerId === byId && this.now() - message.sentAt > RECALL_WITHIN_MS) return { kind: 'too-late' };
    message.recalled = true;
    const text = WECHAT.recalled(this.displayName(byId, message.conversationId));
    const notice = this.#post(byId, message.conversationId, { kind: 'recall', recalledId: messageId, text });
    this.#tell({ kind: 'recalled', message: notice, recalledId: messageId, byId });
    return { kind: 'recalled', notice };
  }

  // The bot's line: what it has been given, so that a new login gets the rest

  /** Messages that no signed-in puppet was offered yet, oldest first. */
  listUndelivered(): SimulatedMessage[] {
    return this.#log.since(this.#deliveredSequence);
  }

  markDelivered(sequence: number): void {
    this.#deliveredSequence = Math.max(this.#deliveredSequence, sequence);
  }

  /** Friend requests, confirmations and invitations that the bot does not know of yet. */
  listUntold(): { friendships: SimulatedFriendship[]; invitations: SimulatedInvitation[] } {
    return {
      friendships: [...this.#friendships.values()].filter((friendship) => !friendship.told),
      invitations: [...this.#invitations.values()].filter((invitation) => !invitation.told),
    };
  }

  markTold(notice: SimulatedFriendship | SimulatedInvitation): void {
    notice.told = true;
  }

  // The bot's own address book

  addTag(tag: string, contactId: string): void {
    this.contact(contactId);
    const contactIds = this.#tags.get(tag) ?? new Set();
    this.#tags.set(tag, contactIds.add(contactId));
  }

  removeTag(tag: string, contactId: string): void {
    this.#tags.get(tag)?.delete(contactId);
  }

  deleteTag(tag: string): void {
    this.#tags.delete(tag);
  }

  /** All tags, or those of one contact. */
  listTags(contactId?: string): string[] {
    const entries = [...this.#tags];
    return entries.filter(([, ids]) => contactId === undefined || ids.has(contactId)).map(([tag]) => tag);
  }

  isRead(conversationId: string): boolean {
    return this.#readMarks.get(conversationId) ?? false;
  }

  markRead(conversationId: string, read: boolean): void {
    this.#readMarks.set(conversationId, read);
  }

  #restore(snapshot: WorldSnapshot): void {
    this.#lastAt = snapshot.savedAt;
    this.#sequence = snapshot.sequence;
    this.#deliveredSequence = snapshot.deliveredSequence;
    for (const contact of snapshot.contacts) this.#contacts.set(contact.id, contact);
    for (const room of snapshot.rooms) this.#rooms.set(room.id, room);
    for (const friendship of snapshot.friendships) this.#friendships.set(friendship.id, friendship);
    for (const invitation of snapshot.invitations) this.#invitations.set(invitation.id, invitation);
    for (const { tag, contactIds } of snapshot.tags) this.#tags.set(tag, new Set(contactIds));
    for (const { conversationId, read } of snapshot.readMarks) this.#readMarks.set(conversationId, read);
    const files = new Map(snapshot.files.map(({ messageId, file }) => [messageId, file]));
    for (const message of snapshot.messages) this.#log.add(message, files.get(message.id));
  }

  #post(talkerId: string, conversationId: string, content: MessageContent, sent: Sent = {}): SimulatedMessage {
    this.#sequence += 1;
    const message: SimulatedMessage = {
      id: this.#ids.message(),
      sequence: this.#sequence,
      sentAt: this.now(),
      conversationId,
      talkerId,
      content,
      mentionIds: [...(sent.mentionIds ?? [])],
      mentionsAll: sent.mentionsAll ?? false,
      recalled: false,
      origin: sent.origin ?? 'phone',
    };
    this.#log.add(message, sent.file);
    this.#tell({ kind: 'message', message });
    return message;
  }

  #notice(roomId: string, text: string): void {
    this.#post(this.#botId, roomId, { kind: 'system', text, asEvent: true });
  }

  #textContent(body: string, conversationId: string, quoteOf?: string): MessageContent {
    if (body === '') throw refused('empty-message', 'an empty message cannot be sent');
    if (quoteOf === undefined) return { kind: 'text', text: body, body };
    const quoted = this.#message(quoteOf);
    const roomId = this.#rooms.has(conversationId) ? conversationId : undefined;
    const quote = {
      messageId: quoted.id,
      name: this.displayName(quoted.talkerId, roomId),
      text: quotedText(quoted.content),
    };
    return { kind: 'text', text: renderQuote(quote, body), body, quote };
  }

  #message(messageId: string): SimulatedMessage {
    const message = this.#log.find(messageId);
    if (!message) throw refused('unknown-message', `there is no message ${messageId}`);
    return message;
  }

  /** The conversation that `fromId` means by `to`, if WeChat lets them speak there. */
  #conversation(fromId: string, to: string): string {
    this.contact(fromId);
    if (this.#rooms.has(to)) return this.#roomOfMember(to, fromId).id;
    const personId = fromId === this.#botId ? to : fromId;
    const withBot = fromId === this.#botId ? to !== this.#botId : to === this.#botId || to === fromId;
    const person = this.#contacts.get(personId);
    if (!person || !withBot) throw refused('unknown-conversation', `${fromId} has no conversation ${to}`);
    if (!person.friend) throw refused('not-a-friend', WECHAT.notAFriend(this.displayName(to)));
    return personId;
  }

  #roomOfMember(roomId: string, contactId: string): SimulatedRoom {
    const room = this.room(roomId);
    if (!room.memberIds.includes(contactId)) throw refused('not-a-member', `${contactId} is not in room ${roomId}`);
    return room;
  }

  #takeOut(roomId: string, contactIds: string[]): void {
    const room = this.room(roomId);
    for (const id of contactIds) {
      this.#roomOfMember(roomId, id);
      delete room.aliases[id];
    }
    room.memberIds = room.memberIds.filter((id) => !contactIds.includes(id));
  }

  #joinNotice(roomId: string, names: string[], way: JoinWay): string {
    if (way.by === 'unknown-inviter') return WECHAT.joined(names);
    const inviter = this.displayName(way.inviterId, roomId);
    return way.by === 'qr-code' ? WECHAT.scanned(names.join('、'), inviter) : WECHAT.invited(inviter, names);
  }

  #addFriendship(contactId: string, kind: SimulatedFriendship['kind'], hello: string): SimulatedFriendship {
    const id = this.#ids.friendship();
    const friendship = {
      id,
      contactId,
      kind,
      hello,
      at: this.now(),
      open: kind !== 'confirm',
      told: kind === 'verify',
    };
    this.#friendships.set(id, friendship);
    return friendship;
  }

  #roomConversation(room: SimulatedRoom): SimulatedConversation {
    const [lastMessage] = this.#log.history(room.id, 1);
    return {
      id: room.id,
      kind: 'room',
      title: room.topic,
      memberCount: room.memberIds.length,
      ...(lastMessage && { lastMessage }),
    };
  }

  /** Friends have a chat from the start, others only where something was said. */
  #privateConversation(personId: string, viewerId: string): SimulatedConversation | undefined {
    const [lastMessage] = this.#log.history(personId, 1);
    if (!lastMessage && !this.contact(personId).friend) return undefined;
    const title = this.displayName(viewerId === this.#botId ? personId : this.#botId);
    return { id: personId, kind: 'private', title, memberCount: 2, ...(lastMessage && { lastMessage }) };
  }

  /** What a listener sets in motion is told after what it was told, to everybody in the same order. */
  #tell(event: WorldEvent): void {
    this.#events.push(event);
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        for (const listener of [...this.#listeners]) listener(next);
      }
    } finally {
      this.#telling = false;
    }
  }
}

/** The contents that `sendCard` takes. */
export type CardContent = Extract<
  MessageContent,
  {
    kind:
      | 'link'
      | 'mini-program'
      | 'contact-card'
      | 'location'
      | 'emoticon'
      | 'chat-history'
      | 'red-packet'
      | 'transfer'
      | 'group-note';
  }
>;

function refused(code: WechatRefusal, message: string): WechatRefusedError {
  return new WechatRefusedError(code, message);
}
