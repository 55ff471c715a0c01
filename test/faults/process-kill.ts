import { afterAll, describe, expect, it } from 'vitest';
import { cli } from '../e2e/cli.ts';
import { FULL } from '../size.ts';
import { createTestDatabase } from '../store/database.ts';
import { attempt, type Ground, groundOn } from './process.ts';
import { repairsNothing, type State, sessionsEnded, stateOf, UNENDED } from './process-checks.ts';
import { disturbanceAt, expectedAt, isProven, markersOf, type Phase, type Place, placesIn } from './process-phases.ts';
import { tableText } from './process-table.ts';
import { syncRuns } from './stores.ts';

const KILLS = FULL ? 15 : 1;

interface Kill {
  readonly phase: Phase;
  readonly proven: boolean;
  readonly store: State;
  readonly next: string;
  readonly goneMs: number;
}

/** Registers the kills of these phases, in a sample of the first, and a table of them that is printed at the end. */
export function killIn(named: readonly [Phase, ...Phase[]]): void {
  const phases = FULL ? named : [named[0]];
  const kills: Kill[] = [];
  let ground: Promise<Ground> | undefined;

  describe.each(phases)('a sync that is killed: %s', { timeout: 120_000 }, (phase) => {
    const places = placesIn(phase, KILLS).map((place, index) => ({ ...place, number: index + 1 }));
    it.each(places)('$number: $step sync, $side: a whole store, and a next sync without repair', async (place) => {
      ground ??= createTestDatabase().then(({ url }) => groundOn(url));
      kills.push(await killed(await ground, place, place.number === 1));
    });
  });

  afterAll(async () => {
    await (await ground)?.close();
    process.stdout.write(tableOf(phases, kills));
  });
}

async function killed(ground: Ground, place: Place, asksStatus: boolean): Promise<Kill> {
  const step = ground.steps[place.step];
  const crashed = await attempt(ground, step, disturbanceAt(place, step));
  crashed.child.kill('SIGKILL');
  const ended = await crashed.ended;
  expect({ isHit: crashed.isHit, signal: crashed.child.signalCode }).toEqual({ isHit: true, signal: 'SIGKILL' });
  const markers = markersOf(crashed, ended);
  const proven = isProven(place, step, markers);
  expect(proven, `${place.phase} is not where it was killed: ${JSON.stringify(markers)}`).toBe(true);
  const goneMs = await sessionsEnded(crashed.url);
  if (asksStatus) await saysNobodySyncs(crashed.url);
  const store = await stateOf(crashed.url, step, expectedAt(place));
  const left = (await syncRuns(crashed.url)).at(-1);
  expect(left).toEqual(store === 'before' ? UNENDED : { outcome: 'done', error: null, ended: true });
  return { phase: place.phase, proven, store, goneMs, next: await repairsNothing(ground, step, crashed.url) };
}

async function saysNobodySyncs(url: string): Promise<void> {
  const { out } = await cli(['status', '--json'], { env: { DATABASE_URL: url } });
  expect(JSON.parse(out)).toEqual([expect.objectContaining({ integration: 'shop', syncing_since: null })]);
}

function tableOf(phases: readonly Phase[], kills: readonly Kill[]): string {
  const rows = phases.map((phase) => {
    const own = kills.filter((kill) => kill.phase === phase);
    const count = (wanted: (kill: Kill) => boolean) => own.filter(wanted).length;
    const outcomes = [...new Set(own.map(({ next }) => next))];
    return [
      phase,
      own.length,
      count(({ proven }) => proven),
      count(({ store }) => store === 'before'),
      count(({ store }) => store === 'after'),
      outcomes.map((outcome) => `${outcome} ${count(({ next }) => next === outcome)}`).join(', '),
      Math.max(0, ...own.map(({ goneMs }) => goneMs)),
    ];
  });
  const columns = ['phase', 'kills', 'hits proven', 'store before', 'store after', 'next sync', 'session gone, max ms'];
  return tableText('kill -9', columns, rows);
}
