import { useCallback, useEffect, useState } from 'react';
import { ApiError } from '../api';
import { ChatView } from './chat-view';
import { useCommunity } from './community-state';
import { ConversationList } from './conversation-list';
import { conversationsOf, findPerson, unreadOf } from './conversations';
import { CloseIcon } from './icons';
import { PersonPicker } from './person-picker';
import { usePlace } from './place';
import { SimulatorPanel } from './simulator-panel';

const PROBLEM_SHOWN_MS = 6_000;

/** The simulated WeChat: a phone's two screens, side by side where there is room, and the simulator's own panel. */
export function SimPage() {
  const { community, connected, readHistory, markSeen } = useCommunity();
  const { me: meId, open, become, openConversation } = usePlace();
  const [picking, setPicking] = useState(false);
  const [panelShown, setPanelShown] = useState(false);
  const [problem, showProblem, hideProblem] = useProblem();

  const me = community && meId ? findPerson(community.overview, meId) : undefined;
  const opened =
    community && me && open
      ? conversationsOf(community, me.contactId).find((conversation) => conversation.conversationId === open)
      : undefined;

  const unread = community && me ? unreadOf(community, me.contactId) : 0;
  useEffect(() => {
    document.title = unread > 0 ? `（${unread}）模拟微信 · 杏林` : '模拟微信 · 杏林';
  }, [unread]);

  return (
    <div className={`sim ${opened ? 'in-chat' : 'in-list'} ${panelShown ? 'with-panel' : ''}`}>
      <div className="banner">
        <p>
          <strong>模拟微信</strong> · 内容为示例
        </p>
        <button
          type="button"
          className="panel-toggle"
          aria-expanded={panelShown}
          onClick={() => setPanelShown(!panelShown)}
        >
          {panelShown ? '关闭模拟器' : '模拟器'}
        </button>
      </div>
      {connected ? null : (
        <p className="offline" role="status">
          和程序的连接断了，正在重连…
        </p>
      )}
      {problem ? (
        <div className="problem" role="alert">
          {problem}
          <button type="button" className="icon-button small" aria-label="知道了" onClick={hideProblem}>
            <CloseIcon />
          </button>
        </div>
      ) : null}
      {community ? (
        <main className="screens">
          <div className="side">
            {me && !picking ? (
              <ConversationList
                community={community}
                me={me}
                open={opened?.conversationId ?? null}
                onOpen={(conversationId) => openConversation(me.contactId, conversationId)}
                onSwitchPerson={() => setPicking(true)}
                onProblem={showProblem}
              />
            ) : (
              <PersonPicker
                community={community}
                me={meId}
                onPick={(contactId) => {
                  setPicking(false);
                  become(contactId);
                }}
                {...(me ? { onClose: () => setPicking(false) } : {})}
              />
            )}
          </div>
          {me && opened ? (
            <ChatView
              key={`${me.contactId}/${opened.conversationId}`}
              community={community}
              me={me}
              conversationId={opened.conversationId}
              readHistory={readHistory}
              markSeen={markSeen}
              onBack={() => become(me.contactId)}
              onProblem={showProblem}
            />
          ) : (
            <Welcome hasPerson={me !== undefined} />
          )}
          <div className="panel-holder">
            <SimulatorPanel time={community.overview.time} faults={community.overview.faults} onProblem={showProblem} />
          </div>
        </main>
      ) : (
        <p className="loading">正在打开模拟微信…</p>
      )}
    </div>
  );
}

function Welcome({ hasPerson }: { hasPerson: boolean }) {
  return (
    <section className="welcome" aria-label="怎么用">
      <h1>{hasPerson ? '选一个聊天' : '先选一个人'}</h1>
      <p>这里是一个模拟的微信社群，人物和对话都是示例，不会发到真实微信。</p>
      <ul>
        <li>当患者：在糖友群发“打卡 空腹6.5 走路30分钟”，或“@小杏 糖尿病能吃西瓜吗”</li>
        <li>当医生：在医生群看工单，回复“#1 …”答复患者</li>
        <li>当管理员：在管理群发“@小杏 帮助”</li>
      </ul>
      <p className="faint">右键或长按一条消息可以引用、撤回。开两个标签页，就能同时当两个人。</p>
    </section>
  );
}

function useProblem() {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (problem === null) return;
    const timer = setTimeout(() => setProblem(null), PROBLEM_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [problem]);
  const show = useCallback((error: unknown) => {
    setProblem(error instanceof ApiError ? error.message : '出错了，请刷新页面再试');
  }, []);
  const hide = useCallback(() => setProblem(null), []);
  return [problem, show, hide] as const;
}
