import type { Clock } from '../../src/platform/clock.js';
import type { ChannelState, Door, ExternalConversation, OutgoingFile } from '../../src/platform/puppet/door.js';

export interface Sent {
  at: number;
  /** The platform's id of the room or the contact. */
  to: string;
  text: string;
  mentionIds: string[];
  file: boolean;
  platformId: string;
}

type Behaviour = (text: string, to: string) => Promise<void> | void;

/**
 * The edge to WeChat with a memory: what arrived there, in order. `behave`
 * throws what a send fails with; `arrivesAnyway` says that such a message is
 * there nevertheless.
 */
export class FakeDoor implements Door {
  readonly mode = 'in-process';
  readonly arrived: Sent[] = [];
  readonly tried: string[] = [];
  state: ChannelState = { kind: 'online', selfId: 'self', since: 0 };
  behave: Behaviour = () => {};
  arrivesAnyway = false;
  givesIds = true;
  #next = 0;

  constructor(readonly clock: Clock) {}

  get texts(): string[] {
    return this.arrived.map((sent) => sent.text);
  }

  async sendText(to: ExternalConversation, text: string, mentionIds: string[]) {
    return this.#send(to, text, mentionIds, false);
  }

  async sendFile(to: ExternalConversation, file: OutgoingFile) {
    return this.#send(to, file.name, [], true);
  }

  async #send(to: ExternalConversation, text: string, mentionIds: string[], file: boolean) {
    const place = to.kind === 'room' ? to.externalRoomId : to.contactId;
    this.tried.push(text);
    const platformId = `m${++this.#next}`;
    const arrive = () => {
      this.arrived.push({ at: this.clock.now(), to: place, text, mentionIds, file, platformId });
    };
    try {
      await this.behave(text, place);
    } catch (error) {
      if (this.arrivesAnyway) arrive();
      throw error;
    }
    arrive();
    return this.givesIds ? { platformId } : {};
  }

  async displayName(contactId: string) {
    return `name of ${contactId}`;
  }

  start() {}
  async stop() {}
  onState() {}
  onIncoming() {}
  onGap() {}
  async isFriend() {
    return true;
  }
  async acceptFriendship() {}
  async acceptInvitation() {}
  async roomTopic() {
    return '';
  }
  async listRooms() {
    return [];
  }
  async listMembers() {
    return [];
  }
}
