import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const main = join(resolve(import.meta.dirname, '../..'), 'dist', 'main.js');

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcess;
  /** Resolves with all output so far, once it holds this text; fails when the process ends before. */
  says(text: string): Promise<string>;
  ended: Promise<Ended>;
}

type Settings = Record<string, string>;

/** The built program as a process of its own, in an empty folder, with these settings and none of ours. */
export function launch(folder: string, args: string[], settings: Settings = {}, input?: string): Running {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(XINGLIN|WECHATY|OPENAI)_/.test(name));
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), XINGLIN_PORT: '0', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, out, err })));
  return {
    child,
    ended,
    says(text) {
      const said = new Promise<string>((done) => {
        const look = () => {
          if (!out.includes(text)) return;
          waiting.delete(look);
          done(out);
        };
        waiting.add(look);
        look();
      });
      const gone = ended.then((end): string => {
        if (end.out.includes(text)) return end.out;
        throw new Error(`it ended with ${end.code} without “${text}”:\n${end.out}${end.err}`);
      });
      return Promise.race([said, gone]);
    },
  };
}

export function run(folder: string, args: string[], settings: Settings = {}, input?: string): Promise<Ended> {
  return launch(folder, args, settings, input).ended;
}
