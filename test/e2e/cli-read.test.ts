import { describe, expect, it, vi } from 'vitest';
import { createEmptyDatabase } from '../store/database.ts';
import { CLOSED_PORT, cli, gateBefore, type Scene, scene } from './cli.ts';
import { build, dataTest, executed, type MiniRun, manifest, model, PRODUCTION, runResults } from './mini-history.ts';

const onOrders = (name: string) =>
  dataTest(name, {
    attached_node: 'model.shop.orders',
    column_name: 'id',
    depends_on: { nodes: ['model.shop.orders'] },
    test_metadata: { name: 'not_null', kwargs: { column_name: 'id' } },
  });

/** orders → report; of two tests on orders one fails with three rows. */
function failingRun(): MiniRun {
  const report = model('report', { depends_on: { nodes: ['model.shop.orders'] } });
  const nodes = [model('orders'), report, onOrders('orders_id_given'), onOrders('orders_id_short')];
  const results = {
    'model.shop.orders': executed(1, 'success'),
    'model.shop.report': executed(1, 'success'),
    'test.shop.orders_id_given': executed(1, 'fail', { failures: 3 }),
    'test.shop.orders_id_short': executed(1, 'pass', { failures: 0 }),
  };
  return { day: 1, steps: [{ manifest: manifest(1, nodes), run_results: runResults(1, 'build', results) }] };
}

/** The same project, of which no test was run. */
function untestedRun(): MiniRun {
  const run = failingRun();
  const [step] = run.steps;
  const results = runResults(1, 'run', { 'model.shop.orders': executed(1, 'success') });
  return { ...run, steps: [{ ...step, run_results: results }] };
}

/** The server frees the locks of a dead session when it notices that the session is gone; this waits for that. */
async function locksAreFree(shop: Scene): Promise<void> {
  const held =
    "select from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database()";
  await vi.waitFor(async () => expect(await shop.rows(held)).toEqual([]), { timeout: 20_000 });
}

async function synced(...runs: MiniRun[]): Promise<Scene> {
  const shop = await scene(...runs);
  expect((await shop.sync()).code).toBe(0);
  return shop;
}

describe('status', () => {
  it('tells the last sync, counts and failing tests', async () => {
    const shop = await synced(failingRun());
    const { code, out } = await shop.run('status');
    expect(code).toBe(0);
    expect(out).toMatch(/ {2}last sync {2}done at \d{4}-\d\d-\d\d \d\d:\d\d UTC through discovery\n/);
    expect(out).toMatch(/ {2}nodes {6}4: 2 models, 2 tests\n {2}tests {6}1 test failing\n/);
  });

  it('tells it to machines by the names of the views', async () => {
    const shop = await synced(failingRun());
    const { out } = await shop.run('status', 'shop', '--json');
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({
        integration: 'shop',
        last_sync_outcome: 'done',
        counts: { model: 2, test: 2 },
        failing_tests: 1,
        environment_id: PRODUCTION,
        syncing_since: null,
      }),
    ]);
  });

  it('suggests the integration that was probably meant', async () => {
    const shop = await synced(build(1, ['a']));
    const { code, err } = await shop.run('status', 'shob');
    expect([code, err]).toEqual([2, 'error: There is no integration "shob"; did you mean shop?\n']);
  });

  it('makes no database where none was ever needed', async () => {
    const { code, out } = await cli(['status']);
    expect([code, out]).toEqual([0, 'No integration is configured and none was ever synced.\n']);
  });
});

describe('status of what is not known', () => {
  it('says so where no sync ever went through', async () => {
    const shop = await scene(build(1, ['a']));
    expect((await shop.sync('--discovery-url', `http://127.0.0.1:${CLOSED_PORT}/graphql`)).code).toBe(1);
    const { out } = await shop.run('status');
    expect(out).toMatch(/ {2}nodes {6}nothing is known yet\n {2}tests {6}nothing is known yet\n/);
    const json = JSON.parse((await shop.run('status', '--json')).out);
    expect(json).toEqual([expect.objectContaining({ last_sync_outcome: 'failed', failing_tests: null })]);
  });

  it('says that none fails only where some have run', async () => {
    const shop = await synced(untestedRun());
    const { out } = await shop.run('status');
    expect(out).toContain('  tests      none has an executed result, so nothing is known\n');
  });

  it('calls a sync that goes on unended, and no longer when its process was killed', async () => {
    const shop = await scene(build(1, ['a']));
    const gate = await gateBefore(shop.platform);
    const { child, ended } = shop.startSync('--discovery-url', gate.url);
    await gate.reached;
    expect((await shop.run('status')).out).toMatch(/\(a sync started at [^)]+ UTC and has not ended\)\n/);
    child.kill('SIGKILL');
    await ended;
    await locksAreFree(shop);
    expect((await shop.run('status')).out).not.toContain('has not ended');
  });
});

describe('tests', () => {
  it('lists the worst first', async () => {
    const shop = await synced(failingRun());
    const { out } = await shop.run('tests');
    const [, first, second] = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(first).toEqual(['orders_id_given', 'orders', 'id', 'fail', '≤ 2026-01-01 06:20', '3', '-']);
    expect(second?.slice(0, 4)).toEqual(['orders_id_short', 'orders', 'id', 'pass']);
  });

  it('lists those that fail', async () => {
    const shop = await synced(failingRun());
    const { out } = await shop.run('tests', '--failing', '--json');
    expect(JSON.parse(out)).toMatchObject({
      tests: [{ unique_id: 'test.shop.orders_id_given', status: 'fail', failures: 3 }],
      reason: null,
    });
  });

  it('keeps the digits of what a number does not hold exactly', async () => {
    const shop = await synced(failingRun());
    await shop.rows('update dbt_store.node_status set failures = 9007199254740993 where failing_since is not null');
    const { out } = await shop.run('tests', '--failing', '--json');
    expect(JSON.parse(out).tests).toEqual([expect.objectContaining({ failures: '9007199254740993' })]);
  });

  it('says why there are none', async () => {
    const shop = await synced(build(1, ['a']));
    expect((await shop.run('tests')).out).toBe('The environment has no tests.\n');
  });

  it('says that none has run', async () => {
    const shop = await synced(untestedRun());
    const { code, out } = await shop.run('tests', '--failing');
    expect(code).toBe(0);
    expect(out).toMatch(/^Tests are defined but none has an executed result: no job of this environment runs tests/);
  });

  it('says that nothing was synced, also in a database without a store', async () => {
    const database = await createEmptyDatabase();
    const { code, out } = await cli(['tests'], { env: { DATABASE_URL: database.url } });
    expect([code, out]).toEqual([0, 'No integration was synced yet: run "dbt-observer sync" first.\n']);
    await database.drop();
  });
});

describe('lineage', () => {
  it('shows both sides of a node', async () => {
    const shop = await synced(failingRun());
    const { code, out } = await shop.run('lineage', 'model.shop.orders');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'model orders: success, tests fail depends on nothing',
      '',
      'model orders: success, tests fail is needed by',
      '├── model report: success',
      '├── test orders_id_given: fail',
      '└── test orders_id_short: pass',
      '',
    ]);
  });

  it('goes as far and in the direction that is wanted, for machines', async () => {
    const shop = await synced(failingRun());
    const { out } = await shop.run('lineage', 'model.shop.report', '--up', '--depth', '1', '--format', 'json');
    expect(JSON.parse(out)).toEqual({
      integration: 'shop',
      unique_id: 'model.shop.report',
      nodes: [
        expect.objectContaining({ unique_id: 'model.shop.orders', distance: -1, test_status: 'fail' }),
        expect.objectContaining({ unique_id: 'model.shop.report', distance: 0 }),
      ],
      edges: [{ parent: 'model.shop.orders', child: 'model.shop.report' }],
    });
  });

  it('answers an unknown id with one that comes close', async () => {
    const shop = await synced(failingRun());
    const { code, err } = await shop.run('lineage', 'model.shop.reprot');
    expect([code, err]).toEqual([2, 'error: There is no node "model.shop.reprot". Did you mean model.shop.report?\n']);
  });

  it('asks which integration is meant', async () => {
    const shop = await synced(failingRun());
    await shop.sync('--name', 'twin');
    const { code, err } = await shop.run('lineage', 'model.shop.orders');
    expect(code).toBe(2);
    expect(err).toMatch(/choose one with --integration \(shop, twin\)/);
    expect((await shop.run('lineage', 'model.shop.orders', '--integration', 'twin')).code).toBe(0);
  });
});
