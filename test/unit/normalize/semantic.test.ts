import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../src/domain/records.ts';
import { exposureDefinition } from '../../../src/normalize/exposure.ts';
import { groupDefinition } from '../../../src/normalize/group.ts';
import { macroDefinition } from '../../../src/normalize/macro.ts';
import { metricDefinition } from '../../../src/normalize/metric.ts';
import { savedQueryDefinition } from '../../../src/normalize/saved-query.ts';
import { semanticModelDefinition } from '../../../src/normalize/semantic-model.ts';
import * as raw from './raw-nodes.ts';

function factsOf({ records }: { records: readonly StoreRecord[] }) {
  const [record] = records;
  if (record?.kind !== 'definition') throw new Error('the first record is no definition');
  return record.facts;
}

describe('a saved query', () => {
  const queryParams = {
    metrics: ['revenue'],
    groupBy: ['day'],
    orderBy: ['day', null],
    limit: '10',
    where: { whereFilters: [{ whereSqlTemplate: "{{ Dimension('day') }} > 1" }] },
  };

  it('has its parameters under the keys of a manifest', () => {
    expect(
      factsOf(savedQueryDefinition(raw.savedQueryDefinitionNode({ queryParams }))).properties?.query_params,
    ).toEqual({
      metrics: ['revenue'],
      group_by: ['day'],
      order_by: ['day', null],
      limit: 10,
      where: { where_filters: [{ where_sql_template: "{{ Dimension('day') }} > 1" }] },
    });
  });

  it('has its exports under the keys of a manifest', () => {
    expect(factsOf(savedQueryDefinition(raw.savedQueryDefinitionNode())).properties?.exports).toEqual([
      { name: 'by_day', config: { alias: 'by_day', database: null, export_as: 'TABLE', schema_name: 'exports' } },
    ]);
  });

  it('may export without a config', () => {
    const node = raw.savedQueryDefinitionNode({ exports: [{ name: 'by_day', config: null }] });
    expect(factsOf(savedQueryDefinition(node)).properties?.exports).toEqual([{ name: 'by_day', config: null }]);
  });
});

describe('a semantic model', () => {
  const propertiesOf = (fields: raw.Raw = {}) =>
    factsOf(semanticModelDefinition(raw.semanticModelDefinitionNode(fields))).properties;

  it('has its parts under the keys of a manifest', () => {
    expect(propertiesOf()).toEqual({
      model_unique_id: 'model.shop.orders',
      entities: [{ name: 'order', type: 'primary', description: null }],
      dimensions: [{ name: 'day', type: 'time', description: null, type_params: { time_granularity: 'day' } }],
      measures: [{ name: 'amount', agg: 'sum', expr: 'amount', description: null, create_metric: true }],
    });
  });

  it('names no model when none is among its parents', () => {
    expect(propertiesOf({ parents: [raw.parentNode('seed.shop.zones')] })?.model_unique_id).toBeNull();
  });
});

describe('a metric', () => {
  it('keeps the group, the type and the parameters that are sent', () => {
    expect(factsOf(metricDefinition(raw.metricDefinitionNode()))).toMatchObject({
      groupName: 'finance',
      properties: { metric_type: 'simple', type_params: { measure: { name: 'amount' } }, filter: null },
    });
  });

  it('states no label, which the service does not have', () => {
    expect(Object.keys(factsOf(metricDefinition(raw.metricDefinitionNode({ label: 'Revenue' }))))).not.toContain(
      'label',
    );
  });
});

describe('an exposure', () => {
  it('keeps what readers know it by', () => {
    expect(factsOf(exposureDefinition(raw.exposureDefinitionNode()))).toMatchObject({
      label: 'Sales',
      properties: { exposure_type: 'dashboard', maturity: 'high', url: 'https://bi.example/1' },
    });
  });
});

describe('a group', () => {
  it('has no tags, which its type does not have', () => {
    expect(factsOf(groupDefinition(raw.groupDefinitionNode({ tags: ['x'] }))).tags).toEqual([]);
  });
});

describe('a macro', () => {
  it('keeps its code and its arguments', () => {
    expect(factsOf(macroDefinition(raw.macroDefinitionNode()))).toMatchObject({
      rawCode: '{% macro cents_to_euros(x) %}{% endmacro %}',
      properties: { arguments: [{ name: 'x', type: 'string', description: '' }] },
    });
  });
});
