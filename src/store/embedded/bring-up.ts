import { setTimeout as pause } from 'node:timers/promises';
import { FatalError } from '../../domain/errors.ts';
import { hasDatabase } from './database.ts';
import { type LaunchRequest, launch } from './launch.ts';
import type { Layout } from './layout.ts';
import { clearStale, inspectPostmaster } from './postmaster.ts';

/** How often, and how long, a state that changes by itself is looked at. */
export const LOOK_AGAIN_MS = 50;
export const LONGEST_WAIT_MS = 120_000;

const LAUNCHES = 5;
const PAUSE_AFTER_FAILURE_MS = 100;

/**
 * Waits until the server of a layout answers, starting it when nobody else does. `postmaster.pid` alone decides: the
 * data directory's own lock lets one of several starters through, and the others find its server here.
 *
 * @param prepare what to launch; called only when a launch is needed.
 */
export async function bringUp(
  layout: Layout,
  prepare: () => Promise<LaunchRequest>,
): Promise<{ port: number; started: boolean }> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let request: LaunchRequest | undefined;
  let launches = 0;
  let failure: string | undefined;
  while (Date.now() < deadline) {
    const server = await inspectPostmaster(layout.data);
    if (server.state === 'running' && (await hasDatabase(layout, server.port))) {
      return { port: server.port, started: launches > 0 && failure === undefined };
    }
    if (server.state === 'stale') await clearStale(layout.data, server.text);
    if (server.state === 'stopped') {
      if (launches === LAUNCHES) throw didNotStart(layout, failure);
      request ??= await prepare();
      failure = await launch(request, launches === 0);
      launches += 1;
      // Processes of a server that was killed need a moment to let go; a port may have been taken meanwhile.
      if (failure !== undefined) await pause(PAUSE_AFTER_FAILURE_MS * launches);
    } else await pause(LOOK_AGAIN_MS);
  }
  throw new FatalError(
    `The embedded PostgreSQL in ${layout.data} does not answer. After a crash it may still be recovering: ` +
      `look into ${layout.log} and try again.`,
  );
}

function didNotStart(layout: Layout, failure: string | undefined): FatalError {
  const lines = (failure ?? '').split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /(FATAL|PANIC|ERROR|error):|LOG: {2}could not/.test(line));
  const reason = (telling.length > 0 ? telling : lines).slice(-3).join(' · ') || 'its log says nothing';
  return new FatalError(
    `The embedded PostgreSQL in ${layout.data} does not start: ${reason}. ` +
      `Mend that (the whole log is ${layout.log}) and try again, or set database.url to a server of your own.`,
  );
}
