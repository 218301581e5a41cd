import { useEffect, useState } from 'react';
import type { SimFaults, SimTime } from '../../../src/simulator/wire.js';
import { postJson } from '../api';
import { fullTime } from '../time-words';

/** The share of messages that a switched-on fault hits. */
const FAULT_SHARE = 0.3;

const SHARE_FAULTS: { key: 'lose' | 'duplicate' | 'delay' | 'failSend'; label: string; detail: string }[] = [
  { key: 'lose', label: '丢消息', detail: '十条里有三条到不了小杏' },
  { key: 'duplicate', label: '重复', detail: '十条里有三条送达两次' },
  { key: 'delay', label: '乱序', detail: '十条里有三条晚到' },
  { key: 'failSend', label: '发送失败', detail: '小杏发十条有三条失败' },
];

const JUMPS: { label: string; body: { jumpMs: number } | { to: 'next-morning' | 'plus-week' } }[] = [
  { label: '+10分钟', body: { jumpMs: 600_000 } },
  { label: '明早8点', body: { to: 'next-morning' } },
  { label: '+1周', body: { to: 'plus-week' } },
];

/** What no phone has: the clock can be moved and things can go wrong. */
export function SimulatorPanel(props: { time: SimTime; faults: SimFaults; onProblem: (error: unknown) => void }) {
  const { faults, onProblem } = props;
  const [busy, setBusy] = useState(false);

  const post = async (path: string, body: unknown) => {
    setBusy(true);
    try {
      await postJson(path, body);
    } catch (error) {
      onProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="panel" aria-labelledby="panel-title">
      <h2 id="panel-title">模拟器</h2>
      <h3>时间</h3>
      <VirtualTime time={props.time} />
      <div className="jumps">
        {JUMPS.map(({ label, body }) => (
          <button
            key={label}
            type="button"
            className="plain"
            disabled={busy}
            onClick={() => post('/api/sim/clock', body)}
          >
            {label}
          </button>
        ))}
      </div>
      <p className="faint">时间只能往前走。到点的提醒和任务会照常执行。</p>
      <h3>故障</h3>
      <ul className="faults">
        {SHARE_FAULTS.map(({ key, label, detail }) => (
          <li key={key}>
            <Switch
              label={label}
              detail={detail}
              on={faults[key] > 0}
              onChange={(on) => post('/api/sim/faults', { [key]: on ? FAULT_SHARE : 0 })}
            />
          </li>
        ))}
        <li>
          <Switch
            label="掉线"
            detail="小杏连不上微信，恢复后再补收消息"
            on={faults.offline}
            onChange={(on) => post('/api/sim/faults', { offline: on })}
          />
        </li>
      </ul>
      <p className="faint">
        <a href="/">运行状态</a>
      </p>
    </section>
  );
}

function VirtualTime({ time }: { time: SimTime }) {
  const [base, setBase] = useState(() => ({ time, seenAt: performance.now() }));
  const [, tick] = useState(0);
  useEffect(() => setBase({ time, seenAt: performance.now() }), [time]);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  const { day, clock } = fullTime(base.time.now + performance.now() - base.seenAt, time.timeZone);
  return (
    <p className="virtual-time">
      <strong>{clock}</strong>
      <span>{day}</span>
    </p>
  );
}

function Switch(props: { label: string; detail: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={props.on}
      onClick={() => props.onChange(!props.on)}
    >
      <span className="two-lines">
        <span>{props.label}</span>
        <span className="faint">{props.detail}</span>
      </span>
      <span className="knob" aria-hidden="true" />
    </button>
  );
}
