import { describe, expect, it } from 'vitest';
import { at, build, byId, dataTest, executed, manifest, model, runId, runResults, source } from './mini-history.ts';
import { given, nodes } from './mini-platform.ts';

describe('what the nodes say', () => {
  const tests = [
    dataTest('not_null_orders_id', {
      test_metadata: { name: 'not_null', namespace: null, kwargs: { column_name: 'id' } },
      column_name: 'id',
      attached_node: 'model.shop.orders',
    }),
    dataTest('no_gaps'),
  ];
  const unit = {
    ...dataTest('totals'),
    unique_id: 'unit_test.shop.orders.totals',
    resource_type: 'unit_test',
    model: 'orders',
  };

  it("gives a test its kind, its node, its rows and dbt's own word for its status", async () => {
    const results = runResults(1, 'test', {
      'test.shop.not_null_orders_id': executed(1, 'fail', { failures: 3, message: 'Got 3 results' }),
      'test.shop.no_gaps': executed(1, 'pass', { failures: 0 }),
      'unit_test.shop.orders.totals': executed(1, 'pass', { failures: 0 }),
    });
    const body = manifest(1, [model('orders'), ...tests], { unit_tests: byId([unit]) });
    await given({ day: 1, steps: [{ manifest: body, run_results: results }] });
    const fields = `name resourceType testType testedNodeUniqueId testMetadata { name }
      executionInfo { lastRunStatus lastRunFailures lastRunError }`;
    const passed = { lastRunStatus: 'pass', lastRunFailures: 0, lastRunError: null };
    const nothing = { testedNodeUniqueId: null, testMetadata: { name: null } };
    expect(await nodes({ state: 'applied', of: 'tests', fields })).toEqual([
      { name: 'no_gaps', resourceType: 'test', testType: 'SINGULAR_DATA_TEST', ...nothing, executionInfo: passed },
      {
        name: 'not_null_orders_id',
        resourceType: 'test',
        testType: 'GENERIC_DATA_TEST',
        testedNodeUniqueId: 'model.shop.orders',
        testMetadata: { name: 'not_null' },
        executionInfo: { lastRunStatus: 'fail', lastRunFailures: 3, lastRunError: 'Got 3 results' },
      },
      { name: 'totals', resourceType: 'test', testType: 'UNIT_TEST', ...nothing, executionInfo: passed },
    ]);
  });

  it('applies only the tests that were executed', async () => {
    const results = runResults(1, 'build', { 'test.shop.no_gaps': executed(1, 'pass') });
    await given({ day: 1, steps: [{ manifest: manifest(1, tests), run_results: results }] });
    expect(await nodes({ state: 'applied', of: 'tests', fields: 'name' })).toEqual([{ name: 'no_gaps' }]);
    expect(await nodes({ state: 'definition', of: 'tests' })).toHaveLength(2);
  });

  it('tells a source that was checked from one that was not and from one that has no criteria', async () => {
    const criteria = { warn_after: { count: 12, period: 'hour' }, error_after: { count: null, period: null } };
    const unset = { warn_after: { count: null, period: null }, error_after: { count: null, period: null } };
    const sources = [
      source('checked', { freshness: criteria }),
      source('unchecked', { freshness: criteria }),
      source('unset', { freshness: unset }),
    ];
    const row = {
      max_loaded_at: at(1, '05:00:00'),
      snapshotted_at: at(1, '06:00:00'),
      max_loaded_at_time_ago_in_s: 3600,
    };
    const result = { unique_id: 'source.shop.raw.checked', status: 'warn', ...row };
    const checks = { metadata: { generated_at: at(1, '06:00:30') }, results: [result] };
    await given({ day: 1, steps: [{ manifest: manifest(1, sources), sources: checks }] });
    const fields = `name freshness { freshnessStatus maxLoadedAt maxLoadedAtTimeAgoInS freshnessRunId
      freshnessRunGeneratedAt criteria { warnAfter { count period } errorAfter { count } } }`;
    const never = {
      freshnessStatus: null,
      maxLoadedAt: null,
      maxLoadedAtTimeAgoInS: null,
      freshnessRunId: null,
      freshnessRunGeneratedAt: null,
    };
    const warn = { criteria: { warnAfter: { count: 12, period: 'hour' }, errorAfter: null } };
    expect(await nodes({ state: 'applied', of: 'sources', fields })).toEqual([
      {
        name: 'checked',
        freshness: {
          ...warn,
          freshnessStatus: 'Warn',
          maxLoadedAt: '2026-01-01T05:00:00.123Z',
          maxLoadedAtTimeAgoInS: 3600,
          freshnessRunId: runId(1),
          freshnessRunGeneratedAt: '2026-01-01T06:00:30.123Z',
        },
      },
      { name: 'unchecked', freshness: { ...warn, ...never } },
      {
        name: 'unset',
        freshness: { criteria: { warnAfter: null, errorAfter: null }, ...never },
      },
    ]);
  });

  it("merges the project's texts into the columns of the newest catalog", async () => {
    const orders = model('orders', {
      columns: { id: { name: 'id', description: 'Key', tags: ['pii'], meta: { x: 1 } } },
    });
    const entry = {
      metadata: { type: 'BASE TABLE', owner: 'etl', comment: 'All orders' },
      columns: { AT: { index: 2, type: 'DATE' }, ID: { index: 1, type: 'NUMBER' } },
      stats: { bytes: { value: 3_000_000_000 }, num_rows: { value: true } },
    };
    const catalog = { metadata: { generated_at: at(2, '06:25:00') }, nodes: { 'model.shop.orders': entry } };
    await given(build(1, ['orders']), { day: 2, steps: [{ manifest: manifest(2, [orders]), catalog }] });
    const fields = `isDescriptionInherited description
      catalog { runGeneratedAt bytesStat rowCountStat columns { name index type description tags meta } }`;
    expect(await nodes({ state: 'applied', of: 'models', fields })).toEqual([
      {
        isDescriptionInherited: true,
        description: 'All orders',
        catalog: {
          runGeneratedAt: '2026-01-02T06:25:00.123Z',
          bytesStat: 3_000_000_000,
          rowCountStat: null,
          columns: [
            { name: 'ID', index: 1, type: 'NUMBER', description: 'Key', tags: ['pii'], meta: { x: 1 } },
            { name: 'AT', index: 2, type: 'DATE', description: null, tags: [], meta: null },
          ],
        },
      },
    ]);
  });

  it('shows a model of another project as a parent, and not among the models', async () => {
    const foreign = model('customers', {
      unique_id: 'model.crm.customers',
      package_name: 'crm',
      original_file_path: '',
    });
    const parents = {
      nodes: ['model.crm.customers', 'source.shop.raw.orders', 'model.crm.customers', 'model.shop.gone'],
    };
    await given({
      day: 1,
      steps: [{ manifest: manifest(1, [foreign, source('orders'), model('orders', { depends_on: parents })]) }],
    });
    const fields = 'uniqueId parents { __typename uniqueId ... on ExternalModelNode { packageName } }';
    expect(await nodes({ state: 'definition', of: 'models', fields })).toEqual([
      {
        uniqueId: 'model.shop.orders',
        parents: [
          {
            __typename: 'ExternalModelNode',
            uniqueId: 'model.crm.customers',
            packageName: 'crm',
          },
          { __typename: 'SourceDefinitionNestedNode', uniqueId: 'source.shop.raw.orders' },
        ],
      },
    ]);
  });
});
