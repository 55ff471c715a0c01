import type { FaultInput } from '../../demo/platform/faults.ts';

/** What a fault must lead to. Written by hand from what the product promises, never from what it does. */
export type Expected =
  /** `done`: the store is that of a pass without faults. */
  | 'done'
  /** `partial`: one connection is not whole; nothing is closed, the others are as without faults. */
  | 'partial'
  /** `partial`: one node is a reject and stays as it was; all the rest is as without faults. */
  | 'reject'
  /** `failed`, exit 1: the service cannot be read now; the previous state stays. */
  | 'down'
  /** `failed`, exit 2: a person must act; the previous state stays. */
  | 'refused';

/** `after` and `times` of the fault are the row's, `operation` is the column's. */
export type RowFault = FaultInput extends infer One ? (One extends FaultInput ? Omit<One, 'operation'> : never) : never;

export interface Row {
  readonly name: string;
  readonly fault: (type: string) => RowFault;
  /** The probe before anything else; null where the fault has nothing to spoil in it. */
  readonly probe: Expected | null;
  /** The probe at the end of the pass. */
  readonly last: Expected | null;
  /** Each connection alone. */
  readonly connection: Expected | ((column: ConnectionColumn) => Expected | null);
  /** All requests after the first probes. */
  readonly all: Expected | null;
  /** All nodes of the connection came all the same. */
  readonly isAllThere?: boolean;
  /** It hits the second page, of one node like all pages then. */
  readonly isOnPageTwo?: boolean;
  /** What the sentence of a partial outcome says where it is not about one connection; then none is spared. */
  readonly says?: { readonly column: RegExp; readonly sentence: RegExp };
}

export interface ConnectionColumn {
  readonly operation: string;
  readonly state: 'definition' | 'applied';
  readonly connection: string;
  readonly type: string;
}

const NAMES = {
  model: ['Models', 'models'],
  source: ['Sources', 'sources'],
  seed: ['Seeds', 'seeds'],
  snapshot: ['Snapshots', 'snapshots'],
  test: ['Tests', 'tests'],
  exposure: ['Exposures', 'exposures'],
  metric: ['Metrics', 'metrics'],
  semantic_model: ['SemanticModels', 'semanticModels'],
  saved_query: ['SavedQueries', 'savedQueries'],
  group: ['Groups', 'groups'],
  macro: ['Macros', 'macros'],
} as const;
const APPLIED = new Set(['model', 'source', 'seed', 'snapshot', 'test', 'exposure']);

/** The 17 connections that a pass reads, with the name of the query of each. */
export const CONNECTIONS: readonly ConnectionColumn[] = Object.entries(NAMES).flatMap(([type, [name, connection]]) => [
  { operation: `Definition${name}`, state: 'definition' as const, connection, type },
  ...(APPLIED.has(type) ? [{ operation: `Applied${name}`, state: 'applied' as const, connection, type }] : []),
]);

/** One cell of the matrix: a fault of a row, as it hits the requests of a column. */
export interface Cell {
  readonly row: Row;
  readonly column: string;
  readonly expected: Expected;
  readonly connection: ConnectionColumn | null;
  /** The last one is the row's. */
  readonly faults: readonly FaultInput[];
  /** A sentence that is not about one connection. */
  readonly sentence: RegExp | null;
}

/** Columns beside those of the connections. */
const PROBE = 'Probe';
const LAST = 'last Probe';
const ALL = 'all';

export const COLUMNS: readonly string[] = [PROBE, ...CONNECTIONS.map(({ operation }) => operation), LAST, ALL];

/** The faults of a connection. Only requests for pages of one node come through to the row's on page two. */
function faultsOf({ fault, isOnPageTwo }: Row, { operation, type }: ConnectionColumn): FaultInput[] {
  if (!isOnPageTwo) return [{ ...fault(type), operation }];
  return [
    { kind: 'complexity', rows: 1, operation },
    { ...fault(type), after: 1, operation },
  ];
}

/** What is expected of requests that are not for one connection alone; `after` so many probes of the pass. */
function elsewhere({ fault, probe, last, all }: Row, after: number) {
  const given = fault('model');
  return new Map([
    [PROBE, { expected: probe, faults: [{ ...given, operation: 'Probe' }] }],
    [LAST, { expected: last, faults: [{ ...given, operation: 'Probe', after }] }],
    [ALL, { expected: all, faults: [{ ...given, after }] }],
  ]);
}

/** `probes` is how often a pass without faults probes. Null where the fault has nothing to spoil. */
export function cellOf(row: Row, column: string, probes: number): Cell | null {
  const connection = CONNECTIONS.find(({ operation }) => operation === column) ?? null;
  const { connection: given } = row;
  const cell = connection
    ? {
        expected: typeof given === 'function' ? given(connection) : given,
        faults: faultsOf(row, connection),
      }
    : elsewhere(row, probes - 1).get(column);
  if (!cell?.expected) return null;
  const sentence = row.says?.column.test(column) ? row.says.sentence : null;
  return { row, column, connection, expected: cell.expected, faults: cell.faults, sentence };
}
