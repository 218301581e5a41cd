import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimMessage, SimOverview } from '../../src/simulator/wire.js';

const ROOT = resolve(import.meta.dirname, '../..');
const WEEK_MS = 7 * 24 * 3_600_000;
/** 9:00 in Beijing on some Monday: doctors are on duty. */
const A_MONDAY_MORNING = Date.parse('2026-03-02T09:00:00+08:00');

export const SETUP_CODE = '482913';

/** What `xinglin start` runs, in a process of its own over the built files, with the simulated WeChat. */
export class Program {
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    readonly url: string,
  ) {
    this.#child = child;
  }

  /** Resolves when the page can be opened. Port 0 takes a free one. */
  static async start({ dataDir, port = 0 }: { dataDir: string; port?: number }): Promise<Program> {
    const child = spawn(process.execPath, [resolve(ROOT, 'dist/main.js'), 'start'], {
      // Somebody's own `.env` in the repository is none of the test's business.
      cwd: dataDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        XINGLIN_DATA_DIR: dataDir,
        XINGLIN_PORT: String(port),
        XINGLIN_SETUP_CODE: SETUP_CODE,
        XINGLIN_LOG_LEVEL: 'error',
        XINGLIN_SYNCHRONOUS: 'normal',
      },
    });
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    const url = await new Promise<string>((done, fail) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        said.push(line);
        const page = /page\s+(http:\/\/\S+)/.exec(line)?.[1];
        if (page) done(page);
      });
      child.once('exit', (code) => fail(new Error(`the program ended with ${code}:\n${said.join('\n')}`)));
    });
    return new Program(child, url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** As an operator stops it. Answers the exit code. */
  async stop(): Promise<unknown> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = await ended;
    return code;
  }
}

/** The simulated people who have no page open, speaking through the page's own API. */
export class Others {
  readonly #url: string;
  readonly #overview: SimOverview;

  private constructor(url: string, overview: SimOverview) {
    this.#url = url;
    this.#overview = overview;
  }

  static async of(url: string): Promise<Others> {
    const answer = await fetch(`${url}/api/sim/overview`);
    return new Others(url, (await answer.json()) as SimOverview);
  }

  person(name: string): string {
    const found = this.#overview.people.find((person) => person.name === name);
    if (!found) throw new Error(`nobody is called ${name}`);
    return found.contactId;
  }

  room(topic: string): string {
    const found = this.#overview.rooms.find((room) => room.topic === topic);
    if (!found) throw new Error(`no group is called ${topic}`);
    return found.roomId;
  }

  /** Without a group: in private to the bot. */
  async say(name: string, text: string, { in: topic, mention = [] }: { in?: string; mention?: string[] } = {}) {
    const conversation = topic === undefined ? this.person(name) : this.room(topic);
    const mentionIds = mention.map((other) => this.person(other));
    await this.#post(`/conversations/${conversation}/messages`, { as: this.person(name), text, mentionIds });
  }

  async history(name: string, topic: string): Promise<SimMessage[]> {
    const path = `/api/sim/conversations/${this.room(topic)}/messages?as=${this.person(name)}`;
    const answer = await fetch(this.#url + path);
    return ((await answer.json()) as { messages: SimMessage[] }).messages;
  }

  /** Whatever day it is today. */
  async waitForMonday(): Promise<void> {
    const past = (this.#overview.time.now - A_MONDAY_MORNING) % WEEK_MS;
    await this.#post('/clock', { jumpMs: WEEK_MS - past });
  }

  async #post(path: string, body: object): Promise<void> {
    const answer = await fetch(`${this.#url}/api/sim${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }
}
