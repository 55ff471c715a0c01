import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { FULL } from '../size.ts';
import { query } from '../store/database.ts';
import { attempt, type Ground, groundOn } from './process.ts';
import { repairsNothing, type State, stateOf } from './process-checks.ts';
import { smallDisk, tablespaceOn } from './process-disk.ts';
import { disturbanceAt, type Place, placesIn } from './process-phases.ts';
import { type OwnServer, ownServer } from './process-server.ts';
import { tableText } from './process-table.ts';
import { copyDatabase, syncRuns } from './stores.ts';

const SPACE = 'small';
const SENTENCE = /^error: The disk of PostgreSQL at \S+ is full \(.+\): make room there and try again\.\n$/;

const disk = smallDisk();
if (disk === undefined) {
  process.stderr.write(
    'A full disk is NOT tested: it needs a small file system, and this process may not mount one.\n',
  );
}

interface Case {
  readonly store: State;
  readonly outcome: string;
  readonly next: string;
}

const cases: Case[] = [];
let opened: Promise<{ server: OwnServer; ground: Ground }> | undefined;

/** All databases are on the small disk, the write-ahead log is not: without that a server cannot even say no. */
async function open() {
  const server = await ownServer();
  if (disk !== undefined) await tablespaceOn(disk, SPACE, server.empty);
  const moved = await copyDatabase(server.empty, `moved`);
  await query(server.empty, `alter database moved set tablespace ${SPACE}`);
  return { server, ground: await groundOn(moved) };
}

afterAll(async () => {
  const all = await opened;
  disk?.makeRoom();
  await all?.ground.close();
  await all?.server.remove();
  disk?.remove();
  const count = (state: State) => cases.filter(({ store }) => store === state).length;
  const list = (values: string[]) => [...new Set(values)].join(', ');
  const row = [
    cases.length,
    count('before'),
    count('after'),
    list(cases.map(({ outcome }) => outcome)),
    list(cases.map(({ next }) => next)),
  ];
  const columns = ['disk full', 'store before', 'store after', 'outcome', 'next sync'];
  process.stdout.write(tableText('The disk is full in the middle of publishing', columns, [row]));
});

describe.skipIf(disk === undefined)('a sync whose database has no room left', { timeout: 120_000 }, () => {
  // What the last statements write may find room in what is there.
  const all = placesIn('inside publish', FULL ? 8 : 1);
  const places = all.map((place) => ({ ...place, share: Math.round(80 * place.share) / 100 }));
  it.each(places)('$step sync, $share of publishing: says so, and leaves the state before', async (place) => {
    opened ??= open();
    cases.push(await filled(await opened, place));
  });
});

async function filled({ server, ground }: { server: OwnServer; ground: Ground }, place: Place): Promise<Case> {
  const step = ground.steps[place.step];
  const running = await attempt(ground, step, { ...disturbanceAt(place, step), quiet: true });
  expect(running.isHit).toBe(true);
  disk?.fill();
  running.open();
  const { code, err } = await running.ended;
  disk?.makeRoom();
  expect(code).toBe(1);
  expect(err).toMatch(SENTENCE);
  for (const secret of [server.password, DEFAULT_TOKEN]) expect(err).not.toContain(secret);
  const store = await stateOf(running.url, step, 'before');
  const left = (await syncRuns(running.url)).at(-1);
  return { store, outcome: left?.outcome ?? 'none', next: await repairsNothing(ground, step, running.url) };
}
