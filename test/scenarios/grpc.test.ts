import { beforeAll, expect, it } from 'vitest';
import { normaliseText } from '../../src/platform/text-normalise.js';
import { playMorning, traceOf } from './grpc-conversation.js';
import { startGrpcStage } from './grpc-kit.js';
import { type Stage, startScenario } from './kit.js';

let inProcess: Record<string, string[]>;

beforeAll(async () => {
  inProcess = await perform(await startScenario());
});

async function perform(stage: Stage): Promise<Record<string, string[]>> {
  try {
    await playMorning(stage);
    return traceOf(stage);
  } finally {
    await stage.stop();
  }
}

it('the script touches every part of the product', () => {
  const heard = normaliseText(Object.values(inProcess).flat().join('\n'));
  const parts = [
    'KB-050 v1',
    '谢谢，记下了',
    '还没有医生审核过的答案',
    '要我帮您把数值记下来吗',
    '数值不记',
    '打卡收到',
    '改好了',
    '空腹6.8',
    '现在有7分',
    '排行榜 · 糖友21天',
    '请现在就打120',
    '#1 ⚠️急症',
    '#1 记下是您在跟进',
    '登记好了，编号 #2',
    '您问的 #2，李医生回复',
    '#3 20秒后发给',
    '您问的 #3，李医生回复',
    'KB-050 v1 已发布',
    '📢 公告',
    '今天打了1人',
    '撤回了一条消息',
    '我还听不懂语音',
    '发“帮助”看我能做什么',
    '欢迎 @小何',
    '绑定好了',
    '设好了：本群是患者群',
  ];
  expect(parts.filter((words) => !heard.includes(normaliseText(words)))).toEqual([]);
});

it.each([
  { line: 'in clear text', tls: false },
  { line: 'over TLS, by an authority of our own', tls: true },
])('people see the same over gRPC as in process: $line', async ({ tls }) => {
  expect(await perform(await startGrpcStage({ tls }))).toEqual(inProcess);
});
