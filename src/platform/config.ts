import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config as readDotenv } from 'dotenv';
import { z } from 'zod';
import { checkServiceSettings, type ServiceSettings } from './puppet/token.js';

/** The folder of the installed package: `knowledge/`, `data/samples/` and `web/dist` are read from here. */
export const packageDir = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const flag = z
  .enum(['true', 'false', '1', '0'], { error: 'is neither true nor false' })
  .transform((v) => v === 'true' || v === '1');
const timeZone = z.string().refine(isTimeZone, { error: 'is not a time zone' });
const webAddress = z.url({ protocol: /^https?$/, error: 'is not an address that begins with http:// or https://' });

function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  return z.enum(values, {
    error: values.length === 1 ? `can only be ${values[0]}` : `is none of ${values.join(', ')}`,
  });
}

function numberBetween(least: number, most: number, what: string) {
  const error = `is not ${what} from ${least} to ${most}`;
  return z.coerce.number({ error }).min(least, { error }).max(most, { error });
}

/** One setting: how it is checked, and what is said when it cannot be used. */
const settings = {
  XINGLIN_DATA_DIR: z.string().default('./data'),
  XINGLIN_DATABASE_URL: z.string().refine(isDatabaseUrl, { error: 'is not a database address' }).optional(),
  XINGLIN_DATA_KEY_FILE: z.string().optional(),
  XINGLIN_HOST: z.string().default('127.0.0.1'),
  XINGLIN_PORT: numberBetween(0, 65_535, 'a whole number')
    .int({ error: 'is not a whole number from 0 to 65535' })
    .default(8080),
  XINGLIN_ACCESS_TOKEN: z.string().min(16, { error: 'is shorter than 16 characters' }).optional(),
  XINGLIN_LOCALE: oneOf('zh-CN').default('zh-CN'),
  XINGLIN_TIME_ZONE: timeZone.default('Asia/Shanghai'),
  XINGLIN_BOT_NAME: z.string().max(20, { error: 'is longer than 20 characters' }).default('小杏'),
  XINGLIN_OPERATOR: z.string().default('(示例)杏林社区医院'),
  XINGLIN_DEPARTMENT: z.string().default('慢病管理中心'),
  XINGLIN_CONTACT: z.string().default('群管理员'),
  XINGLIN_SETUP_CODE: z
    .string()
    .regex(/^\d{6,12}$/, { error: 'is not 6 to 12 digits' })
    .optional(),
  XINGLIN_LOG_LEVEL: oneOf('debug', 'info', 'warn', 'error', 'silent').default('info'),
  XINGLIN_PUPPET: oneOf('simulator', 'service').optional(),
  XINGLIN_PACE: oneOf('wechat', 'wechat-new', 'off').optional(),
  XINGLIN_ACK_WINDOW_SECONDS: numberBetween(0, 600, 'a number').default(30),
  XINGLIN_ALERT_WEBHOOK: webAddress.optional(),
  XINGLIN_ALLOW_TOKEN_DISCOVERY: flag.default(false),
  XINGLIN_SYNCHRONOUS: oneOf('full', 'normal').default('full'),
  XINGLIN_DEPLOYMENT_MODE: oneOf('community-education').default('community-education'),
  WECHATY_PUPPET_SERVICE_TOKEN: z.string().optional(),
  WECHATY_PUPPET_SERVICE_ENDPOINT: z
    .string()
    .regex(/^([^\s/:]+|\[[0-9a-f:.]+\]):\d{1,5}$/i, { error: 'is not host:port' })
    .optional(),
  WECHATY_PUPPET_SERVICE_TLS_CA_CERT: z.string().optional(),
  WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT: flag.default(false),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: webAddress.optional(),
  XINGLIN_CHAT_MODEL: z.string().optional(),
  XINGLIN_EMBEDDING_MODEL: z.string().optional(),
  XINGLIN_MODEL_REGION: oneOf('cn', 'abroad').default('cn'),
  XINGLIN_MODEL_OUTPUT: oneOf('auto', 'json-schema', 'tools', 'plain').default('auto'),
  XINGLIN_MODEL_TIMEOUT_SECONDS: numberBetween(0.1, 60, 'a number').default(8),
  XINGLIN_MODEL_DAILY_TOKENS: numberBetween(0, 1_000_000_000, 'a whole number').default(1_000_000),
  XINGLIN_MODEL_PERSON_DAILY_TOKENS: numberBetween(0, 1_000_000_000, 'a whole number').default(30_000),
  XINGLIN_MODEL_ANSWERS: oneOf('off', 'grounded').default('off'),
  XINGLIN_MODEL_FILING_NO: z.string().optional(),
} as const;
const schema = z.object(settings);

/** What the documents must name, and what they may. */
export const settingNames: readonly string[] = Object.keys(settings);

const examples: Record<string, string> = {
  XINGLIN_DATABASE_URL: 'sqlite:./data/xinglin.db or postgres://user:password@host/xinglin',
  XINGLIN_PORT: '8080',
  XINGLIN_ACCESS_TOKEN: 'a random text of 16 characters or more',
  XINGLIN_LOCALE: 'zh-CN',
  XINGLIN_TIME_ZONE: 'Asia/Shanghai',
  XINGLIN_SETUP_CODE: '482913',
  XINGLIN_LOG_LEVEL: 'info',
  XINGLIN_PUPPET: 'simulator',
  XINGLIN_PACE: 'wechat',
  XINGLIN_ACK_WINDOW_SECONDS: '30',
  XINGLIN_ALERT_WEBHOOK: 'https://alerts.example.org/xinglin',
  XINGLIN_ALLOW_TOKEN_DISCOVERY: 'false',
  XINGLIN_SYNCHRONOUS: 'full',
  XINGLIN_DEPLOYMENT_MODE: 'community-education',
  WECHATY_PUPPET_SERVICE_ENDPOINT: '10.0.0.5:8788',
  WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT: 'false',
  WECHATY_PUPPET_SERVICE_TLS_CA_CERT: '/etc/xinglin/ca.pem',
  OPENAI_BASE_URL: 'https://model.example.org/v1',
  XINGLIN_MODEL_REGION: 'cn',
  XINGLIN_MODEL_OUTPUT: 'auto',
  XINGLIN_MODEL_TIMEOUT_SECONDS: '8',
  XINGLIN_MODEL_DAILY_TOKENS: '1000000',
  XINGLIN_MODEL_PERSON_DAILY_TOKENS: '30000',
  XINGLIN_MODEL_ANSWERS: 'off',
  XINGLIN_BOT_NAME: '小杏',
};

export interface SettingProblem {
  name: string;
  problem: string;
  example: string;
}

/** Settings that cannot be used; carries every problem at once, never a value. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  code = 'bad-settings';
  constructor(readonly problems: SettingProblem[]) {
    super(problems.map((p) => `${p.name} ${p.problem}. Example: ${p.example}`).join('\n'));
  }
}

export interface Config {
  dataDir: string;
  /** `sqlite:<absolute path>` or `postgres://…`. */
  databaseUrl: string;
  dataKeyFile: string;
  host: string;
  port: number;
  accessToken: string | undefined;
  locale: 'zh-CN';
  timeZone: string;
  botName: string;
  operator: string;
  department: string;
  contact: string;
  setupCode: string | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  puppet: 'simulator' | 'service';
  pace: 'wechat' | 'wechat-new' | 'off';
  ackWindowMs: number;
  alertWebhook: string | undefined;
  synchronous: 'full' | 'normal';
  service: {
    token: string | undefined;
    endpoint: string | undefined;
    caCertFile: string | undefined;
    noTls: boolean;
    allowTokenDiscovery: boolean;
  };
  model: {
    apiKey: string | undefined;
    baseUrl: string | undefined;
    chat: string | undefined;
    embedding: string | undefined;
    /** How an answer of a given form is asked for; `auto` finds out what the endpoint knows. */
    output: 'auto' | 'json-schema' | 'tools' | 'plain';
    timeoutMs: number;
    /** Tokens in 24 hours, of everybody and of one person. */
    dailyTokens: number;
    personDailyTokens: number;
    /** Answers that a model words from one entry (SAFETY.md R12). */
    grounded: boolean;
  };
}

/** The environment with the values of `.env` below it; the environment wins. */
export function readEnvironment(cwd = process.cwd()): Record<string, string | undefined> {
  const fromFile: Record<string, string> = {};
  readDotenv({ path: join(cwd, '.env'), processEnv: fromFile, quiet: true });
  return { ...fromFile, ...process.env };
}

/**
 * Settings from names and texts. An empty text is the same as none; a file
 * that a setting names is read to see whether it can be.
 *
 * @throws SettingsError with all problems at once.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given: Record<string, string | undefined> = {};
  for (const name of settingNames) if (env[name]?.trim()) given[name] = env[name].trim();
  const problems = [...valueProblems(given), ...strangerProblems(env)];
  // Settings that cannot be read are left out, so that what is wrong between the others is told as well.
  const wrong = new Set(problems.map((problem) => problem.name));
  const s = schema.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
  const puppet = s.XINGLIN_PUPPET ?? (s.WECHATY_PUPPET_SERVICE_TOKEN ? 'service' : 'simulator');
  problems.push(...togetherProblems(s, puppet).filter((problem) => !wrong.has(problem.name)));
  if (problems.length > 0) throw new SettingsError(problems);

  const dataDir = resolve(s.XINGLIN_DATA_DIR);
  const ownDatabase = `sqlite:${join(dataDir, puppet === 'simulator' ? 'simulator.db' : 'xinglin.db')}`;
  return {
    dataDir,
    databaseUrl: absolute(s.XINGLIN_DATABASE_URL ?? ownDatabase),
    dataKeyFile: resolve(s.XINGLIN_DATA_KEY_FILE ?? join(dataDir, 'key', 'data.key')),
    host: s.XINGLIN_HOST,
    port: s.XINGLIN_PORT,
    accessToken: s.XINGLIN_ACCESS_TOKEN,
    locale: s.XINGLIN_LOCALE,
    timeZone: s.XINGLIN_TIME_ZONE,
    botName: s.XINGLIN_BOT_NAME,
    operator: s.XINGLIN_OPERATOR,
    department: s.XINGLIN_DEPARTMENT,
    contact: s.XINGLIN_CONTACT,
    setupCode: s.XINGLIN_SETUP_CODE,
    logLevel: s.XINGLIN_LOG_LEVEL,
    puppet,
    pace: s.XINGLIN_PACE ?? (puppet === 'service' ? 'wechat' : 'off'),
    ackWindowMs: s.XINGLIN_ACK_WINDOW_SECONDS * 1000,
    alertWebhook: s.XINGLIN_ALERT_WEBHOOK,
    synchronous: s.XINGLIN_SYNCHRONOUS,
    service: {
      token: s.WECHATY_PUPPET_SERVICE_TOKEN,
      endpoint: s.WECHATY_PUPPET_SERVICE_ENDPOINT,
      caCertFile: s.WECHATY_PUPPET_SERVICE_TLS_CA_CERT,
      noTls: s.WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT,
      allowTokenDiscovery: s.XINGLIN_ALLOW_TOKEN_DISCOVERY,
    },
    model: {
      apiKey: s.OPENAI_API_KEY,
      baseUrl: s.OPENAI_BASE_URL,
      chat: s.XINGLIN_CHAT_MODEL,
      embedding: s.XINGLIN_EMBEDDING_MODEL,
      output: s.XINGLIN_MODEL_OUTPUT,
      timeoutMs: s.XINGLIN_MODEL_TIMEOUT_SECONDS * 1000,
      dailyTokens: s.XINGLIN_MODEL_DAILY_TOKENS,
      personDailyTokens: s.XINGLIN_MODEL_PERSON_DAILY_TOKENS,
      grounded: s.XINGLIN_MODEL_ANSWERS === 'grounded',
    },
  };
}

function absolute(databaseUrl: string): string {
  const file = databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
  return file === undefined || file === ':memory:' ? databaseUrl : `sqlite:${resolve(file)}`;
}

function valueProblems(given: Record<string, string | undefined>): SettingProblem[] {
  const parsed = schema.safeParse(given);
  if (parsed.success) return [];
  const firstOfEach = new Map(parsed.error.issues.toReversed().map((issue) => [String(issue.path[0]), issue]));
  return [...firstOfEach].reverse().map(([name, issue]) => ({
    name,
    problem: issue.message,
    example: examples[name] ?? 'see .env.example',
  }));
}

/** A misspelt name would else be a setting that silently does nothing. */
function strangerProblems(env: Record<string, string | undefined>): SettingProblem[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('XINGLIN_') && !(name in settings) && !TEST_ONLY.has(name))
    .map((name) => ({ name, problem: 'is not a setting of this program', example: 'see .env.example for the names' }));
}

/** What is wrong only in view of another setting. */
function togetherProblems(s: z.infer<typeof schema>, puppet: Config['puppet']): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (puppet === 'service') problems.push(...serviceProblems(s));
  problems.push(...modelProblems(s));
  if (!isLoopback(s.XINGLIN_HOST) && !s.XINGLIN_ACCESS_TOKEN) {
    problems.push({
      name: 'XINGLIN_ACCESS_TOKEN',
      problem: 'is needed when XINGLIN_HOST is not this machine alone',
      example: 'a random text of 16 characters or more, or XINGLIN_HOST=127.0.0.1',
    });
  }
  return problems;
}

function modelProblems(s: z.infer<typeof schema>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const isSet = s.XINGLIN_CHAT_MODEL !== undefined || s.XINGLIN_EMBEDDING_MODEL !== undefined;
  if (isSet && !s.OPENAI_BASE_URL && s.XINGLIN_MODEL_REGION === 'cn') {
    problems.push({
      name: 'OPENAI_BASE_URL',
      problem: 'is needed with a model: without it the words would go to api.openai.com, which is abroad',
      example: `${examples.OPENAI_BASE_URL}, or XINGLIN_MODEL_REGION=abroad`,
    });
  }
  if (s.XINGLIN_MODEL_ANSWERS !== 'grounded') return problems;
  if (!s.XINGLIN_CHAT_MODEL) {
    problems.push({
      name: 'XINGLIN_CHAT_MODEL',
      problem: 'is needed with XINGLIN_MODEL_ANSWERS=grounded',
      example: 'the name of a model of your endpoint, or XINGLIN_MODEL_ANSWERS=off',
    });
  }
  if (!s.XINGLIN_MODEL_FILING_NO) {
    problems.push({
      name: 'XINGLIN_MODEL_FILING_NO',
      problem: 'is needed with XINGLIN_MODEL_ANSWERS=grounded: only a filed (备案) model may word what patients read',
      example: 'the filing number of the model, or XINGLIN_MODEL_ANSWERS=off',
    });
  }
  return problems;
}

/** Each part of the door's settings is looked at with the others in order, so that all problems are told at once. */
function serviceProblems(s: z.infer<typeof schema>): SettingProblem[] {
  const inOrder = { token: 'name_token', endpoint: 'host:1', allowTokenDiscovery: false, noTls: false };
  const { WECHATY_PUPPET_SERVICE_TOKEN: token, WECHATY_PUPPET_SERVICE_ENDPOINT: endpoint } = s;
  const tlsCaCert = s.WECHATY_PUPPET_SERVICE_TLS_CA_CERT;
  const looks: ServiceSettings[] = [
    { ...inOrder, token: token ?? '' },
    {
      token: inOrder.token,
      noTls: false,
      allowTokenDiscovery: s.XINGLIN_ALLOW_TOKEN_DISCOVERY,
      ...(endpoint ? { endpoint } : {}),
    },
    { ...inOrder, noTls: s.WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT, ...(tlsCaCert ? { tlsCaCert } : {}) },
  ];
  return looks.flatMap((look) => {
    const checked = checkServiceSettings(look);
    if (checked.ok) return [];
    const { name, problem, example } = checked.problem;
    if (checked.problem.kind !== 'token-missing') return [{ name, problem, example }];
    return [
      {
        name,
        problem: 'is needed with XINGLIN_PUPPET=service',
        example: `${example}, or XINGLIN_PUPPET=simulator`,
      },
    ];
  });
}

/** Switches of the test run, not settings of the program. */
const TEST_ONLY = new Set(['XINGLIN_SCREENSHOTS', 'XINGLIN_TEST_DATABASE_URL', 'XINGLIN_CRASH_SEEDS']);

/** @throws SettingsError when the data folder cannot be made or written. */
export function prepareDataDir(dataDir: string): void {
  const problem = findDataDirProblem(dataDir);
  if (problem) throw new SettingsError([problem]);
  try {
    makeFolder(dataDir);
  } catch {
    throw new SettingsError([dataDirProblem(dataDir)]);
  }
}

/** What would keep `prepareDataDir` from working, without making anything. */
export function findDataDirProblem(dataDir: string): SettingProblem | undefined {
  let existing = dataDir;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    return statSync(existing).isDirectory() ? undefined : dataDirProblem(dataDir);
  } catch {
    return dataDirProblem(dataDir);
  }
}

function dataDirProblem(dataDir: string): SettingProblem {
  return { name: 'XINGLIN_DATA_DIR', problem: `is a folder that cannot be written: ${dataDir}`, example: './data' };
}

/** One folder after the other: Node's recursive mkdir never comes back where the system denies that a parent exists. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Of PostgreSQL only what the driver would refuse without words. */
function isDatabaseUrl(url: string): boolean {
  return /^postgres(ql)?:\/\/./.test(url) ? URL.canParse(url) : /^sqlite:./.test(url);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
