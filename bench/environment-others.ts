import {
  type Connection,
  catalog,
  common,
  config,
  described,
  executionInfo,
  MODEL_WAREHOUSE,
  type NodeJson,
  PROJECT,
  type Size,
} from './environment-parts.ts';
import { query, type Random, seeded, sentence } from './random.ts';

const MACROS = 500;
const GROUPS = 12;

type ParentOf = (index: number) => NodeJson;

interface Others {
  readonly type: string;
  readonly revision: number;
  readonly folder: string;
}

/** What definitions of all these types have. */
function definition(index: number, { type, revision, folder }: Others): { random: Random; fields: NodeJson } {
  const random = seeded(`${type} ${index}`);
  const name = `${type}_${index}`;
  const fields = {
    ...common(type, `${type}.${PROJECT}.${name}`, name),
    ...described(random, `${folder}/${name}.yml`, revision),
    packageName: PROJECT,
  };
  return { random, fields };
}

function applied(index: number, type: string, columns: number): NodeJson {
  const random = seeded(`applied ${type} ${index}`);
  return {
    ...common(type, `${type}.${PROJECT}.${type}_${index}`, `${type}_${index}`),
    dbtVersion: '1.9.4',
    executionInfo: executionInfo(random, { status: 'success', isFailure: false, revision: 0 }),
    catalog: catalog(random, columns),
  };
}

function seed(index: number, revision: number): NodeJson {
  const { fields } = definition(index, { type: 'seed', revision, folder: 'seeds' });
  return { ...fields, ...MODEL_WAREHOUSE, alias: `seed_${index}` };
}

function snapshot(index: number, revision: number, parentOf: ParentOf): NodeJson {
  const { random, fields } = definition(index, { type: 'snapshot', revision, folder: 'snapshots' });
  const warehouse = { ...MODEL_WAREHOUSE, alias: `snapshot_${index}` };
  const rawCode = query(random, '{{ source() }}', 800);
  return { ...fields, ...warehouse, rawCode, parents: [parentOf(index)] };
}

function appliedSnapshot(index: number, columns: number): NodeJson {
  const random = seeded(`built snapshot ${index}`);
  const built = { config: config(random, 'snapshot'), compiledCode: query(random, 'raw.erp.other', 900) };
  return { ...applied(index, 'snapshot', columns), ...built };
}

function group(index: number, revision: number): NodeJson {
  const { fields } = definition(index, { type: 'group', revision, folder: 'models' });
  const { tags: _, ...rest } = fields;
  return { ...rest, ownerName: 'Analytics', ownerEmail: 'analytics@example.com' };
}

function macro(index: number, revision: number): NodeJson {
  const { random, fields } = definition(index, { type: 'macro', revision, folder: 'macros' });
  const named = { name: 'relation', type: 'relation', description: sentence(random, 6) };
  const told = { macroSql: query(random, '{{ relation }}', 900), arguments: [named] };
  return { ...fields, dbtVersion: '1.9.4', ...told };
}

function metric(index: number, revision: number, parentOf: ParentOf): NodeJson {
  const { fields } = definition(index, { type: 'metric', revision, folder: 'models/marts' });
  const typeParams = { measure: { name: `measure_${index}`, filter: null, alias: null }, metrics: [], expr: null };
  const told = { group: null, type: 'simple', typeParams, filter: null };
  return { ...fields, dbtVersion: '1.9.4', ...told, parents: [parentOf(index)] };
}

function semanticModel(index: number, revision: number, parentOf: ParentOf): NodeJson {
  const { random, fields } = definition(index, { type: 'semantic_model', revision, folder: 'models/marts' });
  const part = (name: string, type: string) => ({ name, type, description: sentence(random, 8) });
  return {
    ...fields,
    dbtVersion: '1.9.4',
    entities: [part('order', 'primary'), part('customer', 'foreign')],
    dimensions: [{ ...part('ordered_at', 'time'), typeParams: { time_granularity: 'day' } }],
    measures: [{ name: 'revenue', agg: 'sum', expr: 'amount', description: sentence(random, 8), createMetric: false }],
    parents: [parentOf(index)],
  };
}

function savedQuery(index: number, revision: number, parentOf: ParentOf): NodeJson {
  const { fields } = definition(index, { type: 'saved_query', revision, folder: 'models/marts' });
  const where = { whereFilters: [{ whereSqlTemplate: "{{ Dimension('order__country') }} = 'NL'" }] };
  const queryParams = { metrics: ['revenue'], groupBy: ['metric_time'], orderBy: [], limit: null, where };
  const exported = { alias: `saved_${index}`, database: null, exportAs: 'table', schema: 'marts' };
  const told = { group: null, queryParams, exports: [{ name: `saved_${index}`, config: exported }] };
  return { ...fields, dbtVersion: '1.9.4', ...told, parents: [parentOf(index)] };
}

/** The connections of the smaller resource types. */
export function otherConnections(size: Size, revision: number, parentOf: ParentOf): Connection[] {
  const few = Math.ceil(size.models / 100);
  const columns = size.columnsPerModel;
  const of = (state: 'Definition' | 'Applied', name: string, total: number, node: Connection['node']): Connection => {
    const connection = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    return { operation: `${state}${name}`, path: `${state.toLowerCase()}.${connection}`, total, node };
  };
  return [
    of('Definition', 'Seeds', few, (index) => seed(index, revision)),
    of('Applied', 'Seeds', few, (index) => applied(index, 'seed', columns)),
    of('Definition', 'Snapshots', few, (index) => snapshot(index, revision, parentOf)),
    of('Applied', 'Snapshots', few, (index) => appliedSnapshot(index, columns)),
    of('Definition', 'Groups', GROUPS, (index) => group(index, revision)),
    of('Definition', 'Macros', MACROS, (index) => macro(index, revision)),
    of('Definition', 'Metrics', few * 2, (index) => metric(index, revision, parentOf)),
    of('Definition', 'SemanticModels', few, (index) => semanticModel(index, revision, parentOf)),
    of('Definition', 'SavedQueries', few, (index) => savedQuery(index, revision, parentOf)),
  ];
}
