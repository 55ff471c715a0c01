import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { cli, folder, type Scene, scene } from './cli.ts';
import { build, executed, type MiniRun, manifest, model, PRODUCTION, runId, runResults } from './mini-history.ts';
import { given } from './mini-platform.ts';

const MODELS = 'select name, last_run_status as status from dbt.models order by name';
const SYNC_RUNS = 'select source, fallback_reason as reason, outcome from dbt.sync_runs order by sync_run_id';
const GET_ACCOUNTS = 'GET /api/v2/accounts/';
const LIST_RUNS = 'GET /api/v2/accounts/{id}/runs/';

/** What the first step of a run wrote, as files of a folder. */
function targetOf({ steps: [files = {}] }: MiniRun, zipped = false): string {
  const target = join(folder(), 'target');
  mkdirSync(target);
  for (const [name, content] of Object.entries(files)) {
    const text = JSON.stringify(content);
    if (zipped) writeFileSync(join(target, `${name}.json.gz`), gzipSync(text));
    else writeFileSync(join(target, `${name}.json`), text);
  }
  return target;
}

/** Syncs with everything that a source could need. */
const sync = (shop: Scene, ...args: string[]) => shop.sync('--access-url', shop.platform.url, '--json', ...args);

async function synced(shop: Scene, ...args: string[]) {
  const { code, out, err } = await sync(shop, ...args);
  const [result] = JSON.parse(out) as Record<string, unknown>[];
  return { code, err, result };
}

describe('a folder of artifacts', () => {
  it.each([false, true])('is synced without any configuration (gzipped: %s)', async (zipped) => {
    const shop = await scene(build(1, ['unused']));
    const target = targetOf(build(1, ['a', 'b'], 'error'), zipped);
    const { code, out } = await shop.run('sync', '--artifacts', target, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ integration: 'default', outcome: 'done', source: 'artifacts' }]);
    expect(await shop.rows(MODELS)).toEqual([
      { name: 'a', status: 'error' },
      { name: 'b', status: 'error' },
    ]);
    const [row] = await shop.rows(
      'select integration, environment_id, project_name, adapter_type from dbt.integrations',
    );
    expect(row).toEqual({ integration: 'default', environment_id: null, project_name: 'shop', adapter_type: 'duckdb' });
  });

  it('is left alone as long as nothing in it was written', async () => {
    const shop = await scene(build(1, ['unused']));
    const target = targetOf(build(1, ['a']));
    await shop.run('sync', '--artifacts', target);
    expect((await shop.run('sync', '--artifacts', target)).out).toMatch(/^default: unchanged/);
    for (const name of readdirSync(target)) utimesSync(join(target, name), new Date(), new Date(Date.now() + 5_000));
    const touched = JSON.parse((await shop.run('sync', '--artifacts', target, '--json')).out);
    expect(touched).toMatchObject([{ outcome: 'done', rows_written: 0 }]);
    const later = targetOf(build(2, ['a', 'c']));
    for (const name of readdirSync(later)) {
      const { steps } = build(2, ['a', 'c']);
      writeFileSync(join(target, name), JSON.stringify(steps[0]?.[name.replace('.json', '')]));
    }
    expect((await shop.run('sync', '--artifacts', target)).out).toMatch(/^default: done\n.*2 models/);
  });

  it('is one of the integrations of a file, and is shown as what it is', async () => {
    const shop = await scene(build(1, ['unused']));
    const target = targetOf(build(1, ['a']));
    const config = join(target, 'observer.yaml');
    writeFileSync(config, 'integrations: [{ name: core, source: files, artifacts_dir: . }]\n');
    const place = ['--config', config, '--database-url', shop.databaseUrl];
    expect((await shop.run('doctor', '--json', ...place)).out).not.toContain('"status": "failed"');
    expect(await shop.run('sync', 'core', ...place)).toMatchObject({ code: 0 });
    const { out } = await shop.run('status', ...place);
    expect(out).toMatch(/^core: a folder of artifacts\n {2}last sync {2}done at .* through artifacts\n/);
  });

  it('takes no name that an environment of the platform has', async () => {
    const shop = await scene(build(1, ['a']));
    await shop.sync();
    const { code, err } = await shop.run('sync', '--artifacts', targetOf(build(1, ['a'])), '--name', 'shop');
    expect([code, err]).toEqual([2, expect.stringContaining('but now points at a folder of artifacts')]);
    expect(await shop.rows('select from dbt.removed_nodes')).toEqual([]);
  });

  it('that holds none ends in one sentence', async () => {
    const { code, out, err } = await cli(['sync', '--artifacts', '.', '--database-url', 'postgresql://127.0.0.1:2/x']);
    expect([code, out, err.split('\n').length]).toEqual([1, '', 2]);
    const shop = await scene(build(1, ['unused']));
    const empty = await shop.run('sync', '--artifacts', folder());
    expect([empty.code, empty.err.includes('holds no artifact of dbt')]).toEqual([2, true]);
  });
});

describe('an environment whose Discovery API serves', () => {
  it('is read from there, also where artifacts could be had', async () => {
    const shop = await scene(build(1, ['a']));
    const { code, result } = await synced(shop);
    expect([code, result]).toMatchObject([0, { outcome: 'done', source: 'discovery', fallback_reason: null }]);
    expect((await synced(shop)).result).toMatchObject({ outcome: 'unchanged', source: 'discovery' });
  });
});

describe('an environment whose Discovery API cannot serve', () => {
  const refused = { kind: 'unauthorized', as: 403, operation: 'Probe' } as const;

  it('is read from artifacts, and every place says why', async () => {
    const shop = await scene(build(1, ['a', 'b']));
    shop.platform.fail(refused);
    const { code, result } = await synced(shop);
    const reason = expect.stringContaining('lacks the permission "Metadata Only"');
    expect([code, result]).toMatchObject([0, { outcome: 'done', source: 'artifacts', fallback_reason: reason }]);
    expect(await shop.rows(MODELS)).toEqual([
      { name: 'a', status: 'success' },
      { name: 'b', status: 'success' },
    ]);
    expect(await shop.rows(SYNC_RUNS)).toEqual([{ source: 'artifacts', reason, outcome: 'done' }]);
    const { out } = await shop.run('status');
    expect(out).toMatch(/through artifacts\n {13}.*lacks the permission "Metadata Only"/);
  });

  it('is left alone as long as no run ended, and read from there again when it can serve', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail(refused);
    await synced(shop);
    expect((await synced(shop)).result).toMatchObject({ outcome: 'unchanged', source: 'artifacts' });
    shop.platform.heal();
    expect((await synced(shop)).result).toMatchObject({ outcome: 'done', source: 'discovery', changes: {} });
    expect(await shop.rows(MODELS)).toEqual([{ name: 'a', status: 'success' }]);
    expect((await shop.rows(SYNC_RUNS)).map(({ source, outcome }) => [source, outcome])).toEqual([
      ['artifacts', 'done'],
      ['artifacts', 'unchanged'],
      ['discovery', 'done'],
    ]);
  });

  it('in the middle of a reading is read from artifacts alone', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail({ kind: 'unauthorized', as: 401, after: 3 });
    expect((await synced(shop)).result).toMatchObject({ outcome: 'done', source: 'artifacts', rejects: 0 });
    expect(await shop.rows('select distinct results_source from dbt.run_results')).toEqual([
      { results_source: 'artifacts' },
    ]);
  });

  it('fails with one error that names both APIs and what the token lacks, when neither serves', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail(refused);
    shop.platform.fail({ kind: 'unauthorized', as: 403, operation: GET_ACCOUNTS });
    const { code, err, result } = await synced(shop);
    expect([code, result?.outcome]).toEqual([2, 'failed']);
    expect(err).toMatch(/"Metadata Only".*The artifacts cannot be had instead: .*refuses access.*"Job Viewer"/);
    expect(await shop.rows(SYNC_RUNS)).toMatchObject([{ source: 'artifacts', outcome: 'failed' }]);
  });

  it('fails where only that API is wanted', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail(refused);
    const { code, result } = await synced(shop, '--source', 'discovery');
    expect([code, result?.outcome]).toEqual([2, 'failed']);
    expect(await shop.rows(SYNC_RUNS)).toMatchObject([{ source: 'discovery', reason: null }]);
  });
});

describe('an environment whose Discovery API lags', () => {
  it('is read from artifacts once, and no later state of them goes with the next sync', async () => {
    const shop = await scene(build(1, ['a']));
    const admin = await given(build(1, ['a']), build(2, ['a', 'b']));
    const lagging = () => shop.sync('--access-url', admin.url, '--json');
    const [first] = JSON.parse((await lagging()).out);
    const reason = expect.stringMatching(`^Discovery lags: run ${runId(2)} finished at 2026-01-02`);
    expect(first).toMatchObject({ outcome: 'done', source: 'artifacts', fallback_reason: reason });
    const both = [
      { name: 'a', status: 'success' },
      { name: 'b', status: 'success' },
    ];
    expect(await shop.rows(MODELS)).toEqual(both);
    const [second] = JSON.parse((await lagging()).out);
    expect(second).toMatchObject({ source: 'discovery', fallback_reason: null, changes: {} });
    expect(await shop.rows(MODELS)).toEqual(both);
    const [third] = JSON.parse((await lagging()).out);
    expect(third).toMatchObject({ outcome: 'unchanged', source: 'discovery' });
  });

  it('by less than it may is read from there', async () => {
    const shop = await scene(build(1, ['a']));
    const admin = await given(build(1, ['a']), build(2, ['a', 'b']));
    const config = join(folder(), 'observer.yaml');
    const keys = [
      'name: shop',
      `access_url: ${admin.url}`,
      `discovery_url: ${shop.platform.url}/graphql`,
      `environment_id: ${PRODUCTION}`,
      `token: "\${TOKEN}"`,
      'discovery_lag: 99999d',
    ];
    writeFileSync(config, `integrations: [{ ${keys.join(', ')} }]\n`);
    const { out } = await shop.run('sync', '--json', '--config', config, '--database-url', shop.databaseUrl);
    expect(JSON.parse(out)).toMatchObject([{ outcome: 'done', source: 'discovery', counts: { model: 1 } }]);
  });
});

describe('source: artifacts', () => {
  it('never asks the Discovery API, and finds account and production environment by itself', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail({ kind: 'status', status: 503 });
    const args = ['--access-url', shop.platform.url, '--token-env', 'TOKEN', '--source', 'artifacts', '--json'];
    const { code, out } = await shop.run('sync', '--name', 'shop', ...args);
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      [{ outcome: 'done', source: 'artifacts', fallback_reason: null }],
    ]);
    const [row] = await shop.rows<{ id: string }>('select environment_id as id from dbt.integrations');
    expect(Number(row?.id)).toBe(PRODUCTION);
  });

  it('without an environment and without the right to look one up says how to do without', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail({ kind: 'unauthorized', as: 403, operation: GET_ACCOUNTS });
    const args = ['--access-url', shop.platform.url, '--token-env', 'TOKEN', '--source', 'artifacts'];
    const { code, err } = await shop.run('sync', '--name', 'shop', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(/refuses access.*It was asked because no environment_id is given/);
    expect(await shop.rows('select from dbt.sync_runs')).toEqual([]);
  });

  it('of an API that is down fails and keeps what is there', async () => {
    const shop = await scene(build(1, ['a']));
    await synced(shop, '--source', 'artifacts');
    shop.platform.fail({ kind: 'unauthorized', as: 401, operation: LIST_RUNS });
    expect((await synced(shop, '--source', 'artifacts')).code).toBe(2);
    expect(await shop.rows(MODELS)).toEqual([{ name: 'a', status: 'success' }]);
  });
});

describe('runs', () => {
  const run: MiniRun = {
    day: 2,
    status: 20,
    steps: [
      {
        manifest: manifest(2, [model('a'), model('b')]),
        run_results: runResults(2, 'build', {
          'model.shop.a': executed(2, 'success'),
          'model.shop.b': executed(2, 'error'),
        }),
      },
    ],
  };

  it('are shown with what came of them, the newest first', async () => {
    const shop = await scene(build(1, ['a', 'b']), run);
    await synced(shop, '--source', 'artifacts');
    const { code, out } = await shop.run('runs', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      {
        reason: null,
        runs: [
          { run_id: String(runId(2)), job_name: 'Daily build', status: 'error', models_ok: 1, models_failed: 1 },
          { run_id: String(runId(1)), job_name: 'Daily build', status: 'success', models_ok: 2, models_failed: 0 },
        ],
      },
    ]);
    const [, first, ...others] = (await shop.run('runs', '--limit', '1')).out.trimEnd().split('\n');
    const [, ...cells] = (first ?? '').split(/ {2,}/);
    expect(cells).toEqual([
      'Daily build',
      'error',
      'scheduled',
      '2026-01-02 06:30',
      '30 min',
      '1 ok, 1 failed',
      '-',
      '-',
    ]);
    expect(others).toEqual([]);
  });

  it('that are not there are explained', async () => {
    const shop = await scene(build(1, ['a']));
    expect((await shop.run('runs')).out).toMatch(/^No integration was synced yet/);
    expect((await shop.run('runs', '--integration', 'shop')).code).toBe(2);
  });
});

it('no token is told by a sync that falls back', async () => {
  const shop = await scene(build(1, ['a']));
  shop.platform.fail({ kind: 'unauthorized', as: 403, operation: 'Probe' });
  shop.platform.fail({ kind: 'unauthorized', as: 401, operation: GET_ACCOUNTS });
  const { out, err } = await sync(shop);
  expect(out + err).not.toContain(DEFAULT_TOKEN);
});
