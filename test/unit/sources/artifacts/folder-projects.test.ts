import { describe, expect, it } from 'vitest';
import * as element from '../../normalize/artifacts/elements.ts';
import { byId, catalog, manifest, metadata, readAll, row, runResults, sources, useFolder } from './target-folder.ts';

const folder = useFolder();

/** What `echo -n shop | md5sum` prints. */
const MD5_OF_SHOP = 'fb54f3c5992b96d001bb16e8e92d968d';
const NAMELESS = { project_name: undefined };
const stored = (...packages: string[]) => ({ packages: new Set(packages) });
const strangeResults = () => runResults({ results: [row('model.finance.ledger', 'success')] });

describe('a manifest that does not name its project', () => {
  it.each([
    ['has none of its nodes', { projectName: 'finance' }, /names none, and has nodes of shop\), .* to finance:/],
    ['shares no package with it', stored('finance', 'payroll'), /has nodes of shop\), .* to finance, payroll:/],
  ])('is refused by a stored project when it %s', async (_, home, why) => {
    folder.write('manifest.json', manifest({}, NAMELESS));
    await expect(readAll(folder.source(), home)).rejects.toThrow(why);
  });

  it('is refused when it has no nodes by which it could be known', async () => {
    folder.write('manifest.json', manifest({ nodes: {}, sources: {}, disabled: {} }, NAMELESS));
    const read = readAll(folder.source(), { projectName: 'finance' });
    await expect(read).rejects.toThrow(/belongs to another project \(it names none, and has no nodes\)/);
  });

  it.each([
    ['a new name', {}],
    ['the project whose nodes it has', { projectName: 'shop' }],
    ['a project without a name that has a package of its', stored('other', 'shop')],
  ])('is taken into %s', async (_, home) => {
    folder.write('manifest.json', manifest({}, NAMELESS));
    expect((await readAll(folder.source(), home)).of('definition')).toHaveLength(3);
  });

  it('is not known by the macros that every project has', async () => {
    const macros = byId(element.macro({ unique_id: 'macro.dbt.not_null', package_name: 'dbt' }));
    folder.write('manifest.json', manifest({ macros }, NAMELESS));
    await expect(readAll(folder.source(), stored('dbt'))).rejects.toThrow(/belongs to another project/);
  });

  it('has the name of its package that makes the hash it tells', async () => {
    const other = element.model({ unique_id: 'model.utils.dates', package_name: 'utils' });
    folder.write(
      'manifest.json',
      manifest({ nodes: byId(other, element.model()) }, { ...NAMELESS, project_id: MD5_OF_SHOP }),
    );
    const { pages } = await readAll(folder.source());
    expect(new Set(pages.map(({ project }) => project?.projectName))).toEqual(new Set(['shop']));
  });

  it('names the project of what was stored without one', async () => {
    folder.write('manifest.json', manifest());
    await expect(readAll(folder.source(), stored('finance'))).rejects.toThrow(
      /belongs to the project shop, .* finance:/,
    );
    expect((await readAll(folder.source(), stored('shop'))).of('definition')).toHaveLength(3);
  });
});

describe('results of another project', () => {
  it('are left out beside the manifest, and it is said which they are', async () => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', strangeResults());
    folder.write('sources.json', sources());
    const source = folder.source();
    const { of, history } = await readAll(source);
    expect([of('definition').length, of('freshness').length, of('result').length]).toEqual([3, 1, 0]);
    expect(history).toMatchObject([{ runId: 'three' }, { runId: 'three' }]);
    expect(source.limits).toEqual([
      expect.stringMatching(/run_results\.json is of another project: it tells of nodes of finance alone/),
    ]);
  });

  it.each([
    ['results', 'run_results', strangeResults()],
    ['checks', 'sources', sources()],
    ['a catalog', 'catalog', catalog()],
  ])('fail the pass when %s are all there is', async (_, name, content) => {
    folder.write(`${name}.json`, content);
    await expect(readAll(folder.source(), stored('payroll'))).rejects.toThrow(
      new RegExp(`${name}\\.json is of another project`),
    );
  });

  it('are placeholders of a new name, which knows no project', async () => {
    folder.write('run_results.json', strangeResults());
    expect((await readAll(folder.source())).of('result')).toMatchObject([{ uniqueId: 'model.finance.ledger' }]);
  });

  it.each([
    [
      'one of them is known by its package',
      [row('model.finance.ledger', 'success'), row('model.shop.gone', 'success')],
    ],
    ['their ids tell no package', [row('on-run-end', 'success')]],
    ['there are none', []],
  ])('are no such when %s', async (_, results) => {
    folder.write('manifest.json', manifest());
    folder.write('run_results.json', runResults({ results }));
    const source = folder.source();
    expect((await readAll(source)).of('result')).toHaveLength(results.length);
    expect(source.limits).toEqual([]);
  });

  it('of a dbt before 0.19 are known by the nodes in their rows', async () => {
    const node = { unique_id: 'model.finance.ledger', resource_type: 'model' };
    folder.write('run_results.json', { generated_at: '2020-06-06T17:03:00Z', results: [{ node, status: 'CREATE' }] });
    await expect(readAll(folder.source(), stored('shop'))).rejects.toThrow(/tells of nodes of finance alone/);
  });
});

describe('a manifest that is no whole one', () => {
  it.each([
    ['is missing', undefined],
    ['is null', null],
    ['is a list', [element.model()]],
    ['is a string', 'none'],
  ])('because "nodes" %s gives the rest, closes nothing and is rejected once', async (word, nodes) => {
    folder.write('manifest.json', manifest({ nodes }));
    folder.write('run_results.json', runResults());
    const source = folder.source();
    const { of, pages, incomplete } = await readAll(source);
    expect([of('definition').map(({ uniqueId }) => uniqueId), of('result').length]).toEqual([
      ['source.shop.raw.orders'],
      2,
    ]);
    expect(pages.flatMap(({ rejects }) => rejects.map(({ reason }) => reason))).toEqual([
      expect.stringMatching(`manifest.json is no whole manifest.json: "nodes" ${word}, where`),
    ]);
    expect(incomplete).toEqual([expect.stringMatching(/"nodes" .*nothing was closed: have dbt write it again\.$/)]);
    expect(source.states).not.toContain('model');
  });

  it('because another collection is a list closes none of its type', async () => {
    folder.write('manifest.json', manifest({ sources: [] }));
    const source = folder.source();
    expect((await readAll(source)).incomplete).toEqual([expect.stringMatching(/"sources" is a list/)]);
    expect(source.states).not.toContain('source');
  });

  it('is whole where a collection that came later is null', async () => {
    folder.write('manifest.json', manifest({ saved_queries: null }));
    expect((await readAll(folder.source())).incomplete).toEqual([]);
  });

  it.each([
    ['run_results', 'run-results/v6', 'results'],
    ['sources', 'sources/v3', 'results and no sources'],
    ['catalog', 'catalog/v1', 'nodes and no sources'],
  ])('is like a %s.json without content, which is left out', async (name, schema, lacks) => {
    folder.write('manifest.json', manifest());
    folder.write(`${name}.json`, { metadata: metadata(schema, 'four'), results: null });
    const source = folder.source();
    await readAll(source);
    expect(source.limits).toEqual([expect.stringMatching(`no ${name}.json of dbt: it has no ${lacks}\\.$`)]);
  });
});

describe('an artifact that is not UTF-8', () => {
  const latin1 = (content: unknown) => Buffer.from(JSON.stringify(content), 'latin1');
  const spoken = () =>
    manifest({ nodes: byId(element.model({ description: 'Café' }), element.dataTest({ description: 'é' })) });

  it('is read, and rejected once with the first of what was lost', async () => {
    folder.write('manifest.json', latin1(spoken()));
    const { of, pages } = await readAll(folder.source());
    expect(of('definition')[0]).toMatchObject({ facts: { description: 'Caf\uFFFD' } });
    expect(pages.flatMap(({ rejects }) => rejects)).toMatchObject([
      {
        uniqueId: null,
        reason: expect.stringMatching(/manifest\.json is not UTF-8.*U\+FFFD, first in model\.shop\.orders:/),
      },
    ]);
  });

  it.each([
    ['run_results', () => runResults({ results: [{ ...row('model.shop.orders', 'error'), message: 'é' }] })],
    ['sources', () => ({ ...sources(), note: 'é' })],
    ['catalog', () => ({ ...catalog(), note: 'é' })],
  ])('is rejected once as %s.json, whose rows are all taken', async (name, content) => {
    folder.write(`${name}.json`, latin1(content()));
    const { pages, history } = await readAll(folder.source());
    expect(pages.flatMap(({ rejects }) => rejects.map(({ reason }) => reason))).toEqual([
      expect.stringMatching(`${name}.json is not UTF-8`),
    ]);
    expect(
      history.filter(({ kind }) => kind === 'run').map((run) => 'resultsComplete' in run && run.resultsComplete),
    ).toEqual(name === 'catalog' ? [] : [true]);
  });

  it('is none when it has U+FFFD of its own, or is UTF-16', async () => {
    const content = manifest({ nodes: byId(element.model({ description: 'Caf\uFFFD é' })) });
    for (const encoding of ['utf8', 'utf16le'] as const) {
      folder.write('manifest.json', Buffer.from(JSON.stringify(content), encoding));
      const { of, pages } = await readAll(folder.source());
      expect(of('definition')[0]).toMatchObject({ facts: { description: 'Caf\uFFFD é' } });
      expect(pages.flatMap(({ rejects }) => rejects)).toEqual([]);
    }
  });
});
