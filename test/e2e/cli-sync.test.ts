import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { CLOSED_PORT, cli, folder, gateBefore, scene } from './cli.ts';
import { build, PRODUCTION, STAGING } from './mini-history.ts';

const MODELS = 'select name from dbt.models order by name';
const LAST_OUTCOME = 'select outcome from dbt.sync_runs order by sync_run_id desc limit 1';

describe('a first sync', () => {
  it('stores what is there and tells it as one JSON document', async () => {
    const shop = await scene(build(1, ['a', 'b']));
    const { code, out } = await shop.sync('--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({
        integration: 'shop',
        outcome: 'done',
        counts: expect.objectContaining({ model: 2 }),
        results: 2,
        rejects: 0,
        partial_reasons: [],
      }),
    ]);
    expect(await shop.rows(MODELS)).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it('tells it in a few lines for a person, and logs one line per resource type', async () => {
    const shop = await scene(build(1, ['a', 'b']));
    const { code, out, err } = await shop.sync();
    expect(code).toBe(0);
    expect(out).toMatch(/^shop: done\n {2}nodes {4}2: 2 models\n {2}results {2}2 new results\n/);
    const lines = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [run] = await shop.rows<{ id: string }>('select sync_run_id as id from dbt.sync_runs');
    const common = { level: 'info', integration: 'shop', sync_run_id: Number(run?.id) };
    expect(lines).toContainEqual(expect.objectContaining({ ...common, resource_type: 'model', nodes: 2 }));
    expect(lines.at(-1)).toMatchObject({ ...common, msg: 'sync ended', outcome: 'done' });
  });

  it('prints nothing beside its JSON', async () => {
    const shop = await scene(build(1, ['a']));
    const { code, err } = await shop.sync('--json');
    expect([code, err]).toEqual([0, '']);
  });

  it.each(['info', 'debug'])('logs beside its JSON where the configuration file says level %s', async (level) => {
    const shop = await scene(build(1, ['a']));
    const config = join(folder(), 'observer.yaml');
    writeFileSync(config, `log: { level: ${level} }\n`);
    const { code, err } = await shop.sync('--json', '--config', config, '--database-url', shop.databaseUrl);
    expect([code, err]).toEqual([0, expect.stringContaining('"msg":"sync ended"')]);
  });

  it('does not take a configuration file for a wish to see log lines', async () => {
    const shop = await scene(build(1, ['a']));
    const config = join(folder(), 'observer.yaml');
    writeFileSync(config, 'log: { format: json }\n');
    const { code, err } = await shop.sync('--json', '--config', config, '--database-url', shop.databaseUrl);
    expect([code, err]).toEqual([0, '']);
  });

  it('keeps nothing of a dry run', async () => {
    const shop = await scene(build(1, ['a', 'b']));
    const { code, out } = await shop.sync('--dry-run', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, [expect.objectContaining({ dry_run: true, results: 2 })]]);
    expect(await shop.rows('select from dbt.integrations')).toEqual([]);
  });
});

describe('a second sync', () => {
  it('is unchanged when nothing moved', async () => {
    const shop = await scene(build(1, ['a']));
    await shop.sync();
    const { code, out } = await shop.sync('--json');
    expect([code, JSON.parse(out)]).toEqual([0, [expect.objectContaining({ outcome: 'unchanged', requests: 1 })]]);
  });

  it('reads everything when it is told to', async () => {
    const shop = await scene(build(1, ['a']));
    await shop.sync();
    const { out } = await shop.sync('--full', '--json');
    expect(JSON.parse(out)).toEqual([expect.objectContaining({ outcome: 'done', rows_written: 0 })]);
  });

  it('refuses a name that points at another environment now', async () => {
    const shop = await scene(build(1, ['a']), { ...build(2, ['b']), environment: STAGING });
    await shop.sync();
    const { code, err } = await shop.sync('--environment-id', String(STAGING));
    expect(code).toBe(2);
    expect(err).toMatch(
      /error: Integration "shop" holds environment .* choose another name for it .*--name\), or .*forget"\.\n$/,
    );
    expect(await shop.rows(MODELS)).toEqual([{ name: 'a' }]);
  });
});

describe('what a person must change', () => {
  it('is a wrong token, which is shown nowhere', async () => {
    const shop = await scene(build(1, ['a']));
    const secret = 'dbtc_wrong_secret_token';
    const file = join(folder(), 'token');
    writeFileSync(file, `${secret}\n`);
    const described = ['--discovery-url', `${shop.platform.url}/graphql`, '--environment-id', String(PRODUCTION)];
    const { code, out, err } = await shop.run('sync', '--json', ...described, '--token-file', file);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual([
      {
        integration: 'default',
        outcome: 'failed',
        error: { type: 'FatalError', message: expect.stringMatching(/token/) },
      },
    ]);
    expect(out + err).not.toContain(secret);
    const stored = await shop.rows('select to_jsonb(s)::text as row from dbt.sync_runs s');
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('is an environment that does not exist', async () => {
    const shop = await scene(build(1, ['a']));
    const { code, err } = await shop.sync('--environment-id', '999');
    expect(code).toBe(2);
    expect(err).toMatch(/error: The Discovery API has no environment 999 /);
  });

  it('is an address that answers with a web page', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail({ kind: 'html' });
    const { code, err } = await shop.sync();
    expect(code).toBe(2);
    expect(err).toMatch(/error: .* is not a Discovery API endpoint/);
  });

  it.each([
    ['a file that is no YAML', 'integrations: [', /error: .*dbt-observer\.yaml/],
    ['a key that nobody knows', 'integratons: []', /did you mean integrations\?/],
    ['no integration at all', 'integrations: []', /No integration is configured/],
  ])('is %s', async (_, yaml, expected) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'dbt-observer.yaml'), yaml);
    const { code, err } = await cli(['sync'], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('is the name of no integration', async () => {
    const cwd = folder();
    const shop = '- {name: shop, discovery_url: "http://127.0.0.1:1/graphql", environment_id: 1, token: t}';
    writeFileSync(join(cwd, 'dbt-observer.yaml'), `integrations:\n  ${shop}\n`);
    const { code, err } = await cli(['sync', 'shpo'], { cwd });
    expect([code, err]).toEqual([2, 'error: There is no integration "shpo"; did you mean shop?\n']);
  });
});

describe('what may succeed another time', () => {
  it('is a host that does not answer', async () => {
    const shop = await scene(build(1, ['a']));
    const { code, err } = await shop.sync('--discovery-url', `http://127.0.0.1:${CLOSED_PORT}/graphql`);
    expect(code).toBe(1);
    expect(err).toMatch(/error: 127\.0\.0\.1:\d+ cannot be reached: nothing answers there/);
    expect(await shop.rows(LAST_OUTCOME)).toEqual([{ outcome: 'failed' }]);
  });

  it('is an environment without an applied state', async () => {
    const shop = await scene(build(1, ['a']));
    shop.platform.fail({ kind: 'applied_null' });
    const { code, err } = await shop.sync();
    expect(code).toBe(1);
    expect(err).toMatch(/error: Environment \d+ has no applied state/);
  });

  it('is a database that is down', async () => {
    const shop = await scene(build(1, ['a']));
    const url = `postgresql://me:hidden@127.0.0.1:${CLOSED_PORT}/observer`;
    const { code, err } = await shop.sync('--database-url', url);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: No PostgreSQL answers at 127\.0\.0\.1:\d+\/observer \(ECONNREFUSED\)[^\n]*\n$/);
    expect(err).not.toContain('hidden');
  });

  it('is another process that syncs the same integration', async () => {
    const shop = await scene(build(1, ['a']));
    const gate = await gateBefore(shop.platform);
    const first = shop.startSync('--discovery-url', gate.url);
    await gate.reached;
    const second = await shop.sync();
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/error: Another process has been syncing "shop"/);
    expect((await shop.run('status')).out).toMatch(/^shop: environment \d+ \(a sync started at /);
    gate.open();
    expect((await first.ended).code).toBe(0);
  });
});

describe('what is done in part', () => {
  it('keeps the rest beside a node that cannot be read', async () => {
    const shop = await scene(build(1, ['a', 'b', 'c']));
    shop.platform.fail({ kind: 'malformed_node', operation: 'DefinitionModels', index: 1 });
    const { code, out } = await shop.sync('--json');
    expect([code, JSON.parse(out)]).toEqual([3, [expect.objectContaining({ outcome: 'partial', rejects: 1 })]]);
    expect(await shop.rows(MODELS)).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(await shop.rows('select resource_type from dbt.rejects')).toEqual([{ resource_type: 'model' }]);
  });

  it('stops at a cursor that does not move, and says so', async () => {
    const shop = await scene(build(1, ['a', 'b']));
    shop.platform.fail({ kind: 'stuck_cursor', operation: 'DefinitionModels' });
    const { code, out } = await shop.sync();
    expect(code).toBe(3);
    expect(out).toMatch(/^shop: partial\n/);
    expect(out).toMatch(/ {2}partial {2}definition\.models: paging stopped/);
  });
});

describe('several integrations', () => {
  it('are each tried, and the worst code is told', async () => {
    const shop = await scene(build(1, ['a']));
    const entry = (name: string, url: string) =>
      `  - {name: ${name}, discovery_url: "${url}", environment_id: ${PRODUCTION}, token: ${DEFAULT_TOKEN}}\n`;
    const wrong = entry('wrong', `${shop.platform.url}/nothing-here`);
    const cwd = folder();
    const yaml = `database: {url: "${shop.databaseUrl}"}\nintegrations:\n${wrong}${entry('good', `${shop.platform.url}/graphql`)}`;
    writeFileSync(join(cwd, 'dbt-observer.yaml'), yaml);
    const { code, out, err } = await cli(['sync', '--json'], { cwd });
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({ integration: 'wrong', outcome: 'failed' }),
      expect.objectContaining({ integration: 'good', outcome: 'done' }),
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: wrong: /m);
  });
});
