import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { embeddedStatus, stopEmbedded } from '../src/store/embedded/embedded.ts';

/** Where the demo keeps its PostgreSQL. */
export const DIRECTORY = resolve('.dbt-observer-demo');

/** Stops the demo's PostgreSQL and removes all it left, also where a demo before this one was killed. */
export async function clearPlace(): Promise<void> {
  const { dataDirectory } = await embeddedStatus({ directory: DIRECTORY });
  await stopEmbedded({ directory: DIRECTORY });
  // As root the data may lie in another folder, of the user whom the server runs as.
  await rm(dirname(dirname(dataDirectory)), { recursive: true, force: true });
  await rm(DIRECTORY, { recursive: true, force: true });
}
