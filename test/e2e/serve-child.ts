import { openApp } from '../../src/app.ts';
import type { Role } from '../../src/cli/roles.ts';
import { startServing } from '../../src/cli/serve-roles.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SyncError } from '../../src/domain/errors.ts';
import { createLogger } from '../../src/log.ts';

/** What a process of roles is told when it starts. */
export interface ServeTask {
  readonly config: string;
  readonly roles: readonly Role[];
  readonly lookMs: number;
  /** By how much its clock is ahead. */
  readonly aheadMs: number;
}

/** From now on the clock is ahead by so much; the scheduler looks at it, and the child answers when it has. */
export interface Ahead {
  readonly aheadMs: number;
}

const { config: path, roles, lookMs, ...start } = JSON.parse(process.argv[2] ?? '') as ServeTask;
let { aheadMs } = start;
const logger = createLogger({ level: 'debug', format: 'json', write: (line) => void process.stderr.write(line) });
const { database, limits, integrations } = await loadConfig({ path });
const now = () => new Date(Date.now() + aheadMs);
const app = await openApp({ database, limits, logger, now, connections: 8 });
const stop = new AbortController();
const serving = await startServing({ app, integrations, roles, concurrency: 2, logger, signal: stop.signal, lookMs });

process.on('message', async (message: Ahead) => {
  aheadMs = message.aheadMs;
  await serving.scheduler?.wake();
  process.send?.('woken');
});
process.once('SIGTERM', async () => {
  stop.abort(new SyncError('Interrupted by SIGTERM.'));
  await serving.stop();
  await app.close();
  process.disconnect();
});
process.send?.('there');
