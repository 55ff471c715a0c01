import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { type EmbeddedServer, startEmbedded, stopEmbedded } from '../../src/store/embedded/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPool } from '../../src/store/pool.ts';
import { query } from '../store/database.ts';
import { pidIn } from '../store/embedded-servers.ts';
import { databaseAt } from './stores.ts';

/** How a server dies: as `pg_ctl stop -m immediate` has it, or by `kill -9` of its first process. */
export const DEATHS = { immediate: 'SIGQUIT', 'kill -9': 'SIGKILL' } as const;

export type Death = keyof typeof DEATHS;

/** A PostgreSQL that may be killed: nobody else is on it. */
export interface OwnServer {
  /** A migrated database. */
  readonly empty: string;
  readonly password: string;
  die(death: Death): Promise<void>;
  /** Starts it again, at the same address. */
  revive(): Promise<void>;
  remove(): Promise<void>;
}

export async function ownServer(): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-server-'));
  await chmod(folder, 0o711);
  const directory = join(folder, '.dbt-observer');
  // What is committed must outlive the server, though not the machine.
  const start = () => startEmbedded({ directory, durable: false, settings: { synchronous_commit: 'on' } });
  const server = await start();
  return {
    empty: await migrated(server),
    password: new URL(server.url).password,
    die: (death) => die(server, death),
    revive: async () => {
      const { port } = await start();
      if (port !== server.port) throw new Error(`the server came back at port ${port} instead of ${server.port}`);
    },
    remove: async () => {
      await stopEmbedded({ directory });
      await rm(dirname(dirname(server.dataDirectory)), { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function migrated({ url }: EmbeddedServer): Promise<string> {
  await query(url, 'create database crash');
  const empty = databaseAt(url, 'crash');
  const pool = createPool(empty);
  await migrate(pool);
  await pool.end();
  return empty;
}

async function die({ dataDirectory }: EmbeddedServer, death: Death): Promise<void> {
  const pid = await pidIn(dataDirectory);
  process.kill(pid, DEATHS[death]);
  await vi.waitUntil(() => !isAlive(pid), { timeout: 20_000, interval: 5 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
