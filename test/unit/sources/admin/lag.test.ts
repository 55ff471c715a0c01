import { describe, expect, it } from 'vitest';
import { type LagScope, laggingRun } from '../../../../src/sources/admin/lag.ts';
import { DAILY, ENVIRONMENT, type ServedRun, serving } from '../artifacts/run-service.ts';
import { never } from './builders.ts';

/** A run that built, which ended on the day of its number at 06:00. */
const built = (id: number, more: Partial<ServedRun> = {}): ServedRun => ({
  id,
  steps: [{ command: null }, { command: 'dbt deps' }, {}],
  ...more,
});

const scope: LagScope = {
  accountId: 1,
  environmentId: ENVIRONMENT,
  updatedAt: '2026-03-01T06:00:00.000Z',
  lagS: 1_800,
  definedAt: null,
  now: new Date('2026-03-02T06:30:01Z'),
};

async function lag(runs: readonly ServedRun[], more: Partial<LagScope> = {}) {
  const { admin, asked } = await serving(runs);
  return { why: await laggingRun(admin, { ...scope, ...more }, never), asked };
}

describe('Discovery lags', () => {
  it('behind a run that ended longer ago than it may, later than what it shows', async () => {
    expect((await lag([built(1), built(2)])).why).toBe(
      'Discovery lags: run 2 finished at 2026-03-02T06:00:00.000000+00:00, and Discovery shows nothing later than 2026-03-01T06:00:00.000Z.',
    );
  });

  it('behind the first run when it shows none', async () => {
    expect((await lag([built(1)], { updatedAt: null })).why).toMatch(
      /run 1 finished .* and Discovery shows no run at all/,
    );
  });

  it('behind a run that failed, too', async () => {
    const steps = [{ command: 'dbt test', status: 'error' as const }];
    expect((await lag([built(2, { status: 'error', steps })])).why).toMatch(/run 2/);
  });

  it('behind the one before a run that only parsed', async () => {
    const parsed = built(3, { steps: [{ command: 'dbt parse' }] });
    expect((await lag([built(2), parsed], { now: new Date('2026-03-04T00:00:00Z') })).why).toMatch(/run 2/);
  });
});

describe('Discovery does not lag', () => {
  it.each<[string, ServedRun, Partial<LagScope>]>([
    ['as long as it has time', built(2), { now: new Date('2026-03-02T06:29:59Z') }],
    ['behind what it shows', built(2), { updatedAt: '2026-03-02T06:00:00.000Z' }],
    ['behind a run whose definitions are stored', built(2), { definedAt: '2026-03-02T06:00:00.000Z' }],
    ['behind a run that goes on', built(2, { status: 'running' }), {}],
    ['behind a check of a proposal', built(2, { more: { trigger: { cause_category: 'ci' } } }), {}],
    ['behind a run of another environment', built(2, { more: { environment_id: 8 } }), {}],
    ['behind a run of another job', built(2), { jobId: DAILY + 1 }],
    ['behind a run that kept no artifacts', built(2, { more: { artifacts_saved: false } }), {}],
    ['behind a run that built nothing', built(2, { steps: [{ command: 'dbt compile' }] }), {}],
    ['behind a run whose build never ended', built(2, { steps: [{ status: 'cancelled' }] }), {}],
    ['behind a run that is gone', built(2, { isGone: true }), {}],
  ])('%s', async (_, run, more) => {
    expect((await lag([built(1), run], more)).why).toBeNull();
  });

  it('without runs', async () => {
    expect((await lag([])).why).toBeNull();
  });

  it('when it shows the newest run, which one request tells', async () => {
    const { asked } = await lag([built(1), built(2)], { updatedAt: '2026-03-02T07:00:00Z' });
    expect(asked).toHaveLength(1);
  });
});
