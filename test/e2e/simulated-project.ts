/** Microseconds since 1970: what dbt writes, and what PostgreSQL keeps. */
export type Micros = number;

export const SECOND: Micros = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `2026-02-01T05:00:00.123456Z`, as artifacts write times. */
export function iso(at: Micros): string {
  const milliseconds = Math.floor(at / 1_000);
  const rest = String(at - milliseconds * 1_000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}

export type NodeType = 'source' | 'seed' | 'model' | 'snapshot' | 'test';

export interface SimNode {
  readonly id: string;
  readonly type: NodeType;
  readonly parents: readonly string[];
  /** It was deleted in the middle of the time. */
  readonly isOld: boolean;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The elements in another order. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

const MODELS: readonly (readonly [name: string, ...parents: string[]])[] = [
  ['stg_orders', 'source.shop.raw.orders'],
  ['stg_customers', 'source.shop.raw.customers'],
  ['stg_events', 'source.shop.raw.events'],
  ['int_orders', 'model.shop.stg_orders', 'seed.shop.countries'],
  ['int_sessions', 'model.shop.stg_events'],
  ['dim_countries', 'seed.shop.countries'],
  ['dim_customers', 'model.shop.stg_customers', 'model.shop.dim_countries'],
  ['fct_orders', 'model.shop.int_orders', 'model.shop.dim_customers'],
  ['fct_sessions', 'model.shop.int_sessions', 'model.shop.dim_customers'],
  ['fct_revenue', 'model.shop.fct_orders'],
];
const OLD_MODELS = [
  ['legacy_orders', 'model.shop.stg_orders'],
  ['legacy_kpis', 'model.shop.legacy_orders'],
] as const;

const modelOf = ([name, ...parents]: readonly string[], isOld: boolean): SimNode => ({
  id: `model.shop.${name}`,
  type: 'model',
  parents,
  isOld,
});

function testsOf({ id, isOld }: SimNode): SimNode[] {
  const name = id.split('.')[2] ?? '';
  const kinds = name.startsWith('fct_') ? ['not_null', 'unique'] : ['not_null'];
  return kinds.map((kind) => ({
    id: `test.shop.${kind}_${name}_id.${kind.length}abc`,
    type: 'test',
    parents: [id],
    isOld,
  }));
}

function project(): SimNode[] {
  const plain = (id: string, type: NodeType, ...parents: string[]): SimNode => ({ id, type, parents, isOld: false });
  const models = [...MODELS.map((one) => modelOf(one, false)), ...OLD_MODELS.map((one) => modelOf(one, true))];
  return [
    ...['orders', 'customers', 'events'].map((name) => plain(`source.shop.raw.${name}`, 'source')),
    plain('seed.shop.countries', 'seed'),
    ...models,
    plain('snapshot.shop.orders_snapshot', 'snapshot', 'model.shop.stg_orders'),
    ...models.flatMap(testsOf),
    { ...plain('test.shop.unique_fct_orders_former_id.6abc', 'test', 'model.shop.fct_orders'), isOld: true },
    plain('unit_test.shop.fct_orders.sums_up', 'test', 'model.shop.fct_orders'),
  ];
}

/** The nodes of the simulated project, parents before children. */
export const NODES: readonly SimNode[] = project();
