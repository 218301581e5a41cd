import { type ReactNode, useState } from 'react';
import type { SimPerson } from '../../../src/simulator/wire.js';
import { postJson } from '../api';
import { listTime } from '../time-words';
import { Avatar, RoomAvatar } from './avatar';
import {
  type Community,
  type Conversation,
  conversationsOf,
  nameIn,
  noticeFor,
  summary,
  unreadOf,
} from './conversations';
import { descriptionOf, roleWords } from './person-picker';

/** The phone's first screen: who I am, and my conversations. */
export function ConversationList(props: {
  community: Community;
  me: SimPerson;
  open: string | null;
  onOpen: (conversationId: string) => void;
  onSwitchPerson: () => void;
  onProblem: (error: unknown) => void;
}) {
  const { community, me, open } = props;
  const { overview } = community;
  const conversations = conversationsOf(community, me.contactId);
  const elsewhere = overview.people.some(
    (person) => person.contactId !== me.contactId && unreadOf(community, person.contactId) > 0,
  );
  return (
    <div className="list">
      <button type="button" className="me" onClick={props.onSwitchPerson}>
        <span className="avatar-holder">
          <Avatar overview={overview} contactId={me.contactId} />
          {elsewhere ? (
            <span className="dot">
              <span className="only-for-readers">别人有未读消息</span>
            </span>
          ) : null}
        </span>
        <span className="two-lines">
          <span className="line">
            <span className="name">{me.name}</span>
            <span className="tag">{roleWords(me)}</span>
          </span>
          <span className="line faint">{descriptionOf(me) || '点这里换一个人'}</span>
        </span>
        <span className="switch-word">换人</span>
      </button>
      <nav aria-label="聊天">
        <ul>
          {conversations.map((conversation) => (
            <li key={conversation.conversationId}>
              <ConversationRow
                community={community}
                me={me}
                conversation={conversation}
                isOpen={conversation.conversationId === open}
                onOpen={props.onOpen}
              />
            </li>
          ))}
        </ul>
      </nav>
      <OtherRooms community={community} me={me} onOpen={props.onOpen} onProblem={props.onProblem} />
    </div>
  );
}

function ConversationRow(props: {
  community: Community;
  me: SimPerson;
  conversation: Conversation;
  isOpen: boolean;
  onOpen: (conversationId: string) => void;
}) {
  const { community, me, conversation } = props;
  const { overview } = community;
  const { latest, unread, room } = conversation;
  return (
    <button
      type="button"
      className="row"
      aria-current={props.isOpen ? 'true' : undefined}
      onClick={() => props.onOpen(conversation.conversationId)}
    >
      <span className="avatar-holder">
        {room ? (
          <RoomAvatar overview={overview} room={room} />
        ) : (
          <Avatar overview={overview} contactId={overview.botId} />
        )}
        {unread > 0 ? (
          <span className="badge">
            {unread > 99 ? '99+' : unread}
            <span className="only-for-readers">条未读</span>
          </span>
        ) : null}
      </span>
      <span className="two-lines">
        <span className="line">
          <span className="name">{conversation.title}</span>
          {latest ? (
            <time className="faint">{listTime(latest.at, overview.time.now, overview.time.timeZone)}</time>
          ) : null}
        </span>
        <span className="line faint">
          {conversation.mentioned ? <span className="at-me">[有人@我]</span> : null}
          <span className="last">{latest ? lastLine(community, me, conversation) : '还没有消息'}</span>
        </span>
      </span>
    </button>
  );
}

function lastLine(community: Community, me: SimPerson, { latest, room }: Conversation): ReactNode {
  if (!latest) return '';
  const name = nameIn(community.overview, latest.conversationId, latest.talkerId);
  if (latest.kind === 'notice') return noticeFor(latest, me.contactId, name);
  const words = summary(latest);
  return room && latest.talkerId !== me.contactId ? `${name}：${words}` : words;
}

function OtherRooms(props: {
  community: Community;
  me: SimPerson;
  onOpen: (conversationId: string) => void;
  onProblem: (error: unknown) => void;
}) {
  const { community, me } = props;
  const [busy, setBusy] = useState(false);
  const others = community.overview.rooms.filter((room) => !room.memberIds.includes(me.contactId));
  if (others.length === 0) return null;
  const join = async (roomId: string) => {
    setBusy(true);
    try {
      await postJson(`/api/sim/rooms/${encodeURIComponent(roomId)}/join`, { as: me.contactId });
      props.onOpen(roomId);
    } catch (error) {
      props.onProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <details className="other-rooms">
      <summary>不在的群（{others.length}）</summary>
      <ul>
        {others.map((room) => (
          <li key={room.roomId} className="row">
            <RoomAvatar overview={community.overview} room={room} />
            <span className="name">{room.topic}</span>
            <button type="button" className="text-button" disabled={busy} onClick={() => join(room.roomId)}>
              扫码进群
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
