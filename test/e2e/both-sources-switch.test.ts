import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultInput } from '../../demo/platform/faults.ts';
import { FULL } from '../size.ts';
import { storeDifferences } from './both-sources-differences.ts';
import { openTwoStores, type Reader, type TwoStores } from './two-stores.ts';

const folder = (name: string) => fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url));
const runsOf = (name: string): number => JSON.parse(readFileSync(`${folder(name)}/history.json`, 'utf8')).runs.length;
const everyRun = (name: string) => Array.from({ length: runsOf(name) }, (_, index) => index + 1);
const isEven = (run: number) => run % 2 === 0;

const REFUSED: FaultInput = { kind: 'unauthorized', as: 403, operation: 'Probe' };
const EMPTY: FaultInput = { kind: 'applied_null' };
/** Refused after some pages have come. */
const HALFWAY: FaultInput = { kind: 'unauthorized', as: 401, after: 4 };

/** A row of the Discovery API goes when a step's row of the same run and node comes. */
const DOUBLED = `select run_id, unique_id from dbt.run_results group by run_id, unique_id
  having bool_or(step <= 0) and bool_or(step > 0) or count(*) > count(distinct executed_at)`;
const LAST_SYNC = `select source, fallback_reason as reason, outcome from dbt.sync_runs
  order by sync_run_id desc limit 1`;

const ALL = [
  ['duckdb', 'tells of no applied state at all but every other run', EMPTY, (run: number) => !isEven(run)],
  ['duckdb', 'refuses the token at every other run', REFUSED, isEven],
  ['duckdb', 'refuses the token in the middle of the reading', HALFWAY, (run: number) => run >= 3 && run <= 9],
  ['postgres', 'refuses the token at every other run', REFUSED, isEven],
] as const;

describe.each(FULL ? ALL : ALL.slice(2))('the %s history where the Discovery API %s', (name, _when, fault, isOff) => {
  let stores: TwoStores;
  let discovery: Reader;
  let auto: Reader;

  beforeAll(async () => {
    stores = openTwoStores(folder(name));
    discovery = await stores.reader('discovery');
    auto = await stores.reader('auto');
  });

  afterAll(() => stores?.close());

  it.each(everyRun(name))('is told after run %i as if the Discovery API had served throughout', async (run) => {
    stores.advance(run);
    await discovery.sync();
    if (isOff(run)) auto.platform.fail(fault);
    const result = await auto.sync();
    const hits = auto.platform.hits();
    auto.platform.heal();
    const [last] = await auto.rows(LAST_SYNC);
    const { source, outcome } = result;
    expect(last).toMatchObject({ source, outcome, reason: result.fallbackReason });
    expect([source, last?.reason === null]).toEqual(hits > 0 ? ['artifacts', false] : ['discovery', true]);
    expect(await auto.rows(DOUBLED)).toEqual([]);
    expect(await storeDifferences({ discovery, artifacts: auto, withGaps: false, used: new Set() })).toEqual([]);
  });

  it('is not written again by second syncs of either source', async () => {
    await auto.sync({ full: true });
    expect(await auto.sync({ full: true })).toMatchObject({ source: 'discovery', rowsWritten: 0, changes: {} });
    auto.platform.fail(REFUSED);
    await auto.sync({ full: true });
    expect(await auto.sync({ full: true })).toMatchObject({ source: 'artifacts', rowsWritten: 0, changes: {} });
    auto.platform.heal();
    expect(await auto.sync({ full: true })).toMatchObject({ source: 'discovery', results: 0, changes: {} });
  });
});
