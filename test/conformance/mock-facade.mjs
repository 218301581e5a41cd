// The interface of wechaty-puppet-mock over our simulator, so that the specs of the wechaty packages run against it
// unchanged. The specs decide what it must look like; nothing in Xinglin imports it.
import { EventEmitter } from 'node:events';
import { appendFileSync } from 'node:fs';
import * as PUPPET from 'wechaty-puppet';
import { contactPayload, messagePayload, roomPayload } from '../../dist/simulator/payloads.js';
import { SimulatorPuppet } from '../../dist/simulator/simulator-puppet.js';
import { SimulatedWechat } from '../../dist/simulator/world.js';

// Bound once: a spec that fakes the global timers must not run the heartbeat for ever.
const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;
const { setInterval: startInterval, clearInterval: stopInterval } = globalThis;
const now = Date.now.bind(Date);

const clock = {
  now: () => now(),
  after(delayMs, fn) {
    const timer = startTimeout(fn, delayMs).unref();
    return { cancel: () => stopTimeout(timer) };
  },
  every(periodMs, fn) {
    const timer = startInterval(fn, periodMs).unref();
    return { cancel: () => stopInterval(timer) };
  },
};

let puppets = 0;
process.on('exit', () => {
  if (process.env.CONFORMANCE_LEDGER) appendFileSync(process.env.CONFORMANCE_LEDGER, `${puppets}\n`);
});

class ContactMock extends EventEmitter {
  constructor(mocker, contact) {
    super();
    this.mocker = mocker;
    this.contact = contact;
  }

  get id() {
    return this.contact.id;
  }

  get payload() {
    return contactPayload(this.contact);
  }

  say(text = 'a sentence', mentions = []) {
    return { to: (conversation) => this.mocker.say(this, text, mentions, conversation) };
  }
}

class RoomMock extends EventEmitter {
  constructor(mocker, room) {
    super();
    this.mocker = mocker;
    this.room = room;
  }

  get id() {
    return this.room.id;
  }

  get payload() {
    return roomPayload(this.room);
  }

  topic(topic) {
    return { by: (contact) => this.mocker.world.setTopic(this.id, contact.id, topic) };
  }

  add(...contacts) {
    const ids = contacts.map(({ id }) => id);
    return { by: (inviter) => this.mocker.world.join(this.id, ids, { by: 'invitation', inviterId: inviter.id }) };
  }

  remove(...contacts) {
    const ids = contacts.map(({ id }) => id);
    return { by: (remover) => this.mocker.world.remove(this.id, ids, remover.id) };
  }
}

class Mocker {
  world = new SimulatedWechat({ clock });
  id = 'mocker';
  #puppet;
  #contacts = new Map();
  #rooms = new Map();
  #environments = [];
  #cleanUps = [];

  constructor() {
    // The specs bring their own bot: this one stays out of every list.
    this.world.contact(this.world.botId).friend = false;
  }

  get puppet() {
    if (!this.#puppet) throw new Error('puppet has not been set yet');
    return this.#puppet;
  }

  set puppet(puppet) {
    if (this.#puppet) throw new Error('puppet has already been set');
    this.#puppet = puppet;
  }

  use(...environments) {
    this.#environments.push(...environments);
  }

  start() {
    for (const environment of this.#environments) this.#cleanUps.push(environment(this));
  }

  stop() {
    for (const cleanUp of this.#cleanUps.splice(0)) setImmediate(cleanUp);
  }

  scan(qrcode, status = PUPPET.types.ScanStatus.Waiting) {
    this.puppet.emit('scan', { qrcode, status });
  }

  login(contact) {
    this.world.signInAs(contact.id);
    this.puppet.login(contact.id);
  }

  createContact({ id, name = `person ${this.#contacts.size + 1}` } = {}) {
    const contact = new ContactMock(this, this.world.addPerson({ name, ...(id && { id }) }));
    this.#contacts.set(contact.id, contact);
    return contact;
  }

  createContacts(count) {
    return Array.from({ length: count }, () => this.createContact());
  }

  createRoom({ id, topic = `room ${this.#rooms.size + 1}`, memberIdList = [...this.#contacts.keys()] } = {}) {
    const made = this.world.createRoom({ topic, memberIds: memberIdList, ...(id && { id }) });
    const room = new RoomMock(this, made);
    this.#rooms.set(room.id, room);
    return room;
  }

  createRooms(count) {
    return Array.from({ length: count }, () => this.createRoom());
  }

  randomContact() {
    return this.#contacts.values().next().value;
  }

  randomRoom() {
    return this.#rooms.values().next().value;
  }

  randomConversation() {
    return this.randomRoom() ?? this.randomContact();
  }

  say(talker, text, mentions, conversation = this.randomConversation()) {
    const { world } = this;
    const toRoom = conversation instanceof RoomMock;
    // In the simulator a private chat is with the bot; the mock knows no bot before the login.
    if (!toRoom && ![talker.id, conversation.id].includes(world.botId)) world.signInAs(talker.id);
    const message = world.say(talker.id, conversation.id, { text, mentionIds: mentions.map(({ id }) => id) });
    const options = { botId: world.botId, mentionIds: message.mentionIds, ...(toRoom && { room: conversation.room }) };
    const event = { id: message.id, payload: messagePayload(message, options) };
    talker.emit('message', event);
    conversation.emit('message', event);
    if (!this.puppet.isLoggedIn) this.puppet.redeliver([message.id]);
  }
}

const SimpleEnvironment = () => (mocker) => {
  const timer = setInterval(() => mocker.randomContact().say().to(), 5000);
  mocker.scan('https://example.invalid/simulator');
  const user = mocker.createContact();
  mocker.login(user);
  mocker.createRoom({ memberIdList: [user.id, ...mocker.createContacts(3).map(({ id }) => id)] });
  return () => clearInterval(timer);
};

class PuppetMock extends SimulatorPuppet {
  constructor(options = {}) {
    const mocker = options.mocker ?? new Mocker();
    super({ ...options, world: mocker.world, clock, signIn: false });
    puppets += 1;
    this.mocker = mocker;
    mocker.puppet = this;
  }

  async onStart() {
    await super.onStart();
    setImmediate(() => this.mocker.start());
  }

  async onStop() {
    await super.onStop();
    setImmediate(() => this.mocker.stop());
  }
}

const mock = { Mocker, SimpleEnvironment, ContactMock, RoomMock };

export default PuppetMock;
export { ContactMock, Mocker, mock, PuppetMock, RoomMock, SimpleEnvironment };
