import { afterAll, describe, expect, it } from 'vitest';
import { FULL } from '../size.ts';
import { createTestDatabase } from '../store/database.ts';
import { type Attempt, attempt, type Ground, groundOn } from './process.ts';
import { repairsNothing, type State, sessionsEnded, stateOf } from './process-checks.ts';
import { disturbanceAt, expectedAt, PHASES, type Phase, type Place, placesIn } from './process-phases.ts';
import { tableText } from './process-table.ts';
import { syncRuns } from './stores.ts';

const STOPS = FULL ? 4 : 1;
const STOPPED_IN = FULL ? PHASES : (['inside publish'] as const);
const PROMISED_MS = 10_000;
const INTERRUPTED = 'Interrupted by SIGTERM: nothing was written; the state before it stayed.';

interface Stop {
  readonly phase: Phase;
  readonly store: State;
  readonly outcome: string;
  readonly next: string;
  readonly endedMs: number;
}

const stops: Stop[] = [];
let ground: Promise<Ground> | undefined;
const opened = () => (ground ??= createTestDatabase().then(({ url }) => groundOn(url)));

afterAll(async () => {
  await (await ground)?.close();
  const rows = STOPPED_IN.map((phase) => {
    const own = stops.filter((stop) => stop.phase === phase);
    const list = (values: string[]) => [...new Set(values)].join(', ');
    return [
      phase,
      own.length,
      own.filter(({ store }) => store === 'before').length,
      own.filter(({ store }) => store === 'after').length,
      list(own.map(({ outcome }) => outcome)),
      list(own.map(({ next }) => next)),
      Math.max(0, ...own.map(({ endedMs }) => endedMs)),
    ];
  });
  const columns = ['phase', 'stops', 'store before', 'store after', 'outcome', 'next sync', 'ended, max ms'];
  process.stdout.write(tableText('SIGTERM', columns, rows));
});

describe.each(STOPPED_IN)('a sync that is asked to stop: %s', { timeout: 120_000 }, (phase) => {
  const places = placesIn(phase, STOPS).map((place, index) => ({ ...place, number: index + 1 }));
  it.each(places)('$number: $step sync, $side: ends soon and whole, with code 130', async (place) => {
    stops.push(await stopped(await opened(), place));
  });
});

describe.skipIf(!FULL)('a sync that is asked to stop while its database is mute', { timeout: 120_000 }, () => {
  it.each(['before', 'answered'] as const)('gives it up by itself: commit, %s', async (side) => {
    const all = await opened();
    const place: Place = { phase: 'at commit', step: 'second', share: 0, side };
    const step = all.steps[place.step];
    const running = await attempt(all, step, disturbanceAt(place, step));
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 130 });
    await sessionsEnded(running.url);
    await stateOf(running.url, step, expectedAt(place));
    await repairsNothing(all, step, running.url);
  });
});

async function stopped(ground: Ground, place: Place): Promise<Stop> {
  const step = ground.steps[place.step];
  const running = await attempt(ground, step, disturbanceAt(place, step));
  expect(running.isHit).toBe(true);
  const endedMs = await stop(running);
  expect(endedMs).toBeLessThan(PROMISED_MS);
  await sessionsEnded(running.url);
  // What is under way when the signal comes may still end well: then all of it counts.
  const store = await stateOf(running.url, step, expectedAt(place) === 'after' ? 'after' : 'either');
  const left = (await syncRuns(running.url)).at(-1);
  const said = { interrupted: { outcome: 'interrupted', error: INTERRUPTED }, done: { outcome: 'done', error: null } };
  expect(left).toEqual({ ...(store === 'before' ? said.interrupted : said.done), ended: true });
  const next = await repairsNothing(ground, step, running.url);
  return { phase: place.phase, store, outcome: left?.outcome ?? 'none', next, endedMs };
}

/** Sends the signal, lets everything be answered again, and gives the milliseconds until the process has ended. */
async function stop({ child, says, open, ended }: Attempt): Promise<number> {
  const start = performance.now();
  child.kill('SIGTERM');
  await Promise.race([says('Stopping;'), ended]);
  open();
  expect(await ended).toMatchObject({ code: 130 });
  return Math.round(performance.now() - start);
}
