import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BackfillMeasured, BackfillTask } from './backfill-child.ts';
import type { Size } from './environment-parts.ts';
import type { FloorMeasured, FloorTask } from './floor-child.ts';
import type { Serving } from './page-server.ts';
import type { SyncMeasured, SyncTask } from './sync-child.ts';

/** What every measured process tells: time of the work, its processor time, and the largest memory of the process. */
export interface Measured {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** What the server of runs serves. */
export interface RunSize {
  readonly runs: number;
  readonly results: number;
}

/** The better one of what was measured. */
export function faster<Measured extends { readonly ms: number }>(best: Measured | undefined, next: Measured): Measured {
  return best === undefined || next.ms < best.ms ? next : best;
}

export interface Children {
  sync(task: SyncTask): Promise<SyncMeasured>;
  floor(task: FloorTask): Promise<FloorMeasured>;
  backfill(task: BackfillTask): Promise<BackfillMeasured>;
  /** Starts the server of so many runs with so many results each. */
  runServer(size: RunSize): Promise<{ readonly url: string }>;
  /** Starts a process that takes webhooks signed with the secret. */
  receiver(task: { readonly databaseUrl: string; readonly secret: string }): Promise<{ readonly url: string }>;
  /** Starts the server of an environment; the function it gives renders a revision and serves it. */
  pageServer(size: Size): Promise<(revision: number) => Promise<Serving>>;
}

export interface ChildrenOptions {
  /** Ends every child. */
  readonly signal: AbortSignal;
  /** Writes a CPU profile of each measured sync into this folder. */
  readonly profiles?: string | undefined;
}

type Answer<Result> = { readonly measured: Result } | { readonly error: string };

/** The next message of a child. @throws when it ends before that. */
export async function nextMessage<Message>(child: ChildProcess, name: string, signal: AbortSignal): Promise<Message> {
  const ended = new AbortController();
  const either = { signal: AbortSignal.any([signal, ended.signal]) };
  const message = once(child, 'message', either).then(([said]) => said as Message);
  const exit = once(child, 'exit', either).then(([code, killed]) => {
    signal.throwIfAborted();
    throw new Error(`${name} ended (${killed ?? code}) without an answer.`);
  });
  try {
    return await Promise.race([message, exit]);
  } finally {
    ended.abort();
    await Promise.allSettled([message, exit]);
  }
}

/** The processes of a run. They run with the options of this one, so that they read TypeScript as it does. */
export function createChildren({ signal, profiles }: ChildrenOptions): Children {
  const start = (name: string, args: readonly string[], options: readonly string[]): ChildProcess => {
    const file = fileURLToPath(new URL(name, import.meta.url));
    const child = fork(file, [...args], { signal, execArgv: [...process.execArgv, ...options] });
    // An abort is told by whoever waits for the child.
    child.on('error', () => undefined);
    return child;
  };
  const measure = async <Result>(name: string, task: object, options: readonly string[]): Promise<Result> => {
    const child = start(name, [], options);
    child.send(task);
    const answer = await nextMessage<Answer<Result>>(child, name, signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`);
    return answer.measured;
  };
  const profiled = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  return {
    sync: (task) => measure('./sync-child.ts', task, profiled),
    floor: (task) => measure('./floor-child.ts', task, []),
    backfill: (task) => measure('./backfill-child.ts', task, profiled),
    runServer: (size) =>
      nextMessage(start('./run-server.ts', [JSON.stringify(size)], []), 'The server of runs', signal),
    receiver: (task) =>
      nextMessage(start('./webhook-child.ts', [JSON.stringify(task)], profiled), 'The receiver of webhooks', signal),
    async pageServer(size) {
      const server = start('./page-server.ts', [JSON.stringify(size)], []);
      await nextMessage(server, 'The page server', signal);
      return async (revision) => {
        server.send({ revision });
        return nextMessage<Serving>(server, 'The page server', signal);
      };
    },
  };
}
