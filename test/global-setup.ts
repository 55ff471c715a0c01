import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { embeddedStatus, stopEmbedded } from '../src/store/embedded/embedded.ts';
import { buildCli } from './cli-build.ts';
import { dropDatabases } from './store/database.ts';

/** Where the databases of this run are: a server that was given, or an embedded one that the first test starts. */
export interface TestServer {
  readonly directory: string;
  readonly url: string | undefined;
  /** Begins the name of every database of this run, so that runs may share a server. */
  readonly prefix: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer;
    /** The command line as JavaScript, for Node to run. */
    cliMain: string;
  }
}

/**
 * Says where the one PostgreSQL of this run is, and takes it away at the end; a run without database tests starts none.
 * The command line is built once for all processes of it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'dbt-observer-tests-'));
  // As root the server runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const directory = join(folder, '.dbt-observer');
  const url = process.env.TEST_DATABASE_URL || undefined;
  const server: TestServer = { directory, url, prefix: `observer_test_${process.pid}` };
  project.provide('testServer', server);
  project.provide('cliMain', buildCli(join(folder, 'cli')));
  return async () => {
    if (url !== undefined) await dropDatabases({ url, prefix: server.prefix });
    const { dataDirectory } = await embeddedStatus({ directory });
    await stopEmbedded({ directory });
    await rm(dirname(dirname(dataDirectory)), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  };
}
