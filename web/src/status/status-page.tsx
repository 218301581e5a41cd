import { type ReactNode, useEffect, useState } from 'react';
import type { StatusView } from '../../../src/http/status.js';
import { ApiError, getJson } from '../api';
import { separatorTime } from '../time-words';

const REFRESH_MS = 3_000;
const BACKUP_OLD_MS = 36 * 3_600_000;

/** State of the running bot for whoever looks after it. Refreshes itself. */
export function StatusPage() {
  const { status, problem } = useStatus();
  return (
    <main className="status">
      <header>
        <h1>杏林 · 运行状态</h1>
        <p lang="en">Xinglin status: patient-community assistant on WeChat</p>
      </header>
      {problem ? (
        <p className="notice bad" role="alert">
          {problem}
        </p>
      ) : null}
      {status && problem ? (
        <p className="last-read">
          下面是 {separatorTime(status.now, status.now, status.timeZone)} 读到的状态，连上后会自动更新。
        </p>
      ) : null}
      {status ? <StatusBody status={status} stale={problem !== null} /> : problem ? null : <p>正在读取…</p>}
      <footer>
        <p>本页不含任何个人信息，每 3 秒自动刷新。</p>
      </footer>
    </main>
  );
}

function useStatus() {
  const [status, setStatus] = useState<StatusView | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = async () => {
      try {
        const read = await getJson<StatusView>('/api/status');
        if (ended) return;
        setStatus(read);
        setProblem(null);
      } catch (error) {
        if (ended) return;
        setProblem(error instanceof ApiError ? error.message : '状态读取失败');
      }
      clearTimeout(timer);
      timer = setTimeout(refresh, REFRESH_MS);
    };
    // A phone that wakes up shows what is, not what was.
    const onVisible = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      void refresh();
    };
    document.addEventListener('visibilitychange', onVisible);
    void refresh();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, []);
  return { status, problem };
}

function StatusBody({ status, stale }: { status: StatusView; stale: boolean }) {
  const unsigned = status.safetyFiles.filter((file) => !file.signed).length;
  const when = (at: number) => {
    const words = separatorTime(at, status.now, status.timeZone);
    return words.includes(' ') ? words : `今天 ${words}`;
  };
  const channel = CHANNEL_WORDS[status.channel.kind];
  return (
    <div className={stale ? 'stale' : undefined}>
      {channel.todo ? (
        <p className={`notice ${channel.tone}`} role="alert">
          <span>
            <strong>微信{channel.words}。</strong>
            {channel.todo}
          </span>
        </p>
      ) : null}
      {status.puppet === 'simulator' ? (
        <p className="notice simulated">
          <strong>模拟微信</strong>
          <span>没有连接真实微信，人物和内容都是示例。</span>
          <a className="button" href="/sim">
            打开模拟微信
          </a>
        </p>
      ) : null}
      {status.setupNeeded ? (
        <p className="notice warn">
          <span>
            还没有管理员。请用启动时显示的设置码，私聊{status.botName}发送：
            <code>绑定管理员 {status.setupCode ?? '设置码'}</code>
          </span>
        </p>
      ) : null}
      <dl className="facts">
        <Fact name="微信通道" english="Channel">
          <ChannelWords channel={status.channel} when={when} />
        </Fact>
        <Fact name="版本" english="Version">
          {status.version}
          <small>{when(status.startedAt)} 启动</small>
        </Fact>
        <Fact name="知识条目" english="Knowledge">
          {status.knowledge.served} 条在用
          <small>
            {status.knowledge.waiting} 条等待医生审核
            {status.puppet === 'simulator' && status.knowledge.waiting > 0 ? '，在模拟微信里先当示例用' : null}
          </small>
        </Fact>
        <Fact name="等待处理" english="Queues">
          收到待处理 {status.queues.intake} 条
          <br />
          等待发送 {status.queues.outbox} 条<small>还有 {status.queues.jobs} 个定时任务</small>
        </Fact>
        <Fact name="最近备份" english="Last backup">
          <BackupWords at={status.lastBackupAt} now={status.now} when={when} />
        </Fact>
        <Fact name="大模型" english="Language model">
          {status.model ? '已接入' : '未接入（不影响使用）'}
        </Fact>
      </dl>
      <section aria-labelledby="safety">
        <h2 id="safety">
          安全文件 <span lang="en">Safety files</span>
        </h2>
        {unsigned > 0 ? (
          <p className="notice warn">
            有 {unsigned} 个文件还没有医生签字。急症提醒照常生效，但内容没有医生负责，请尽快请医生审核签字。
          </p>
        ) : null}
        <ul className="files">
          {status.safetyFiles.map((file) => (
            <li key={file.file}>
              <span className="file">
                {FILE_WORDS[file.file] ?? file.file}
                <small>{file.file}</small>
              </span>
              <span className="version">{file.version}</span>
              {file.signed ? <Mark tone="good">已签字</Mark> : <Mark tone="warn">未签字</Mark>}
            </li>
          ))}
        </ul>
        {status.safetyFiles.length === 0 ? <p>没有安全文件。</p> : null}
      </section>
    </div>
  );
}

/** What each file of the safety rules decides, for a reader who never opens it. */
const FILE_WORDS: Record<string, string> = {
  'cards.yaml': '急症提示卡',
  'plausibility.yaml': '数值合理范围',
  'red-flags.yaml': '急症信号',
  'suppression.yaml': '不算急症的说法',
  'thresholds.yaml': '数值警戒线',
};

const CHANNEL_WORDS: Record<StatusView['channel']['kind'], { tone: Tone; words: string; todo?: string }> = {
  online: { tone: 'good', words: '在线' },
  starting: { tone: 'warn', words: '正在连接' },
  'waiting-scan': { tone: 'warn', words: '等待扫码登录', todo: '群里现在没有自动回复，请在登录用的手机上确认登录。' },
  down: {
    tone: 'bad',
    words: '掉线',
    todo: '群里现在没有自动回复。程序会自己重连；几分钟还不好，请检查网络和登录用的手机，并请护士留意群里的消息。',
  },
  stopped: { tone: 'bad', words: '已停止', todo: '群里现在没有自动回复，请联系维护人员重新启动。' },
};

function ChannelWords({ channel, when }: { channel: StatusView['channel']; when: (at: number) => string }) {
  const { tone, words } = CHANNEL_WORDS[channel.kind];
  return (
    <>
      <Mark tone={tone}>{words}</Mark>
      {channel.since ? <small>{when(channel.since)} 起</small> : null}
      {channel.reason ? <small lang="en">{channel.reason}</small> : null}
    </>
  );
}

/** A backup is made daily; a missed one is said, a young bot has none yet. */
function BackupWords({ at, now, when }: { at: number | null; now: number; when: (at: number) => string }) {
  if (at === null) return <Mark tone="warn">还没有备份</Mark>;
  if (now - at < BACKUP_OLD_MS) return when(at);
  return (
    <>
      <Mark tone="warn">{when(at)}</Mark>
      <small>本该每天备份一次，请维护人员看看。</small>
    </>
  );
}

type Tone = 'good' | 'warn' | 'bad';

function Mark({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`mark ${tone}`}>{children}</span>;
}

function Fact({ name, english, children }: { name: string; english: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {name} <span lang="en">{english}</span>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
