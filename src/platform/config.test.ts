import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findDataDirProblem,
  packageDir,
  prepareDataDir,
  readConfig,
  readEnvironment,
  SettingsError,
} from './config.js';

const TOKEN = 'xinglin_6f9619ff-8b86-d011-b42d-00cf4fc964ff';

function problemsOf(env: Record<string, string>): Record<string, string> {
  try {
    readConfig(env);
    return {};
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return Object.fromEntries(error.problems.map((problem) => [problem.name, problem.problem]));
  }
}

describe('settings', () => {
  it('need none at all', () => {
    expect(readConfig({})).toMatchObject({
      puppet: 'simulator',
      pace: 'off',
      host: '127.0.0.1',
      port: 8080,
      timeZone: 'Asia/Shanghai',
      botName: '小杏',
      ackWindowMs: 30_000,
      synchronous: 'full',
      dataDir: resolve('data'),
      databaseUrl: `sqlite:${resolve('data/simulator.db')}`,
      dataKeyFile: resolve('data/key/data.key'),
    });
  });

  it('an empty text is the same as none', () => {
    expect(readConfig({ XINGLIN_PORT: '', XINGLIN_SETUP_CODE: '' })).toMatchObject({
      port: 8080,
      setupCode: undefined,
    });
  });

  it('a token means the real account, paced, in a database of its own', () => {
    const env = { WECHATY_PUPPET_SERVICE_TOKEN: TOKEN, WECHATY_PUPPET_SERVICE_ENDPOINT: '10.0.0.5:8788' };
    expect(readConfig(env)).toMatchObject({
      puppet: 'service',
      pace: 'wechat',
      databaseUrl: `sqlite:${resolve('data/xinglin.db')}`,
    });
    expect(readConfig({ ...env, XINGLIN_PUPPET: 'simulator' })).toMatchObject({ puppet: 'simulator', pace: 'off' });
  });

  it.each([
    ['postgres://u:p@h/d', 'postgres://u:p@h/d'],
    ['sqlite:./a.db', `sqlite:${resolve('a.db')}`],
    ['sqlite::memory:', 'sqlite::memory:'],
  ])('the database address %s', (given, used) => {
    expect(readConfig({ XINGLIN_DATABASE_URL: given }).databaseUrl).toBe(used);
  });

  it('tells all problems at once, also those between settings', () => {
    expect(
      Object.keys(
        problemsOf({
          XINGLIN_PORT: 'eighty',
          XINGLIN_TIME_ZONE: 'Mars/Olympus',
          XINGLIN_SETUP_CODE: '12',
          XINGLIN_LOCALE: 'fr',
          XINGLIN_DATABASE_URL: 'mysql://x',
          XINGLIN_ALERT_WEBHOOK: 'not an address',
          XINGLIN_BOTNAME: 'misspelt',
          XINGLIN_PUPPET: 'service',
          XINGLIN_HOST: '0.0.0.0',
        }),
      ).sort(),
    ).toEqual([
      'WECHATY_PUPPET_SERVICE_ENDPOINT',
      'WECHATY_PUPPET_SERVICE_TOKEN',
      'XINGLIN_ACCESS_TOKEN',
      'XINGLIN_ALERT_WEBHOOK',
      'XINGLIN_BOTNAME',
      'XINGLIN_DATABASE_URL',
      'XINGLIN_LOCALE',
      'XINGLIN_PORT',
      'XINGLIN_SETUP_CODE',
      'XINGLIN_TIME_ZONE',
    ]);
  });

  it('tells a problem in words that need no programmer', () => {
    expect(
      problemsOf({
        XINGLIN_PORT: '80.5',
        XINGLIN_ACK_WINDOW_SECONDS: '-3',
        XINGLIN_ALLOW_TOKEN_DISCOVERY: 'maybe',
        XINGLIN_LOG_LEVEL: 'loud',
        XINGLIN_LOCALE: 'en',
        XINGLIN_DATABASE_URL: 'postgres://u:p@@@:99999999/x',
        XINGLIN_BOT_NAME: '小'.repeat(21),
        OPENAI_BASE_URL: 'model.example.org',
      }),
    ).toEqual({
      XINGLIN_PORT: 'is not a whole number from 0 to 65535',
      XINGLIN_ACK_WINDOW_SECONDS: 'is not a number from 0 to 600',
      XINGLIN_ALLOW_TOKEN_DISCOVERY: 'is neither true nor false',
      XINGLIN_LOG_LEVEL: 'is none of debug, info, warn, error, silent',
      XINGLIN_LOCALE: 'can only be zh-CN',
      XINGLIN_DATABASE_URL: 'is not a database address',
      XINGLIN_BOT_NAME: 'is longer than 20 characters',
      OPENAI_BASE_URL: 'is not an address that begins with http:// or https://',
    });
  });

  it('lets no model speak that is not filed, and no words abroad unasked', () => {
    expect(problemsOf({ XINGLIN_MODEL_ANSWERS: 'grounded' })).toEqual({
      XINGLIN_CHAT_MODEL: 'is needed with XINGLIN_MODEL_ANSWERS=grounded',
      XINGLIN_MODEL_FILING_NO: expect.stringContaining('备案'),
    });
    expect(Object.keys(problemsOf({ XINGLIN_CHAT_MODEL: 'm' }))).toEqual(['OPENAI_BASE_URL']);
    expect(problemsOf({ XINGLIN_CHAT_MODEL: 'm', XINGLIN_MODEL_REGION: 'abroad' })).toEqual({});
    expect(problemsOf({ XINGLIN_CHAT_MODEL: 'm', OPENAI_BASE_URL: 'https://model.example.org/v1' })).toEqual({});
  });

  it('tells all that is wrong with the door at once, also a certificate that is not there', () => {
    expect(
      Object.keys(
        problemsOf({
          WECHATY_PUPPET_SERVICE_TOKEN: 'tokenwithoutprefix',
          WECHATY_PUPPET_SERVICE_TLS_CA_CERT: '/no/such/ca.pem',
        }),
      ).sort(),
    ).toEqual([
      'WECHATY_PUPPET_SERVICE_ENDPOINT',
      'WECHATY_PUPPET_SERVICE_TLS_CA_CERT',
      'WECHATY_PUPPET_SERVICE_TOKEN',
    ]);
  });

  it('spaces around a value do not matter', () => {
    expect(readConfig({ XINGLIN_PORT: ' 9001 ', XINGLIN_SETUP_CODE: ' ' })).toMatchObject({
      port: 9001,
      setupCode: undefined,
    });
  });

  it('tells each problem once', () => {
    expect(problemsOf({ WECHATY_PUPPET_SERVICE_TOKEN: TOKEN, WECHATY_PUPPET_SERVICE_ENDPOINT: 'http://x' })).toEqual({
      WECHATY_PUPPET_SERVICE_ENDPOINT: 'is not host:port',
    });
    expect(problemsOf({ XINGLIN_HOST: '0.0.0.0', XINGLIN_ACCESS_TOKEN: 'short' })).toEqual({
      XINGLIN_ACCESS_TOKEN: 'is shorter than 16 characters',
    });
  });

  it('without an endpoint the token would go to a third party: only when that is allowed', () => {
    expect(problemsOf({ WECHATY_PUPPET_SERVICE_TOKEN: TOKEN }).WECHATY_PUPPET_SERVICE_ENDPOINT).toMatch(
      /third party your token/,
    );
    expect(problemsOf({ WECHATY_PUPPET_SERVICE_TOKEN: TOKEN, XINGLIN_ALLOW_TOKEN_DISCOVERY: 'true' })).toEqual({});
  });

  it('gives every problem an example, and never repeats a value', () => {
    const names = Object.keys(readFileNames());
    const value = fc.stringMatching(/^[A-Z]{12,20}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), value), { minLength: 1, maxLength: 12 }), (pairs) => {
        try {
          readConfig(Object.fromEntries(pairs));
        } catch (error) {
          if (!(error instanceof SettingsError)) throw error;
          for (const problem of error.problems) expect(problem.example).not.toBe('');
          for (const [, secret] of pairs) {
            expect(error.message.toUpperCase()).not.toContain(secret);
            expect(JSON.stringify(error.problems).toUpperCase()).not.toContain(secret);
          }
        }
      }),
    );
  });

  it('are all documented in .env.example, and nothing else is', () => {
    expect(Object.keys(problemsOf(Object.fromEntries(Object.keys(readFileNames()).map((n) => [n, '']))))).toEqual([]);
    for (const name of ['XINGLIN_DATA_DIR', 'XINGLIN_PACE', 'OPENAI_API_KEY', 'WECHATY_PUPPET_SERVICE_TOKEN']) {
      expect(readFileNames()).toHaveProperty(name);
    }
  });

  it('come from .env, and the environment wins', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xinglin-env-'));
    writeFileSync(join(folder, '.env'), 'XINGLIN_PORT=9001\nXINGLIN_BOT_NAME=小桃\n');
    process.env.XINGLIN_PORT = '9002';
    try {
      expect(readEnvironment(folder)).toMatchObject({ XINGLIN_PORT: '9002', XINGLIN_BOT_NAME: '小桃' });
    } finally {
      delete process.env.XINGLIN_PORT;
      rmSync(folder, { recursive: true });
    }
  });

  it('name the data folder when it cannot be written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xinglin-dir-'));
    writeFileSync(join(folder, 'file'), '');
    try {
      expect(() => prepareDataDir(join(folder, 'file'))).toThrow(/XINGLIN_DATA_DIR/);
      expect(() => prepareDataDir(join(folder, 'file', 'below'))).toThrow(/XINGLIN_DATA_DIR/);
      expect(() => prepareDataDir('/proc/no/such')).toThrow(/XINGLIN_DATA_DIR/);
      expect(findDataDirProblem(join(folder, 'file'))).toMatchObject({ name: 'XINGLIN_DATA_DIR' });
      expect(findDataDirProblem(join(folder, 'new', 'folder'))).toBeUndefined();
      expect(existsSync(join(folder, 'new'))).toBe(false);
      expect(() => prepareDataDir(join(folder, 'new', 'folder'))).not.toThrow();
    } finally {
      chmodSync(folder, 0o700);
      rmSync(folder, { recursive: true });
    }
  });
});

/** The names that .env.example shows, commented out or not. */
function readFileNames(): Record<string, string> {
  const text = readFileSync(join(packageDir, '.env.example'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}
