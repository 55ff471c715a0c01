import fc from 'fast-check';
import type { FaultInput } from '../../demo/platform/faults.ts';

const OPERATIONS = ['Probe', 'DefinitionModels', 'AppliedModels', 'DefinitionTests', 'AppliedTests', 'AppliedSources'];
const CONNECTIONS = OPERATIONS.slice(1);

const anywhere = fc.option(fc.constantFrom(...OPERATIONS), { nil: undefined });
/** Faults of a page leave the probe alone. */
const somewhere = fc.constantFrom(...CONNECTIONS);

const kinds: readonly fc.Arbitrary<FaultInput>[] = [
  fc.record({ kind: fc.constant('throttled' as const), retryAfter: fc.constant(0), operation: anywhere }),
  fc.record({ kind: fc.constant('throttled' as const), operation: anywhere }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(500, 502, 503, 504, 408),
    html: fc.boolean(),
    operation: anywhere,
  }),
  fc.record({ kind: fc.constantFrom('html' as const, 'reset' as const, 'truncated' as const), operation: anywhere }),
  fc.record({ kind: fc.constant('errors' as const), data: fc.boolean(), operation: somewhere }),
  fc.record({
    kind: fc.constantFrom('null_connection' as const, 'stuck_cursor' as const, 'repeated_page' as const),
    operation: somewhere,
  }),
  fc.record({ kind: fc.constant('wrong_total' as const), by: fc.constantFrom(-1, 1, 7), operation: somewhere }),
  fc.record({ kind: fc.constant('complexity' as const), rows: fc.constantFrom(0, 1, 3), operation: somewhere }),
  fc.record({
    kind: fc.constant('unservable_node' as const),
    uniqueId: fc.constantFrom('model.shop.a', 'model.shop.new', 'test.shop.t'),
  }),
  fc.record({
    kind: fc.constant('unauthorized' as const),
    as: fc.constantFrom(401 as const, 403 as const, 404 as const, 200 as const),
    operation: anywhere,
  }),
  fc.record({
    kind: fc.constantFrom('no_environment' as const, 'applied_null' as const, 'definition_null' as const),
    operation: anywhere,
  }),
  fc.record({
    kind: fc.constant('malformed_node' as const),
    index: fc.nat({ max: 2 }),
    keepId: fc.boolean(),
    operation: somewhere,
  }),
];

const when = fc.record({
  after: fc.constantFrom(0, 0, 0, 1, 3),
  times: fc.option(fc.constantFrom(1, 2, 5), { nil: undefined }),
});

function without(fault: object): FaultInput {
  return Object.fromEntries(Object.entries(fault).filter(([, value]) => value !== undefined)) as FaultInput;
}

/** Up to three faults, one after the other or together, transient or lasting. */
export const faultSchedule: fc.Arbitrary<FaultInput[]> = fc.array(
  fc.tuple(fc.oneof(...kinds), when).map(([fault, limits]) => without({ ...fault, ...limits })),
  { minLength: 1, maxLength: 3 },
);
