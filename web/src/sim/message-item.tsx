import { type ReactNode, useRef } from 'react';
import type { SimMessage, SimOverview } from '../../../src/simulator/wire.js';
import { Avatar } from './avatar';
import { nameIn } from './conversations';
import { FileIcon, MoreIcon, WavesIcon } from './icons';

const LONG_PRESS_MS = 500;

/** Where a menu opens: a point of the window. */
export interface MenuPoint {
  x: number;
  y: number;
}

/** One message on its side: mine green on the right, everybody else's white on the left. */
export function MessageItem(props: {
  overview: SimOverview;
  message: SimMessage;
  me: string;
  inRoom: boolean;
  onMenu: (point: MenuPoint) => void;
  /** A finger that rests on a face mentions its person, as on a phone. */
  onMention: () => void;
  onOpenPicture: () => void;
}) {
  const { overview, message, me, inRoom } = props;
  const mine = message.talkerId === me;
  const name = nameIn(overview, message.conversationId, message.talkerId);
  const press = useLongPress(props.onMenu);
  const pressFace = useLongPress(props.onMention);
  return (
    <article className={mine ? 'message mine' : 'message'} data-message-id={message.messageId} aria-label={`${name}说`}>
      <span className="face" {...(inRoom && !mine ? pressFace : {})}>
        <Avatar overview={overview} contactId={message.talkerId} />
      </span>
      <div className="message-body">
        {inRoom && !mine ? <span className="talker">{name}</span> : null}
        <div className="bubble-line">
          <div className={`bubble of-${message.kind}`} {...press}>
            <MessageContent message={message} onOpenPicture={props.onOpenPicture} />
          </div>
          <button
            type="button"
            className="more"
            aria-label="更多：引用、复制、撤回"
            aria-haspopup="menu"
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              props.onMenu({ x: box.left, y: box.bottom });
            }}
          >
            <MoreIcon />
          </button>
        </div>
        {message.quoted ? (
          <blockquote className="quoted">
            {message.quoted.name}：{message.quoted.text}
          </blockquote>
        ) : null}
      </div>
    </article>
  );
}

function MessageContent({ message, onOpenPicture }: { message: SimMessage; onOpenPicture: () => void }) {
  switch (message.kind) {
    case 'picture':
      return (
        <button type="button" className="picture" onClick={onOpenPicture}>
          <img src={message.fileUrl} alt={`图片 ${message.text}`} loading="lazy" />
        </button>
      );
    case 'voice':
      return (
        <span className="voice" style={{ width: voiceWidth(message.voiceSeconds ?? 0) }}>
          <WavesIcon />
          <span>{message.voiceSeconds}″</span>
          <span className="only-for-readers">语音（模拟，没有声音）</span>
        </span>
      );
    case 'file':
      return (
        <a className="file-link" href={message.fileUrl} download>
          <FileIcon />
          {message.text}
        </a>
      );
    default:
      return withWholeMentions(message.text);
  }
}

/** Longer as one speaks longer, up to a minute. */
function voiceWidth(seconds: number): string {
  return `${76 + Math.min(60, seconds) * 2}px`;
}

/** No line ends between `@` and the name behind it. */
function withWholeMentions(text: string): ReactNode[] {
  return text.split(/(@\S)/u).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change their order.
      <span key={index} className="whole">
        {part}
      </span>
    ) : (
      part
    ),
  );
}

/** Right click, or a finger that rests. */
function useLongPress(onMenu: (point: MenuPoint) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const cancel = () => clearTimeout(timer.current);
  return {
    onContextMenu: (event: React.MouseEvent) => {
      event.preventDefault();
      cancel();
      onMenu({ x: event.clientX, y: event.clientY });
    },
    onPointerDown: (event: React.PointerEvent) => {
      if (event.pointerType === 'mouse') return;
      const point = { x: event.clientX, y: event.clientY };
      timer.current = setTimeout(() => onMenu(point), LONG_PRESS_MS);
    },
    onPointerUp: cancel,
    onPointerCancel: cancel,
    onPointerMove: (event: React.PointerEvent) => {
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 6) cancel();
    },
  };
}
