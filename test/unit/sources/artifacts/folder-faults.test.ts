import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NOTHING_STORED } from '../../../../src/domain/source.ts';
import { createFolderSource } from '../../../../src/sources/artifacts/folder.ts';
import { catalog, manifest, readAll, row, runResults, SIGNAL, sources, useFolder } from './target-folder.ts';

const MD5_OF_SHOP = 'fb54f3c5992b96d001bb16e8e92d968d';

const folder = useFolder();

describe('a folder with something wrong', () => {
  it('that is not there is an error that names it', async () => {
    const source = createFolderSource({ dir: folder.path('nowhere'), maxArtifactMb: 1 });
    await expect(source.probe(SIGNAL)).rejects.toThrow(/^The folder .*nowhere is not there: correct artifacts_dir/);
  });

  it('that is empty is an error that says what to do', async () => {
    await expect(folder.source().probe(SIGNAL)).rejects.toThrow(/holds no artifact of dbt .*: run dbt there first\.$/);
  });

  it('that is the project and holds the right one says which that is', async () => {
    mkdirSync(folder.path('target'));
    folder.write('target/catalog.json', catalog());
    await expect(folder.source().probe(SIGNAL)).rejects.toThrow(/holds no artifact .*: name .*\/target, which does\.$/);
  });

  it('that is a file is an error', async () => {
    folder.write('target', '');
    const source = createFolderSource({ dir: folder.path('target'), maxArtifactMb: 1 });
    await expect(source.probe(SIGNAL)).rejects.toThrow(/target is no folder/);
  });

  it('without a manifest gives its results and is incomplete', async () => {
    folder.write('run_results.json', runResults());
    const { of, incomplete } = await readAll(folder.source());
    expect([of('result').length, incomplete]).toEqual([2, [expect.stringMatching(/has no manifest\.json: /)]]);
  });

  it('with half a manifest gives its results and is incomplete', async () => {
    folder.write('manifest.json', JSON.stringify(manifest()).slice(0, -20));
    folder.write('run_results.json', runResults());
    const { of, incomplete } = await readAll(folder.source());
    expect([of('definition').length, of('result').length]).toEqual([0, 2]);
    expect(incomplete).toEqual([expect.stringMatching(/manifest\.json is not whole/)]);
  });

  it.each([
    ['half a manifest', '{"metadata": {', /manifest\.json is not whole/],
    ['a list for a manifest', '[]', /manifest\.json holds no JSON object/],
  ])('with nothing but %s gives nothing, and fails', async (_, text, why) => {
    folder.write('manifest.json', text);
    await expect(readAll(folder.source())).rejects.toThrow(why);
  });

  it('with nothing that can be read names every file', async () => {
    folder.write('manifest.json', '');
    folder.write('run_results.json', '<html></html>');
    await expect(readAll(folder.source())).rejects.toThrow(/manifest\.json is empty.*run_results\.json is a web page/);
  });

  it.each([
    'run_results',
    'catalog',
    'sources',
  ])('with a broken %s gives everything else, and says so', async (kind) => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', runResults());
    folder.write('sources.json', sources());
    folder.write('catalog.json', catalog());
    folder.write(`${kind}.json`, '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> main\n');
    const source = folder.source();
    const { of, incomplete } = await readAll(source);
    const told = { run_results: of('result'), catalog: of('catalog'), sources: of('freshness') };
    const silent = Object.entries(told).filter(([, records]) => records.length === 0);
    expect([silent.map(([name]) => name), of('definition').length, incomplete]).toEqual([[kind], 3, []]);
    expect(source.limits).toEqual([expect.stringMatching(`${kind}.json holds conflict markers`)]);
  });

  it('with results that say no time has them nowhere', async () => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', { results: [row('model.shop.orders', 'success')] });
    const source = folder.source();
    expect((await readAll(source)).of('result')).toEqual([]);
    expect(source.limits).toEqual([expect.stringMatching(/does not say when it was generated/)]);
  });

  it('with a result that cannot be read has the others, and its run is not complete', async () => {
    folder.write(
      'run_results.json',
      runResults({ results: [row('model.shop.a', 'success'), { unique_id: 'model.shop.b' }] }),
    );
    const { of, history } = await readAll(folder.source());
    expect(of('result')).toHaveLength(1);
    expect(history[0]).toMatchObject({
      resultsComplete: false,
      resultsMissingReason: '1 result was rejected (see dbt.rejects)',
    });
  });

  it('with results that break off has those before, and its run says that they are not all', async () => {
    const text = JSON.stringify(runResults({ args: { which: 'build' } }));
    folder.write('run_results.json', text.replace('"fail"', 'fail'));
    const source = folder.source();
    const { of, history } = await readAll(source);
    expect(of('result').map(({ uniqueId }) => uniqueId)).toEqual(['model.shop.orders']);
    expect(history[0]).toMatchObject({ resultsComplete: false, resultsMissingReason: source.limits[0] });
    expect(source.limits).toEqual([expect.stringMatching(/run_results\.json is not JSON \(at results: /)]);
  });

  it.each([
    ['by its name', {}],
    ['by the hash of its name, before dbt 1.7', { project_name: undefined, project_id: MD5_OF_SHOP }],
  ])('with the manifest of another project is refused %s', async (_, more) => {
    folder.write('manifest.json', manifest({}, more));
    await expect(readAll(folder.source(), { projectName: 'finance' })).rejects.toThrow(
      /belongs to .* this integration to finance/,
    );
  });

  it('with the manifest of the named project is read, whether it says the name or its hash', async () => {
    folder.write('manifest.json', manifest());
    expect((await readAll(folder.source(), { projectName: 'shop' })).of('definition')).toHaveLength(3);
    const hashed = { project_name: undefined, project_id: MD5_OF_SHOP };
    folder.write('manifest.json', manifest({}, hashed));
    expect((await readAll(folder.source(), { projectName: 'shop' })).of('definition')).toHaveLength(3);
  });

  it.each([
    [
      'older than what is stored',
      '2026-03-01T03:00:00.001Z',
      [expect.stringMatching(/is of 2026-03-01T03:00:00\.000000Z, and/)],
    ],
    ['what is stored', '2026-03-01T03:00:00.000Z', []],
    ['the first one', null, []],
  ])('with a manifest that is %s says so', async (_, definedAt, warnings) => {
    folder.write('manifest.json', manifest());
    const source = folder.source();
    expect((await readAll(source, { definedAt })).of('definition')).toHaveLength(3);
    expect(source.warnings).toEqual(warnings);
  });

  it('with a newer manifest is read with a warning, which the next reading does not repeat', async () => {
    folder.write(
      'manifest.json',
      manifest({}, { dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v99.json' }),
    );
    const source = folder.source();
    await readAll(source);
    expect((await readAll(source)).of('definition')).toHaveLength(3);
    expect(source.warnings).toEqual([expect.stringMatching(/is version 99 of its schema/)]);
  });

  it('stops between pages when it is told to', async () => {
    folder.write('manifest.json', manifest());
    const stop = new AbortController();
    const pages = folder.source().pages(stop.signal, NOTHING_STORED)[Symbol.asyncIterator]();
    await pages.next();
    stop.abort(new Error('enough'));
    await expect(pages.next()).rejects.toThrow('enough');
  });
});
