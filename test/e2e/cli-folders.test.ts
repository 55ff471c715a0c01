import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folder, type Scene, scene } from './cli.ts';
import { build, executed, manifest, model, runResults } from './mini-history.ts';

type Content = Record<string, unknown>;
type Node = ReturnType<typeof model>;

const NODES = 'select name from dbt.nodes order by name';
const REJECTS = 'select unique_id, reason from dbt.rejects order by reject_id';

/** A folder to which artifacts can be written, and its sync. */
async function target() {
  const shop: Scene = await scene(build(1, ['unused']));
  const dir = join(folder(), 'target');
  mkdirSync(dir);
  const sync = async (...args: string[]) => {
    const { code, out, err } = await shop.run('sync', '--artifacts', dir, '--json', ...args);
    const [result] = JSON.parse(out) as Content[];
    return { code, err, result };
  };
  const put = (name: string, content: unknown) =>
    writeFileSync(join(dir, `${name}.json`), typeof content === 'string' ? content : JSON.stringify(content));
  return { shop, sync, put };
}

/** What no JSON.stringify writes is put into the text in the place of this word. */
const DEEP = { in: 'deep' };
const deepened = (text: string): string =>
  text.replaceAll(JSON.stringify(DEEP), `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`);
const withMeta = (node: Node, meta: unknown): Node => ({ ...node, meta });

describe('a folder of which something cannot be read', () => {
  it('is partial each time it is synced, and what was rejected is kept once', async () => {
    const { shop, sync, put } = await target();
    put('manifest', deepened(JSON.stringify(manifest(1, [model('a'), withMeta(model('b'), DEEP)]))));
    const reason = 'is nested more than 200 levels deep';
    for (const _ of [1, 2]) {
      const { code, result } = await sync();
      expect([code, result]).toMatchObject([3, { outcome: 'partial', rejects: 1 }]);
      expect(await shop.rows(REJECTS)).toEqual([{ unique_id: 'model.shop.b', reason }]);
    }
    expect(await shop.rows('select rejects, rows_written::int from dbt.sync_runs order by sync_run_id')).toMatchObject([
      { rejects: 1 },
      { rejects: 1, rows_written: 0 },
    ]);
    expect(await shop.rows(NODES)).toEqual([{ name: 'a' }]);
    const { out } = await shop.run('status');
    expect(out).toMatch(/last sync {2}partial .*\n.*1 record was rejected \(see dbt\.rejects\)/);
  });

  it('because its manifest is of the future has one reject for it, and keeps its nodes', async () => {
    const { shop, sync, put } = await target();
    put('manifest', manifest(1, [model('a'), model('b')]));
    await sync();
    const { metadata, ...rest } = manifest(1, [model('a'), model('c')]) as { metadata: Content };
    put('manifest', { metadata: { ...metadata, generated_at: '2999-01-01T00:00:00Z' }, ...rest });
    expect(await sync()).toMatchObject({ code: 3, result: { rejects: 1, changes: {} } });
    expect(await shop.rows(REJECTS)).toMatchObject([{ reason: expect.stringContaining('2999-01-01T00:00:00Z') }]);
    expect(await shop.rows(NODES)).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it.each([
    ['missing', undefined],
    ['a list', [model('a')]],
  ])('because the nodes of its manifest are %s closes nothing', async (_, nodes) => {
    const { shop, sync, put } = await target();
    put('manifest', manifest(1, [model('a'), model('b')]));
    await sync();
    const { metadata, ...rest } = manifest(2, []) as { metadata: Content };
    const version = { dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json' };
    put('manifest', { metadata: { ...metadata, ...version }, ...rest, nodes });
    const { code, result } = await sync();
    expect([code, result]).toMatchObject([
      3,
      { partial_reasons: expect.arrayContaining([expect.stringMatching(/"nodes" is/)]) },
    ]);
    expect(await shop.rows(NODES)).toEqual([{ name: 'a' }, { name: 'b' }]);
  });
});

describe('a folder of another project', () => {
  const named = (packageName: string, name: string): Node => {
    const text = JSON.stringify(model(name)).replaceAll('model.shop.', `model.${packageName}.`);
    return { ...JSON.parse(text), package_name: packageName };
  };
  const nameless = (packageName: string, name: string) => {
    const { metadata, ...rest } = manifest(2, [named(packageName, name)]) as { metadata: Content };
    const { project_name: _name, project_id: _id, ...said } = metadata;
    return { metadata: said, ...rest };
  };

  it('is refused although neither manifest names its project', async () => {
    const { shop, sync, put } = await target();
    put('manifest', nameless('shop', 'a'));
    expect(await sync()).toMatchObject({ code: 0 });
    put('manifest', nameless('finance', 'b'));
    const { code, err } = await sync();
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/belongs to another project .*nodes of finance\), and this integration to shop/),
    ]);
    put('manifest', nameless('shop', 'c'));
    expect(await sync('--allow-removals')).toMatchObject({ code: 0 });
    expect(await shop.rows(NODES)).toEqual([{ name: 'c' }]);
  });

  it('is refused by its results alone', async () => {
    const { shop, sync, put } = await target();
    put('manifest', manifest(1, [model('a')]));
    await sync();
    const other = await target();
    other.put('run_results', runResults(2, 'build', { 'model.finance.b': executed(2, 'success') }));
    expect(await other.sync()).toMatchObject({ code: 3 });
    put('manifest', manifest(1, [model('a')]));
    put('run_results', runResults(2, 'build', { 'model.finance.b': executed(2, 'success') }));
    const { code, result } = await sync();
    expect([code, result]).toMatchObject([
      3,
      {
        results: 0,
        partial_reasons: [expect.stringMatching(/run_results\.json is of another project: .* finance alone/)],
      },
    ]);
    expect(await shop.rows(NODES)).toEqual([{ name: 'a' }]);
    expect(await shop.rows('select from dbt.runs')).toEqual([]);
  });
});

it('of a node that is twice in a manifest the last one counts', async () => {
  const { shop, sync, put } = await target();
  const [first, last] = [withMeta(model('a'), { n: 1 }), withMeta(model('a'), { n: 2 })].map((node) =>
    JSON.stringify(node),
  );
  const empty = JSON.stringify(manifest(1, []));
  put('manifest', empty.replace('"nodes":{}', `"nodes":{"model.shop.a":${first},"model.shop.a":${last}}`));
  expect(await sync()).toMatchObject({ code: 0, result: { rejects: 0 } });
  expect(await shop.rows('select meta from dbt.models')).toEqual([{ meta: { n: 2 } }]);
});

/** A way to the platform on which its answers become deep. */
async function deepBefore({ platform }: Scene): Promise<string> {
  const server = createServer(async (request, response) => {
    const headers = { authorization: String(request.headers.authorization), 'content-type': 'application/json' };
    const answer = await fetch(`${platform.url}/graphql`, { method: 'POST', headers, body: await text(request) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(deepened(await answer.text()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

it('what is nested too deeply is a reject through the Discovery API, too', async () => {
  const shop = await scene({
    day: 2,
    steps: [
      {
        manifest: manifest(2, [model('a'), withMeta(model('b'), DEEP)]),
        run_results: runResults(2, 'build', { 'model.shop.a': executed(2, 'success') }),
      },
    ],
  });
  const url = await deepBefore(shop);
  for (const _ of [1, 2]) expect(await shop.sync('--discovery-url', url, '--json')).toMatchObject({ code: 3 });
  expect(await shop.rows(REJECTS)).toEqual([
    { unique_id: 'model.shop.b', reason: 'meta: is nested more than 200 levels deep' },
  ]);
  expect(await shop.rows('select name from dbt.models order by name')).toEqual([{ name: 'a' }]);
});
