import { spawn } from 'node:child_process';

/** The unprivileged user a server runs as; undefined means our own user. */
export type ServerUser = { readonly uid: number; readonly gid: number; readonly name: string } | undefined;

export type RunOptions = {
  readonly user?: ServerUser;
  /** An open file that takes both output streams; without it the output is returned. */
  readonly outputFd?: number;
  /** True: a process group of its own, so that a Ctrl-C in our terminal passes it by. */
  readonly detached?: boolean;
};

export type RunResult = { readonly code: number | null; readonly output: string };

/**
 * Runs a program to its end. It never rejects for an exit code; a program that cannot be started has code null and the
 * reason as its output.
 *
 * The environment is our own and minimal: a server that outlives the command must not carry the caller's tokens, and
 * PGPORT and its like must not steer it. The working directory is the root because another user may not reach ours.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { user, outputFd, detached = false } = options;
  return new Promise((resolve) => {
    const out = outputFd ?? 'pipe';
    const child = spawn(command, args, {
      cwd: '/',
      env: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' },
      stdio: ['ignore', out, out],
      detached,
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}
