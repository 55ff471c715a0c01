import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cli, type Ended, scene } from './cli.ts';
import { at, byId, dataTest, executed, type MiniRun, manifest, model, runResults, source } from './mini-history.ts';

const SOURCE = 'source.shop.raw.orders';
const MODEL = 'model.shop.orders';

/** A fresh source, a model on it with a failing test, and an exposure of the model. */
function smallRun(): MiniRun {
  const orders = model('orders', { depends_on: { nodes: [SOURCE] } });
  const onOrders = {
    attached_node: MODEL,
    depends_on: { nodes: [MODEL] },
    test_metadata: { name: 'not_null', kwargs: {} },
  };
  const board = { ...model('board'), unique_id: 'exposure.shop.board', resource_type: 'exposure', type: 'dashboard' };
  const exposures = byId([{ ...board, depends_on: { nodes: [MODEL] } }]);
  const results = { [MODEL]: executed(1, 'success'), 'test.shop.given': executed(1, 'fail', { failures: 3 }) };
  const freshness = {
    unique_id: SOURCE,
    status: 'pass',
    max_loaded_at: at(1, '05:00:00'),
    snapshotted_at: at(1, '06:00:00'),
    max_loaded_at_time_ago_in_s: 3_600,
    criteria: { warn_after: { count: 1, period: 'day' }, error_after: null },
  };
  const step = {
    manifest: manifest(1, [source('orders'), orders, dataTest('given', onOrders)], { exposures }),
    run_results: runResults(1, 'build', results),
    sources: { metadata: { generated_at: at(1, '06:01:00') }, results: [freshness] },
  };
  return { day: 1, steps: [step] };
}

/** A synced store and the command line as a login that may read schema dbt and nothing else. */
async function readerScene(): Promise<(...args: string[]) => Promise<Ended>> {
  const shop = await scene(smallRun());
  expect((await shop.sync()).code).toBe(0);
  const login = { name: `reader_${randomUUID().replaceAll('-', '')}`, password: randomUUID() };
  await shop.rows(`create role ${login.name} login password '${login.password}' in role dbt_reader`);
  onTestFinished(async () => void (await shop.rows(`drop role ${login.name}`)));
  const url = new URL(shop.databaseUrl);
  url.username = login.name;
  url.password = login.password;
  return (...args) => cli([...args, '--database-url', url.href]);
}

describe('a login with role dbt_reader alone', () => {
  it('sees the status', async () => {
    const run = await readerScene();
    const { code, out, err } = await run('status', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({
        last_sync_outcome: 'done',
        counts: { exposure: 1, model: 1, source: 1, test: 1 },
        executed_tests: 1,
        failing_tests: 1,
        syncing_since: null,
      }),
    ]);
  });

  it('sees the lineage with what each type of node has for a status', async () => {
    const run = await readerScene();
    const { code, out, err } = await run('lineage', MODEL);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      'model orders: success, tests fail depends on',
      '└── source orders: pass',
      '',
      'model orders: success, tests fail is needed by',
      '├── exposure board: fail',
      '└── test given: fail',
      '',
    ]);
  });

  it('sees the tests', async () => {
    const run = await readerScene();
    const { code, out, err } = await run('tests', '--failing', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out).tests).toEqual([
      expect.objectContaining({ unique_id: 'test.shop.given', tested_unique_id: MODEL, status: 'fail', failures: 3 }),
    ]);
  });
});
