import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { SimPerson, SimRoom } from '../../../src/simulator/wire.js';
import { postJson } from '../api';
import { Avatar } from './avatar';
import { type Community, findPerson, nameIn, summary } from './conversations';
import { type Draft, MENTION_END, mentionIdsOf, typedMention } from './draft';
import { CloseIcon, HintIcon, PictureIcon, VoiceIcon } from './icons';
import type { MenuPoint } from './message-item';
import { MessageMenu } from './message-menu';
import { readPicture } from './picture-file';

const VOICE_SECONDS = [3, 10, 30];

/** The bar at the bottom: voice, text with `@` picker, picture, send. */
export function Composer(props: {
  community: Community;
  me: SimPerson;
  conversationId: string;
  room: SimRoom | undefined;
  draft: Draft;
  onDraft: (part: Partial<Draft>) => void;
  onClear: () => void;
  onToggleHints: () => void;
  onProblem: (error: unknown) => void;
}) {
  const { community, me, conversationId, room, draft, onDraft } = props;
  const { overview } = community;
  const box = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(draft.text.length);
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const [voiceMenu, setVoiceMenu] = useState<MenuPoint | null>(null);
  const isEmpty = draft.text.trim() === '';
  const path = `/api/sim/conversations/${encodeURIComponent(conversationId)}`;

  const fragment = room ? typedMention(draft.text, caret) : undefined;
  const members = fragment === undefined || closedAt === draft.text ? [] : fitting(fragment);
  const picked = members[Math.min(chosen, members.length - 1)];

  useEffect(() => {
    // With a keyboard one types at once; on a phone the screen keyboard would jump up.
    if (window.matchMedia('(hover: hover) and (min-width: 701px)').matches) box.current?.focus();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight + 2, 132)}px`;
  }, [draft.text]);

  function fitting(typed: string) {
    const others = (room?.memberIds ?? []).filter((contactId) => contactId !== me.contactId);
    const bot = others.filter((contactId) => contactId === overview.botId);
    return [...bot, ...others.filter((contactId) => contactId !== overview.botId)]
      .map((contactId) => ({ contactId, name: nameIn(overview, conversationId, contactId) }))
      .filter(({ contactId, name }) => `${name}${findPerson(overview, contactId)?.name ?? ''}`.includes(typed));
  }

  function pick(member: { contactId: string; name: string }) {
    const start = caret - (fragment?.length ?? 0);
    const before = `${draft.text.slice(0, start)}${member.name}${MENTION_END}`;
    onDraft({ text: before + draft.text.slice(caret), mentions: [...draft.mentions, member] });
    setCaret(before.length);
    setChosen(0);
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(before.length, before.length);
    });
  }

  async function send() {
    if (isEmpty) return;
    const said = draft;
    props.onClear();
    setCaret(0);
    try {
      await postJson(`${path}/messages`, {
        as: me.contactId,
        text: said.text,
        mentionIds: mentionIdsOf(said),
        ...(said.quote ? { quoteOf: said.quote.messageId } : {}),
      });
    } catch (error) {
      onDraft(said);
      props.onProblem(error);
    }
  }

  async function sendPicture(chosenFile: File) {
    try {
      await postJson(`${path}/pictures`, { as: me.contactId, ...(await readPicture(chosenFile)) });
    } catch (error) {
      props.onProblem(error);
    }
  }

  async function sendVoice(seconds: number) {
    try {
      await postJson(`${path}/voices`, { as: me.contactId, seconds });
    } catch (error) {
      props.onProblem(error);
    }
  }

  function onKeyDown(event: React.KeyboardEvent) {
    // Enter that ends the typing of a Chinese word is not for us.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (members.length > 0 && picked && onPickerKey(event, picked)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' && draft.quote) {
      onDraft({ quote: null });
    }
  }

  function onPickerKey(event: React.KeyboardEvent, member: { contactId: string; name: string }): boolean {
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % members.length);
    else if (event.key === 'ArrowUp') setChosen((chosen - 1 + members.length) % members.length);
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') pick(member);
    else if (event.key === 'Escape') setClosedAt(draft.text);
    else return false;
    event.preventDefault();
    return true;
  }

  return (
    <div className="composer">
      {members.length > 0 ? (
        <div className="mention-picker" id="mention-picker" role="listbox" aria-label="选择要提醒的人">
          {members.map((member) => (
            <button
              key={member.contactId}
              type="button"
              role="option"
              tabIndex={-1}
              id={`mention-${member.contactId}`}
              aria-selected={member === picked}
              ref={member === picked ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(member)}
            >
              <Avatar overview={overview} contactId={member.contactId} />
              {member.name}
            </button>
          ))}
        </div>
      ) : null}
      {draft.quote ? (
        <div className="quoting">
          <span className="quoting-text">
            {nameIn(overview, conversationId, draft.quote.talkerId)}：{summary(draft.quote)}
          </span>
          <button
            type="button"
            className="icon-button small"
            aria-label="取消引用"
            onClick={() => onDraft({ quote: null })}
          >
            <CloseIcon />
          </button>
        </div>
      ) : null}
      <form
        className={isEmpty ? 'bar' : 'bar has-text'}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <button
          type="button"
          className="icon-button"
          aria-label="发语音"
          aria-haspopup="menu"
          onClick={(event) => {
            const { left, top } = event.currentTarget.getBoundingClientRect();
            setVoiceMenu({ x: left, y: top - 170 });
          }}
        >
          <VoiceIcon />
        </button>
        <textarea
          ref={box}
          rows={1}
          value={draft.text}
          aria-label="输入消息"
          aria-autocomplete="list"
          aria-controls={members.length > 0 ? 'mention-picker' : undefined}
          aria-activedescendant={picked ? `mention-${picked.contactId}` : undefined}
          placeholder={room ? '发消息，@ 找人' : '发消息'}
          maxLength={2000}
          enterKeyHint="send"
          onChange={(event) => {
            onDraft({ text: event.target.value });
            setCaret(event.target.selectionStart);
            setChosen(0);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="icon-button" aria-label="试试这样说" onClick={props.onToggleHints}>
          <HintIcon />
        </button>
        <button type="button" className="icon-button add" aria-label="发图片" onClick={() => file.current?.click()}>
          <PictureIcon />
        </button>
        <input
          ref={file}
          type="file"
          accept="image/*"
          hidden
          aria-label="选择图片"
          onChange={(event) => {
            const [chosenFile] = event.target.files ?? [];
            event.target.value = '';
            if (chosenFile) void sendPicture(chosenFile);
          }}
        />
        <button type="submit" className="send" disabled={isEmpty}>
          发送
        </button>
      </form>
      {voiceMenu ? (
        <MessageMenu
          point={voiceMenu}
          onClose={() => setVoiceMenu(null)}
          choices={VOICE_SECONDS.map((seconds) => ({
            label: `模拟语音 ${seconds} 秒`,
            run: () => void sendVoice(seconds),
          }))}
        />
      ) : null}
    </div>
  );
}
