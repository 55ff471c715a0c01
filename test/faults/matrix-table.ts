import { idOf } from '../e2e/mini-project.ts';
import type { ConnectionColumn, Row, RowFault } from './matrix-columns.ts';

const TWICE = 2;

/** Ends after two tries: nobody notices. */
const passing = (fault: RowFault, name = fault.kind as string): Row => ({
  name: `${name} ×2`,
  fault: () => ({ ...fault, times: TWICE }),
  probe: 'done',
  last: 'done',
  connection: 'done',
  all: 'done',
});

/** Goes on: one connection is not whole, and without its probe the pass is nothing. */
const lasting = (fault: RowFault, name = fault.kind as string): Row => ({
  name,
  fault: () => fault,
  probe: 'down',
  last: 'down',
  connection: 'partial',
  all: 'down',
});

/** Asking again is of no use. */
const refused = (fault: RowFault, name: string): Row => ({
  name,
  fault: () => fault,
  probe: 'refused',
  last: 'refused',
  connection: 'refused',
  all: 'refused',
});

/** Of connections alone: the probe has none of it. */
const ofConnections = (row: Row): Row => ({ ...row, probe: null, last: null, all: null });

const allThere = (row: Row): Row => ({ ...row, isAllThere: true });

const onPageTwo = (row: Row): Row => ({ ...ofConnections(row), name: `page 2: ${row.name}`, isOnPageTwo: true });

const bothWays = (fault: RowFault, name = fault.kind as string): Row[] => [passing(fault, name), lasting(fault, name)];

const node = (type: string) => idOf(type, 'b');
const onlyApplied = ({ state }: ConnectionColumn) => state === 'applied';

const WIRE: Row[] = [
  ...bothWays({ kind: 'throttled' }, '429'),
  ...bothWays({ kind: 'throttled', retryAfter: 0.05 }, '429 retry-after'),
  ...bothWays({ kind: 'status', status: 500 }, '500'),
  ...bothWays({ kind: 'status', status: 502, html: true }, '502 html'),
  ...bothWays({ kind: 'hang' }),
  ...bothWays({ kind: 'reset' }),
  ...bothWays({ kind: 'truncated' }),
  ...bothWays({ kind: 'slow', bytesPerSecond: 10 }),
  // Before anything good came from a host, a web page says that no API is there; later it is a broken answer.
  { ...passing({ kind: 'html' }), probe: 'refused' },
  { ...lasting({ kind: 'html' }), probe: 'refused' },
];

const GRAPHQL: Row[] = [
  ...bothWays({ kind: 'errors', data: false }, 'errors'),
  ...bothWays({ kind: 'errors', data: true }, 'errors and data'),
  ...bothWays({ kind: 'null_connection' }, 'null connection').map(ofConnections),
  ...bothWays({ kind: 'stuck_cursor' }, 'stuck cursor').map(ofConnections).map(allThere),
  ...bothWays({ kind: 'repeated_page' }, 'repeated page').map(ofConnections).map(allThere),
  ...bothWays({ kind: 'wrong_total', by: 1 }, 'total too high').map(ofConnections).map(allThere),
  allThere(ofConnections(lasting({ kind: 'wrong_total', by: -1 }, 'total too low'))),
  ofConnections(passing({ kind: 'complexity', rows: 0 }, 'complexity')),
  { ...ofConnections(lasting({ kind: 'complexity', rows: 1 }, 'complexity > 1')), connection: 'done' },
  ofConnections(lasting({ kind: 'complexity', rows: 0 }, 'complexity > 0')),
  {
    ...ofConnections(passing({ kind: 'unservable_node', uniqueId: '' }, 'unservable node')),
    fault: (type) => ({ kind: 'unservable_node', uniqueId: node(type), times: TWICE }),
  },
  {
    ...ofConnections(lasting({ kind: 'unservable_node', uniqueId: '' }, 'unservable node')),
    fault: (type) => ({ kind: 'unservable_node', uniqueId: node(type) }),
    connection: 'reject',
  },
  ofConnections(lasting({ kind: 'malformed_node', index: 1 }, 'node without id')),
  {
    ...ofConnections(lasting({ kind: 'malformed_node', index: 1, keepId: true }, 'malformed node')),
    // An applied exposure says nothing that its definition does not, so nothing of it is read.
    connection: ({ operation }) => (operation === 'AppliedExposures' ? 'done' : 'reject'),
  },
];

const PAGE_TWO: Row[] = [
  ...bothWays({ kind: 'status', status: 500 }, '500'),
  ...bothWays({ kind: 'reset' }),
  ...bothWays({ kind: 'null_connection' }, 'null connection'),
  ...bothWays({ kind: 'stuck_cursor' }, 'stuck cursor'),
  lasting({ kind: 'repeated_page' }, 'repeated page'),
  // A token that expires in the middle of a pass.
  refused({ kind: 'unauthorized', as: 401 }, '401'),
].map(onPageTwo);

const REFUSALS: Row[] = [
  refused({ kind: 'unauthorized', as: 401 }, '401'),
  refused({ kind: 'unauthorized', as: 403 }, '403'),
  refused({ kind: 'unauthorized', as: 404 }, '404'),
  refused({ kind: 'unauthorized', as: 200 }, 'no token in 200'),
  refused({ kind: 'no_environment' }, 'no environment'),
  refused({ kind: 'redirect', location: 'http://127.0.0.1:1/graphql' }, 'redirect'),
];

const STATES: Row[] = [
  {
    ...lasting({ kind: 'applied_null' }, 'applied null'),
    connection: (column) => (onlyApplied(column) ? 'partial' : null),
    last: null,
    all: null,
  },
  {
    ...passing({ kind: 'applied_null' }, 'applied null'),
    // The probe takes the service at its word: nothing was ever built there.
    probe: 'down',
    connection: (column) => (onlyApplied(column) ? 'done' : null),
    last: null,
    all: null,
  },
  {
    ...lasting({ kind: 'definition_null' }, 'definition null'),
    probe: 'partial',
    says: { column: /^Probe$/, sentence: /no definition state/ },
    connection: (column) => (onlyApplied(column) ? null : 'partial'),
    last: null,
    all: null,
  },
  {
    ...passing({ kind: 'definition_null' }, 'definition null'),
    connection: (column) => (onlyApplied(column) ? null : 'done'),
    last: null,
    all: null,
  },
  {
    ...passing({ kind: 'moving', history: 'mini' }, 'moving'),
    last: null,
    all: null,
  },
  {
    ...lasting({ kind: 'moving', history: 'mini' }, 'moving'),
    probe: 'partial',
    says: { column: /./, sentence: /state moved/ },
    last: null,
    all: null,
  },
];

/** Every fault, with what it must lead to in every column. */
export const ROWS: readonly Row[] = [...WIRE, ...GRAPHQL, ...PAGE_TWO, ...REFUSALS, ...STATES];
