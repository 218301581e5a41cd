import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import { type Conversation, conversationKey, mention, type Outbox } from '../platform/outbox/outbox.js';
import { community as text } from '../text/zh-CN/community.js';
import type { ChatMessage } from './chat.js';
import { isFriend } from './store.js';

const LATE_LINE_EVERY_MS = 3_600_000;

export interface Replies {
  say(
    tx: Transaction,
    message: ChatMessage,
    text: string,
    options?: { private?: boolean; plain?: boolean; evenLate?: boolean; part?: string },
  ): Promise<'queued' | 'suppressed' | 'not-a-friend'>;
  /** Instead of replies to what came too late: one line in this place. */
  noteLate(tx: Transaction, message: ChatMessage): Promise<void>;
  /** A file to the person in private. */
  sendFile(tx: Transaction, message: ChatMessage, file: { name: string; bytes: Uint8Array }): Promise<void>;
}

export function createReplies({
  clock,
  outbox,
  waitForFriend,
}: {
  clock: Clock;
  outbox: Outbox;
  /** Keeps a message waiting until its talker is a friend of the bot. */
  waitForFriend(tx: Transaction, messageId: string): Promise<void>;
}): Replies {
  async function noteLate(tx: Transaction, message: ChatMessage): Promise<void> {
    const to = conversationOf(message);
    await outbox.add(tx, {
      key: `late:${conversationKey(to)}:${Math.floor(clock.now() / LATE_LINE_EVERY_MS)}`,
      to,
      kind: 'notice',
      body: { kind: 'text', text: message.room ? text.lateInGroup() : text.lateInPrivate() },
    });
  }

  return {
    noteLate,
    async say(tx, message, words, options = {}) {
      if (message.late && !options.evenLate) {
        await noteLate(tx, message);
        return 'suppressed';
      }
      const inRoom = message.room !== undefined;
      if (options.private && inRoom && !(await isFriend(tx, message.personId))) {
        const day = Math.floor(clock.now() / 86_400_000);
        await outbox.add(tx, {
          key: `not-a-friend:${message.personId}:${message.place}:${day}`,
          to: conversationOf(message),
          kind: 'answer',
          body: { kind: 'text', text: `${mention(message.personId)} ${text.notAFriend()}` },
          causeMessageId: message.id,
        });
        await waitForFriend(tx, message.id);
        return 'not-a-friend';
      }
      const toRoom = inRoom && !options.private;
      await outbox.add(tx, {
        key: `reply:${message.id}:${options.part ?? 'main'}`,
        to: toRoom ? conversationOf(message) : { kind: 'private', personId: message.personId },
        kind: 'answer',
        body: { kind: 'text', text: toRoom && !options.plain ? `${mention(message.personId)} ${words}` : words },
        causeMessageId: message.id,
      });
      return 'queued';
    },
    async sendFile(tx, message, file) {
      await outbox.add(tx, {
        key: `file:${message.id}:${file.name}`,
        to: { kind: 'private', personId: message.personId },
        kind: 'answer',
        body: { kind: 'file', name: file.name, base64: Buffer.from(file.bytes).toString('base64') },
        causeMessageId: message.id,
      });
    },
  };
}

function conversationOf(message: ChatMessage): Conversation {
  return message.room ? { kind: 'room', roomId: message.room.id } : { kind: 'private', personId: message.personId };
}
