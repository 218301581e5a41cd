import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.js';

function start() {
  const to = new PassThrough();
  const log = createLog('debug', { to });
  const lines = () =>
    String(to.read() ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines };
}

const SECRET = '王阿姨 胸口疼 6.5';

describe('the log', () => {
  it('lets ids and numbers through', () => {
    const { log, lines } = start();
    log.info({ personId: 'p1', messageId: 'm1', count: 3, ms: 12 }, 'done');
    expect(lines()).toMatchObject([{ personId: 'p1', messageId: 'm1', count: 3, ms: 12, msg: 'done' }]);
  });

  it.each<[string, (log: ReturnType<typeof createLog>) => void]>([
    ['fields that are not known', (log) => log.info({ name: SECRET, text: SECRET, value: SECRET }, 'x')],
    ['objects in a known field', (log) => log.info({ kind: { text: SECRET }, state: [SECRET] }, 'x')],
    ['the message of an error', (log) => log.error({ err: new Error(SECRET) }, 'x')],
    ['the message of a bare error', (log) => log.error(new Error(SECRET))],
    ['an error without words', (log) => log.error({ err: new Error(SECRET) })],
    ['lines of a message that look like a stack', (log) => log.error({ err: new Error(`a\nat ${SECRET}\nat b`) }, 'x')],
    ['the message of a cause', (log) => log.error({ err: new Error('a', { cause: new Error(SECRET) }) }, 'x')],
    ['fields of an error', (log) => log.error({ err: Object.assign(new Error('a'), { text: SECRET }) }, 'x')],
    ['what follows the words', (log) => log.info('%s said', SECRET)],
    ['what follows the fields', (log) => log.info({ personId: 'p' }, '%s said', SECRET)],
  ])('drops %s', (_, write) => {
    const { log, lines } = start();
    write(log);
    const written = JSON.stringify(lines());
    expect(written).toContain('"msg"');
    for (const word of ['王阿姨', '胸口疼', '6.5']) expect(written).not.toContain(word);
  });

  it('says what kind of error it was, where it came from, and why', () => {
    const { log, lines } = start();
    const error = Object.assign(new TypeError('secret', { cause: new RangeError('secret') }), { code: 'E_X' });
    log.error({ err: error, jobId: 'j' }, 'failed');
    expect(lines()).toMatchObject([
      { jobId: 'j', err: { name: 'TypeError', code: 'E_X', cause: { name: 'RangeError' } } },
    ]);
    log.error({ err: error }, 'failed');
    const [line] = lines() as [{ err: { at: string[] } }];
    expect(line.err.at[0]).toContain('log.test.ts');
  });

  it('shows no token, and no password or key of an address', () => {
    const { log, lines } = start();
    const token = 'xinglin_6f9619ff-8b86-d011-b42d-00cf4fc964ff';
    log.warn({ reason: `16 UNAUTHENTICATED: Invalid Wechaty TOKEN "${token}"` }, 'x');
    log.warn({ url: 'https://user:password@host.example/hook?key=abc' }, 'x');
    const written = JSON.stringify(lines());
    expect(written).not.toContain('6f9619ff');
    expect(written).not.toContain('password');
    expect(written).not.toContain('abc');
    expect(written).toContain('https://host.example/hook');
  });
});
