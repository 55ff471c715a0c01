import type { FieldNode, SelectionSetNode } from 'graphql';
import type { DiscoveryClient } from '../../../src/sources/discovery/client.ts';

export type State = 'definition' | 'applied';
type Nodes = { [connection: string]: unknown[] | null };

/** What the service has: nodes by state and connection, null for a state that it does not have. */
export interface Service {
  definition?: Nodes | null;
  applied?: Nodes | null;
  /** When each state was last taken in. */
  updatedAt?: { [state in State]?: string | null };
}

export interface Asked {
  readonly state: string;
  readonly connection: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

function fieldOf(set: SelectionSetNode | undefined): FieldNode | undefined {
  return set?.selections.find((selection): selection is FieldNode => selection.kind === 'Field');
}

function connectionOf(nodes: readonly unknown[] | null | undefined, filter: unknown) {
  if (nodes === null) return null;
  const uniqueIds = (filter as { uniqueIds?: string[] } | undefined)?.uniqueIds;
  const found = (nodes ?? []).filter((node) => uniqueIds?.includes((node as { uniqueId: string }).uniqueId) ?? true);
  return {
    totalCount: found.length,
    pageInfo: { endCursor: null, hasNextPage: false },
    edges: found.map((node) => ({ node })),
  };
}

/** A client that answers from memory, each connection in one page, and remembers what it was asked. */
export function fakeService(service: Service): { client: DiscoveryClient; asked: Asked[] } {
  const asked: Asked[] = [];
  const { updatedAt = { definition: '2026-03-01T04:00:00.000Z', applied: '2026-03-01T05:00:00.000Z' } } = service;

  function probe() {
    const times = (state: State) => ({ lastUpdatedAt: updatedAt[state] ?? null });
    return {
      adapterType: 'postgres',
      dbtProjectName: 'shop',
      applied: service.applied === null ? null : { ...times('applied'), latestGitSha: 'abc' },
      definition: service.definition === null ? null : times('definition'),
    };
  }

  const client: DiscoveryClient = {
    async query(document, variables) {
      const [operation] = document.definitions;
      if (operation?.kind !== 'OperationDefinition') throw new Error('the first definition is no operation');
      if (operation.name?.value === 'Probe') return { environment: probe() } as never;
      const stateField = fieldOf(fieldOf(operation.selectionSet)?.selectionSet);
      const state = stateField?.name.value as State;
      const connection = fieldOf(stateField?.selectionSet)?.name.value ?? '';
      asked.push({ state, connection, variables });
      const nodes = service[state]?.[connection];
      return { environment: { [state]: { [connection]: connectionOf(nodes, variables.filter) } } } as never;
    },
    traffic: () => ({ requests: 3, bytes: 99 }),
  };
  return { client, asked };
}
