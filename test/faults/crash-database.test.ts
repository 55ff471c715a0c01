import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import type { Ended } from '../e2e/cli.ts';
import { FULL } from '../size.ts';
import { attempt, type Ground, groundOn } from './process.ts';
import { repairsNothing, type State, stateOf } from './process-checks.ts';
import { disturbanceAt, expectedAt, PHASES, type Phase, type Place, placesIn } from './process-phases.ts';
import { DEATHS, type Death, type OwnServer, ownServer } from './process-server.ts';
import { tableText } from './process-table.ts';

const DEATHS_EACH = FULL ? 2 : 1;
const DIES_IN = FULL ? PHASES : (['inside publish'] as const);
const SENTENCE =
  /^error: (The connection to PostgreSQL at \S+ broke off; nothing was half-written\. Try again\.|No PostgreSQL answers at \S+ \(\w+\): start it or correct database\.url\.)\n$/;

interface Case {
  readonly phase: Phase;
  readonly death: Death;
  readonly store: State;
  readonly code: number | null;
  readonly next: string;
}

const cases: Case[] = [];
let opened: Promise<{ server: OwnServer; ground: Ground }> | undefined;

async function open() {
  const server = await ownServer();
  const ground = await groundOn(server.empty);
  // Numbers that a sequence has in store are in the log of the original and not of its copy, which after a crash would
  // give them out again. A database that has been through one keeps no store.
  await server.die('immediate');
  await server.revive();
  return { server, ground };
}

afterAll(async () => {
  const all = await opened;
  await all?.ground.close();
  await all?.server.remove();
  const rows = DIES_IN.map((phase) => {
    const own = cases.filter((one) => one.phase === phase);
    const list = (values: unknown[]) => [...new Set(values)].join(', ');
    return [
      phase,
      own.length,
      own.filter(({ store }) => store === 'before').length,
      own.filter(({ store }) => store === 'after').length,
      list(own.map(({ code }) => code)),
      list(own.map(({ next }) => next)),
    ];
  });
  const columns = ['phase', 'deaths', 'store before', 'store after', 'exit code', 'next sync'];
  process.stdout.write(tableText('PostgreSQL killed and started again', columns, rows));
});

describe.each(DIES_IN)('a sync whose database dies: %s', { timeout: 120_000 }, (phase) => {
  const deaths = Object.keys(DEATHS) as Death[];
  const places = deaths.flatMap((death) => placesIn(phase, DEATHS_EACH).map((place) => ({ ...place, death })));
  it.each(places)('$death, $step sync, $side: one sentence, and a whole store once it is back', async (place) => {
    opened ??= open();
    cases.push(await died(await opened, place));
  });
});

async function died({ server, ground }: { server: OwnServer; ground: Ground }, place: Place & { death: Death }) {
  const step = ground.steps[place.step];
  const running = await attempt(ground, step, { ...disturbanceAt(place, step), quiet: true });
  expect(running.isHit).toBe(true);
  await server.die(place.death);
  running.open();
  const ended = await running.ended;
  await server.revive();
  checkSaid(ended, place, server.password);
  const store = await stateOf(running.url, step, expectedAt(place));
  const { phase, death } = place;
  return { phase, death, store, code: ended.code, next: await repairsNothing(ground, step, running.url) };
}

/** Once all is published the rest is housekeeping, and its failure no failure of the sync. */
function checkSaid({ code, err }: Ended, { phase }: Place, password: string): void {
  if (phase === 'after publish') expect({ code, err }).toEqual({ code: 0, err: '' });
  else {
    expect(code).toBe(1);
    expect(err).toMatch(SENTENCE);
  }
  for (const secret of [password, DEFAULT_TOKEN]) expect(err).not.toContain(secret);
}
