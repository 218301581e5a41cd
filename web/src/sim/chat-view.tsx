import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { SimMessage, SimPerson, SimRoom } from '../../../src/simulator/wire.js';
import { ApiError, postJson } from '../api';
import { separatorTime } from '../time-words';
import { Composer } from './composer';
import { type Community, findPerson, nameIn, noticeFor, unreadOf } from './conversations';
import { MENTION_END, useDraft } from './draft';
import { hintsFor } from './hints';
import { BackIcon, MoreIcon } from './icons';
import { type MenuPoint, MessageItem } from './message-item';
import { type MenuChoice, MessageMenu } from './message-menu';
import { PictureViewer } from './picture-viewer';
import { RoomMembers } from './room-members';

const SEPARATOR_MS = 5 * 60_000;
const RECALL_MS = 2 * 60_000;
const NEAR_END_PX = 120;

export interface ChatViewProps {
  community: Community;
  me: SimPerson;
  conversationId: string;
  readHistory: (contactId: string, conversationId: string, before?: number) => Promise<void>;
  markSeen: (contactId: string, conversationId: string) => void;
  onBack: () => void;
  onProblem: (error: unknown) => void;
}

/** One conversation as one person sees it. Mount it anew for another person or conversation. */
export function ChatView(props: ChatViewProps) {
  const { community, me, conversationId, readHistory, markSeen, onProblem } = props;
  const { overview } = community;
  const room = overview.rooms.find((candidate) => candidate.roomId === conversationId);
  const botName = findPerson(overview, overview.botId)?.name ?? '小杏';
  const messages = community.messages[conversationId] ?? [];
  const history = community.history[conversationId];
  const { draft, change, clear } = useDraft(`${me.contactId}/${conversationId}`);
  const [menu, setMenu] = useState<{ point: MenuPoint; message: SimMessage } | null>(null);
  const [picture, setPicture] = useState<SimMessage | null>(null);
  const [membersShown, setMembersShown] = useState(false);
  const [hintsWanted, setHintsWanted] = useState<boolean | null>(null);
  const closeMenu = useCallback(() => setMenu(null), []);
  const newest = messages.at(-1)?.sequence ?? 0;

  useEffect(() => {
    if (history === undefined) readHistory(me.contactId, conversationId).catch(onProblem);
  }, [history, readHistory, me.contactId, conversationId, onProblem]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: seen again with every new message.
  useEffect(() => markSeen(me.contactId, conversationId), [newest, markSeen, me.contactId, conversationId]);

  const hasSpoken = messages.some((message) => message.talkerId === me.contactId && message.kind !== 'notice');
  const hintsShown = hintsWanted ?? (history !== undefined && !hasSpoken);
  const canSpeak = room !== undefined || me.friendOfBot;
  const unreadElsewhere = unreadOf(community, me.contactId);

  const menuChoices = (message: SimMessage): MenuChoice[] => [
    ...(canSpeak ? [{ label: '引用', run: () => quote(message) }] : []),
    ...(message.kind === 'text' ? [{ label: '复制', run: () => void copy(message.text).catch(onProblem) }] : []),
    ...(message.talkerId === me.contactId && overview.time.now - message.at <= RECALL_MS
      ? [{ label: '撤回', run: () => void recall(message.messageId) }]
      : []),
  ];

  function quote(message: SimMessage) {
    change({ quote: message });
    focusBox();
  }

  function mention(contactId: string) {
    const name = nameIn(overview, conversationId, contactId);
    change({ text: `${draft.text}@${name}${MENTION_END}`, mentions: [...draft.mentions, { contactId, name }] });
    focusBox();
  }

  async function recall(messageId: string) {
    try {
      await postJson(`/api/sim/messages/${encodeURIComponent(messageId)}/recall`, { as: me.contactId });
    } catch (error) {
      onProblem(error);
    }
  }

  function fillIn(hint: string) {
    const mention = `@${botName}`;
    const isMention = room !== undefined && hint.startsWith(mention);
    change({
      text: isMention ? `${mention}${MENTION_END}${hint.slice(mention.length).trimStart()}` : hint,
      mentions: isMention ? [{ contactId: overview.botId, name: botName }] : [],
    });
    focusBox();
  }

  return (
    <section className="chat" aria-label={room?.topic ?? botName}>
      <header className="chat-head">
        <button type="button" className="icon-button back" aria-label="返回聊天列表" onClick={props.onBack}>
          <BackIcon />
          {unreadElsewhere > 0 ? (
            <span className="back-count">
              {unreadElsewhere > 99 ? '99+' : unreadElsewhere}
              <span className="only-for-readers">条未读</span>
            </span>
          ) : null}
        </button>
        <h1>
          {room?.topic ?? botName}
          {room ? <span className="count">（{room.memberIds.length}）</span> : null}
        </h1>
        {room ? (
          <button
            type="button"
            className="icon-button"
            aria-label="群成员"
            aria-expanded={membersShown}
            onClick={() => setMembersShown(!membersShown)}
          >
            <MoreIcon />
          </button>
        ) : null}
      </header>
      {room && membersShown ? (
        <RoomMembers
          overview={overview}
          room={room}
          me={me}
          onClose={() => setMembersShown(false)}
          onLeft={props.onBack}
          onProblem={onProblem}
        />
      ) : null}
      <Messages
        {...props}
        room={room}
        messages={messages}
        hasOlder={history === 'part'}
        onMenu={(point, message) => setMenu({ point, message })}
        onMention={mention}
        onOpenPicture={setPicture}
        onWriteAgain={(text) => {
          change({ text });
          focusBox();
        }}
      />
      {hintsShown && canSpeak ? (
        <aside className="hints" aria-label="试试这样说">
          <p>
            试试这样说 <small>点一下填进输入框，可以改了再发</small>
          </p>
          <ul>
            {hintsFor(me, room?.topic, botName).map((hint) => (
              <li key={hint}>
                <button type="button" onClick={() => fillIn(hint)}>
                  {hint}
                </button>
              </li>
            ))}
          </ul>
        </aside>
      ) : null}
      {canSpeak ? (
        <Composer
          community={community}
          me={me}
          conversationId={conversationId}
          room={room}
          draft={draft}
          onDraft={change}
          onClear={clear}
          onToggleHints={() => setHintsWanted(!hintsShown)}
          onProblem={onProblem}
        />
      ) : (
        <FriendRequest me={me} botName={botName} onProblem={onProblem} />
      )}
      {menu ? <MessageMenu inRow point={menu.point} choices={menuChoices(menu.message)} onClose={closeMenu} /> : null}
      {picture ? <PictureViewer picture={picture} onClose={() => setPicture(null)} /> : null}
    </section>
  );
}

function Messages(
  props: ChatViewProps & {
    room: SimRoom | undefined;
    messages: SimMessage[];
    hasOlder: boolean;
    onMenu: (point: MenuPoint, message: SimMessage) => void;
    onMention: (contactId: string) => void;
    onOpenPicture: (message: SimMessage) => void;
    onWriteAgain: (text: string) => void;
  },
) {
  const { community, me, conversationId, room, messages, hasOlder } = props;
  const { overview } = community;
  const { now, timeZone } = overview.time;
  const shown = messages.filter((message) => !message.recalled);
  const { pane, waiting, toEnd, onScroll } = useStickToEnd(shown, me.contactId);
  const readOlder = () => {
    props.readHistory(me.contactId, conversationId, messages[0]?.sequence).catch(props.onProblem);
  };
  return (
    <div className="messages-holder">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard. */}
      <div className="messages" ref={pane} onScroll={onScroll} role="log" aria-live="polite" tabIndex={0}>
        {hasOlder ? (
          <button type="button" className="text-button older" onClick={readOlder}>
            查看更早的消息
          </button>
        ) : null}
        {shown.map((message, index) => (
          <Fragment key={message.messageId}>
            {message.at - (shown[index - 1]?.at ?? 0) > SEPARATOR_MS ? (
              <p className="separator">
                <time>{separatorTime(message.at, now, timeZone)}</time>
              </p>
            ) : null}
            {message.kind === 'notice' ? (
              <p className="grey-line">
                {noticeFor(message, me.contactId, nameIn(overview, conversationId, me.contactId))}
                <WriteAgain message={message} messages={messages} me={me.contactId} onWriteAgain={props.onWriteAgain} />
              </p>
            ) : (
              <MessageItem
                overview={overview}
                message={message}
                me={me.contactId}
                inRoom={room !== undefined}
                onMenu={(point) => props.onMenu(point, message)}
                onMention={() => props.onMention(message.talkerId)}
                onOpenPicture={() => props.onOpenPicture(message)}
              />
            )}
          </Fragment>
        ))}
      </div>
      {waiting > 0 ? (
        <button type="button" className="to-end" onClick={toEnd}>
          {waiting} 条新消息 ↓
        </button>
      ) : null}
    </div>
  );
}

/** Beside the line about my own recalled words: takes them back into the text box. */
function WriteAgain(props: {
  message: SimMessage;
  messages: SimMessage[];
  me: string;
  onWriteAgain: (text: string) => void;
}) {
  const { message, messages, me } = props;
  if (message.recallOf === undefined || message.talkerId !== me) return null;
  const recalled = messages.find((candidate) => candidate.messageId === message.recallOf);
  if (recalled?.kind !== 'text') return null;
  return (
    <button type="button" className="text-button" onClick={() => props.onWriteAgain(recalled.text)}>
      重新编辑
    </button>
  );
}

/** After React has drawn what was put into the box. */
function focusBox() {
  requestAnimationFrame(() => {
    const box = document.querySelector<HTMLTextAreaElement>('.composer textarea');
    box?.focus();
    box?.setSelectionRange(box.value.length, box.value.length);
  });
}

/** Follows new messages as long as the reader is at the end, and counts them otherwise. */
function useStickToEnd(shown: SimMessage[], me: string) {
  const pane = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ first: 0, last: 0, height: 0 });
  const [waiting, setWaiting] = useState(0);

  const toEnd = useCallback(() => {
    const element = pane.current;
    if (element) element.scrollTop = element.scrollHeight;
    setWaiting(0);
  }, []);

  useLayoutEffect(() => {
    const element = pane.current;
    if (!element) return;
    const [first, last] = [shown[0]?.sequence ?? 0, shown.at(-1)?.sequence ?? 0];
    const added = shown.filter((message) => message.sequence > before.current.last);
    if (atEnd.current || added.some((message) => message.talkerId === me)) toEnd();
    else if (first < before.current.first) element.scrollTop += element.scrollHeight - before.current.height;
    else if (added.length > 0) setWaiting((count) => count + added.length);
    before.current = { first, last, height: element.scrollHeight };
  }, [shown, me, toEnd]);

  useEffect(() => {
    const element = pane.current;
    if (!element) return;
    // Pictures that load and a composer that grows move the end away.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    const onLoad = () => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    };
    element.addEventListener('load', onLoad, true);
    return () => {
      observer.disconnect();
      element.removeEventListener('load', onLoad, true);
    };
  }, []);

  const onScroll = useCallback(() => {
    const element = pane.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (atEnd.current) setWaiting(0);
  }, []);

  return { pane, waiting, toEnd, onScroll };
}

/** Shown in place of the text box as long as private messages would not pass. */
function FriendRequest(props: { me: SimPerson; botName: string; onProblem: (error: unknown) => void }) {
  const [hello, setHello] = useState(`我是${props.me.name}`);
  const [asked, setAsked] = useState(false);
  const ask = async () => {
    setAsked(true);
    try {
      await postJson('/api/sim/friend-requests', { as: props.me.contactId, hello });
    } catch (error) {
      setAsked(false);
      props.onProblem(error);
    }
  };
  return (
    <form
      className="friend-request"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <p>{asked ? '好友申请发出去了，等对方通过。' : `您和${props.botName}还不是好友，加了好友才能私聊。`}</p>
      <input
        aria-label="验证消息"
        value={hello}
        maxLength={100}
        onChange={(event) => setHello(event.target.value)}
        disabled={asked}
      />
      <button type="submit" className="send" disabled={asked}>
        添加到通讯录
      </button>
    </form>
  );
}

/** Browsers give the clipboard to loopback and HTTPS only. */
async function copy(text: string) {
  if (!('clipboard' in navigator)) throw new ApiError('浏览器不允许在这个网址复制');
  await navigator.clipboard.writeText(text);
}
