import { utimesSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import * as element from '../../normalize/artifacts/elements.ts';
import {
  byId,
  catalog,
  manifest,
  metadata,
  readAll,
  row,
  runResults,
  SIGNAL,
  sources,
  useFolder,
} from './target-folder.ts';

const folder = useFolder();

describe('a folder with the artifacts of dbt Core', () => {
  it('tells nodes, results, catalog and freshness, each by its own invocation', async () => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', runResults());
    folder.write('sources.json', sources());
    folder.write('catalog.json', catalog());
    const { of, history, incomplete } = await readAll(folder.source());
    expect(of('definition').map(({ uniqueId }) => uniqueId)).toEqual([
      'model.shop.orders',
      'test.shop.not_null_orders_id.abc1234567',
      'source.shop.raw.orders',
    ]);
    expect(of('definition')[0]).toMatchObject({ at: '2026-03-01T03:00:00.000000Z', runId: 'one' });
    expect(of('result')).toMatchObject([
      { uniqueId: 'model.shop.orders', runId: 'four', step: 1, jobId: null, executedAt: '2026-03-01T04:00:00.000000Z' },
      { status: 'fail', invocationId: 'four' },
    ]);
    expect(of('freshness')).toMatchObject([{ runId: 'three', status: 'pass' }]);
    expect(of('catalog')).toMatchObject([{ at: '2026-03-01T06:00:00.000000Z' }]);
    expect(history).toMatchObject([
      { kind: 'run', runId: 'four', status: 'error', startedAt: '2026-03-01T03:59:00.000Z', resultsComplete: true },
      { kind: 'step', runId: 'four', step: 1, which: 'build', invocationId: 'four' },
      { kind: 'run', runId: 'three', status: 'success' },
      { kind: 'step', runId: 'three', which: 'freshness' },
    ]);
    expect(incomplete).toEqual([]);
  });

  it('tells the catalog before the nodes, and the project with them', async () => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', runResults());
    folder.write('catalog.json', catalog());
    const { pages } = await readAll(folder.source());
    const kinds = pages.flatMap(({ records }) => records.map(({ kind }) => kind));
    expect([...new Set(kinds)]).toEqual(['catalog', 'definition', 'build', 'result']);
    const [told] = pages.flatMap(({ project }) => project ?? []);
    expect(told).toMatchObject({ projectName: 'shop', adapterType: 'postgres', dbtVersion: '1.9.0' });
  });

  it('may be gzipped, and of two files the one written later counts', async () => {
    folder.write('manifest.json', 'is too old to be read');
    utimesSync(folder.path('manifest.json'), 1_000, 1_000);
    folder.write('manifest.json.gz', gzipSync(JSON.stringify(manifest())));
    const { of } = await readAll(folder.source());
    expect(of('definition')).toHaveLength(3);
  });

  it.each(['generate', 'compile', 'parse', 'list'])('has no results of an invocation of %s', async (which) => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', runResults({ args: { which } }));
    const { of, history } = await readAll(folder.source());
    expect(of('result')).toEqual([]);
    expect(history).toMatchObject([
      { kind: 'run', runId: 'four', resultsMissingReason: null },
      { kind: 'step', which },
    ]);
  });

  it('has no results of an unknown command that only compiled its tests', async () => {
    folder.write('manifest.json', manifest());
    const results = [row('model.shop.orders', 'success'), row('test.shop.a', 'success')];
    folder.write('run_results.json', runResults({ args: {}, results }));
    expect((await readAll(folder.source())).of('result')).toEqual([]);
  });

  it.each(['generate', 'compile'])('has the code that an invocation of %s compiled, at its time', async (which) => {
    const compiled = { ...row('model.shop.orders', 'success'), compiled_code: 'select 4' };
    const failed = row('test.shop.not_null_orders_id.abc1234567', 'error');
    const seed = { ...row('seed.shop.raw', 'success'), compiled_code: 'select 5' };
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', runResults({ args: { which }, results: [compiled, failed, seed] }));
    const { of, history } = await readAll(folder.source());
    const at = '2026-03-01T04:00:00.000000Z';
    expect(of('compiled')).toEqual([
      { kind: 'compiled', uniqueId: 'model.shop.orders', at, code: 'select 4', isBuilt: false },
    ]);
    expect(of('result')).toEqual([]);
    expect(history).toMatchObject([{ kind: 'run', status: 'success' }, { which }]);
  });

  it.each(['parse', 'list', 'show'])('has no code of an invocation of %s', async (which) => {
    const results = [{ ...row('model.shop.orders', 'success'), compiled_code: 'select 4' }];
    folder.write('run_results.json', runResults({ args: { which }, results }));
    expect((await readAll(folder.source())).of('compiled')).toEqual([]);
  });

  it('tells a stub for a model of another project, and none for what is disabled', async () => {
    const nodes = ['model.finance.ledger', 'model.shop.old'];
    folder.write('manifest.json', manifest({ nodes: byId(element.model({ depends_on: { nodes } })) }));
    const { of } = await readAll(folder.source());
    expect(
      of('definition').filter((record) => record.kind === 'definition' && record.state === 'external'),
    ).toMatchObject([{ uniqueId: 'model.finance.ledger' }]);
  });

  it('tells every type in pages of its own', async () => {
    const models = Array.from({ length: 1_001 }, (_, index) => element.model({ unique_id: `model.shop.m${index}` }));
    folder.write('manifest.json', manifest({ nodes: byId(...models, element.dataTest()) }));
    const { pages } = await readAll(folder.source({ maxArtifactMb: 10 }));
    expect(pages.map(({ resourceType, received, total }) => [resourceType, received, total])).toEqual([
      ['model', 500, 1_001],
      ['model', 500, 1_001],
      ['model', 1, 1_001],
      ['test', 1, 1],
      ['source', 1, 1],
    ]);
  });

  it('closes only what its manifest can hold', async () => {
    const source = folder.source();
    folder.write('manifest.json', manifest());
    await readAll(source);
    expect(source.states).toEqual(['model', 'seed', 'snapshot', 'test', 'analysis', 'operation', 'source', 'macro']);
    folder.write('manifest.json', { metadata: metadata('manifest/v12', 'one'), nodes: {} });
    await readAll(source);
    expect(source.states).toEqual(['model', 'seed', 'snapshot', 'analysis', 'operation']);
  });

  it('places files without an invocation by the time they were made', async () => {
    folder.write(
      'run_results.json',
      runResults({ metadata: metadata('run-results/v6', 'four', { invocation_id: null }) }),
    );
    const { of } = await readAll(folder.source());
    expect(of('result')[0]).toMatchObject({ runId: 'invocation-2026-03-01T04:00:00.000000Z', invocationId: null });
  });
});

describe('the probe of a folder', () => {
  it('tells the environment and the same token as long as no file is written', async () => {
    folder.write('manifest.json', manifest());
    const source = folder.source();
    const first = await source.probe(SIGNAL);
    expect(first.environment).toEqual({
      adapterType: 'postgres',
      projectName: 'shop',
      gitSha: null,
      updatedAt: '2026-03-01T03:00:00.000000Z',
    });
    expect((await source.probe(SIGNAL)).token).toBe(first.token);
    folder.write('run_results.json', runResults());
    expect((await source.probe(SIGNAL)).token).not.toBe(first.token);
  });

  it('takes a manifest that does not say when it was made for as old as its file', async () => {
    folder.write('manifest.json', manifest({}, { generated_at: null }));
    utimesSync(folder.path('manifest.json'), new Date(), new Date('2026-03-05T06:07:08.009Z'));
    expect((await folder.source().probe(SIGNAL)).environment.updatedAt).toBe('2026-03-05T06:07:08.009Z');
  });

  it.each([
    ['gzipped', (text: string) => gzipSync(text)],
    ['plain', (text: string) => Buffer.from(text)],
  ])('finds the metadata of a %s manifest although they stand last', async (_, pack) => {
    const { metadata: said, ...rest } = manifest({ docs: { a: Array.from({ length: 20_000 }, (_, n) => n * 7_919) } });
    folder.write('manifest.json', pack(JSON.stringify({ ...rest, metadata: said })));
    expect((await folder.source().probe(SIGNAL)).environment.projectName).toBe('shop');
  });
});
