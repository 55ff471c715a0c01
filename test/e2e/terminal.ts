import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { inject, onTestFinished } from 'vitest';
import type { Surroundings } from './cli.ts';

/** Whether there is the `script` of util-linux, which runs a command at a terminal of its own. */
export const HAS_TERMINAL = ((): boolean => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();

/** A command at a terminal, and somebody who types. */
export interface Terminal {
  /** Waits for these words on the screen, after those that were waited for before, and types a line. */
  reply(words: string, line: string): Promise<void>;
  /** The same with keys that are no line: `\u0003` is Ctrl-C, `\u0004` Ctrl-D. */
  press(words: string, keys: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; screen: string }>;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export function atTerminal(args: readonly string[], { cwd, env = {} }: Surroundings): Terminal {
  const command = [process.execPath, inject('cliMain'), ...args].map(quoted).join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, TERM: 'dumb', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [screen, seen] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, screen }));
  async function press(words: string, keys: string): Promise<void> {
    while (!screen.slice(seen).includes(words)) {
      const isOver = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)]);
      if (isOver && !screen.slice(seen).includes(words)) throw new Error(`"${words}" was never shown:\n${screen}`);
    }
    seen = screen.indexOf(words, seen) + words.length;
    child.stdin.write(keys);
  }
  return { press, reply: (words, line) => press(words, `${line}\r`), ended };
}
