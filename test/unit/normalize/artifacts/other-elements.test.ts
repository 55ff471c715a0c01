import { describe, expect, it } from 'vitest';
import { externalParents } from '../../../../src/normalize/artifacts/external.ts';
import * as element from './elements.ts';
import { CONTEXT, readWhole } from './elements.ts';

const limitsOf = (fields: element.Raw) => {
  const { warnAfterS, errorAfterS } = readWhole(element.source(fields)).build?.facts ?? {};
  return [warnAfterS, errorAfterS];
};

describe('a source', () => {
  it('states its relation, its source and its loader', () => {
    expect(readWhole(element.source()).definition).toMatchObject({
      parents: [],
      facts: {
        databaseName: 'prod',
        schemaName: 'raw',
        identifier: 'orders_v3',
        sourceName: 'raw',
        loader: 'fivetran',
      },
    });
  });

  it.each<[string, element.Raw, (number | null)[]]>([
    ['counts and periods', {}, [21_600, 86_400]],
    ['null', { freshness: null }, [null, null]],
    ['an empty object', { freshness: {} }, [null, null]],
    [
      'criteria without counts',
      { freshness: { warn_after: { count: null, period: null }, error_after: null } },
      [null, null],
    ],
    ['one criterion', { freshness: { warn_after: { count: 30, period: 'minute' } } }, [1_800, null]],
    [
      'config from dbt 1.10 on',
      { freshness: null, config: { freshness: { error_after: { count: 2, period: 'day' } } } },
      [null, 172_800],
    ],
    ['config of null', { freshness: undefined, config: { freshness: null } }, [null, null]],
  ])('has its limits from %s', (_, fields, limits) => {
    expect(limitsOf(fields)).toEqual(limits);
  });
});

describe('an exposure', () => {
  it('that names no owner has that of its meta', () => {
    const unnamed = { owner: { name: null, email: '' }, meta: { owner: 'Somebody' }, config: {} };
    expect(readWhole(element.exposure(unnamed)).definition.facts).toMatchObject({
      ownerName: 'Somebody',
      ownerEmail: null,
    });
  });

  const ownerOf = (owner: unknown) => {
    const { ownerName, ownerEmail, details } = readWhole(element.exposure({ owner })).definition.facts;
    return { ownerName, ownerEmail, details };
  };

  it('states its type, maturity and address under the names of the view', () => {
    expect(readWhole(element.exposure()).definition).toMatchObject({
      parents: ['model.shop.orders'],
      facts: {
        label: 'Sales',
        properties: { exposure_type: 'dashboard', maturity: 'high', url: 'https://bi.example/1' },
      },
    });
  });

  it('may have several addresses, or empty ones', () => {
    expect(ownerOf({ name: 'Ada', email: ['a@example.com', 'b@example.com'] }).ownerEmail).toBe(
      'a@example.com, b@example.com',
    );
    expect(ownerOf({ name: '', email: [] })).toMatchObject({ ownerName: null, ownerEmail: null });
    expect(ownerOf(null)).toMatchObject({ ownerName: null, ownerEmail: null });
  });

  it('keeps what else its owner is', () => {
    expect(ownerOf({ name: 'Ada', email: 'a@example.com' }).details).toEqual({});
    expect(ownerOf({ name: 'Ada', slack: '#data' }).details).toEqual({ owner: { name: 'Ada', slack: '#data' } });
  });

  it('may have spaces in its id', () => {
    expect(readWhole(element.exposure({ unique_id: 'exposure.shop.Pulse queries' })).definition.uniqueId).toBe(
      'exposure.shop.Pulse queries',
    );
  });
});

describe('the semantic layer', () => {
  it('has metrics with their parameters, label and group', () => {
    expect(readWhole(element.metric()).definition.facts).toMatchObject({
      label: 'Revenue',
      groupName: 'finance',
      properties: { metric_type: 'simple', type_params: { measure: { name: 'amount' } }, filter: null },
    });
  });

  it('takes tags for those of a metric only where dbt does', () => {
    const tagsOf = (raw: Record<string, unknown>) => readWhole(element.metric(raw)).definition.facts.tags;
    expect(tagsOf({ tags: ['finance'] })).toEqual(['finance']);
    expect(tagsOf({ tags: [], config: { tags: ['finance'] } })).toEqual([]);
    expect(tagsOf({ tags: undefined, config: { tags: ['finance'] } })).toEqual(['finance']);
  });

  it('has metrics of dbt 1.3 to 1.5 with their calculation method', () => {
    const raw = element.metric({
      type: undefined,
      calculation_method: 'sum',
      expression: 'amount',
      time_grains: ['day'],
    });
    expect(readWhole(raw, { version: 8 }).definition.facts).toMatchObject({
      properties: { metric_type: 'sum' },
      details: { expression: 'amount', time_grains: ['day'] },
    });
  });

  it('has semantic models with expressions, of the model that they stand on', () => {
    expect(readWhole(element.semanticModel()).definition.facts).toMatchObject({
      tags: [],
      properties: {
        model_unique_id: 'model.shop.orders',
        entities: [{ name: 'order', type: 'primary', description: null, expr: 'order_id' }],
        dimensions: [
          { name: 'day', type: 'time', description: null, expr: null, type_params: { time_granularity: 'day' } },
        ],
        measures: [
          { name: 'amount', agg: 'sum', expr: 'amount', description: null, create_metric: true, agg_params: null },
        ],
      },
    });
  });

  it('has saved queries with parameters and exports', () => {
    expect(readWhole(element.savedQuery()).definition.facts.properties).toEqual({
      query_params: { metrics: ['revenue'], group_by: ['day'], where: null, order_by: [], limit: null },
      exports: [
        { name: 'by_day', config: { export_as: 'TABLE', schema_name: 'exports', alias: 'by_day', database: null } },
      ],
    });
  });
});

describe('groups and macros', () => {
  it('a group has an owner, and meta from its config', () => {
    expect(readWhole(element.group({ config: { meta: { a: 1 } } })).definition).toMatchObject({
      parents: [],
      facts: { ownerName: 'Finance', ownerEmail: 'finance@example.com', tags: [], meta: { a: 1 } },
    });
  });

  it('a macro has its arguments, and no parents whatever it calls', () => {
    const raw = element.macro({ depends_on: { macros: ['macro.dbt.x'], nodes: ['model.shop.orders'] } });
    expect(readWhole(raw).definition).toMatchObject({
      parents: [],
      facts: { properties: { arguments: [{ name: 'x', type: 'string', description: '' }] } },
    });
  });

  it('a macro of Fusion without arguments has none', () => {
    const raw = element.macro({ arguments: undefined, args: [{ name: 'x', is_optional: false }] });
    expect(readWhole(raw).definition.facts.properties).toEqual({ arguments: [] });
  });
});

describe('parents that the manifest does not define', () => {
  const whole = (...parents: string[]) => ({
    ids: new Set(['model.shop.orders']),
    packages: new Set(['shop', 'dbt_utils']),
    parents: new Set(parents),
  });

  it('are external models when their package is nowhere else', () => {
    expect(externalParents(whole('model.finance.ledger', 'model.finance.rates.v2'), CONTEXT)).toEqual([
      {
        kind: 'definition',
        uniqueId: 'model.finance.ledger',
        resourceType: 'model',
        state: 'external',
        at: element.AT,
        runId: 'run-1',
        facts: { packageName: 'finance', name: 'ledger', version: null },
        parents: [],
      },
      expect.objectContaining({ facts: { packageName: 'finance', name: 'rates', version: '2' } }),
    ]);
  });

  it('are not when they are there, are disabled or removed, or are no models', () => {
    const parents = ['model.shop.orders', 'model.shop.gone', 'model.dbt_utils.x', 'source.finance.raw.a', 'odd'];
    expect(externalParents(whole(...parents), CONTEXT)).toEqual([]);
  });
});
