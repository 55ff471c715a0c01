import type { JsonObject } from './artifacts.ts';
import { encodeCursor } from './connection.ts';
import { type GraphqlReply, type GraphqlRequest, pageSize } from './discovery.ts';
import type { Fault } from './faults.ts';

interface Connection {
  totalCount: number;
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
  edges: { node: JsonObject }[];
}

/** Whether a fault of the answer's content has something to spoil here; faults of the wire spoil every request. */
export function canSpoil(fault: Fault, request: GraphqlRequest, good: () => GraphqlReply): boolean {
  switch (fault.kind) {
    case 'complexity':
      return (pageSize(request) ?? 0) > fault.rows;
    case 'applied_null':
      return environmentIn(good())?.applied != null;
    case 'definition_null':
      return environmentIn(good())?.definition != null;
    case 'malformed_node':
      return connectionIn(good())?.edges[fault.index] !== undefined;
    case 'unservable_node':
      return connectionIn(good())?.edges.some(({ node }) => isWhole(node, fault.uniqueId)) ?? false;
    case 'null_connection':
    case 'stuck_cursor':
    case 'repeated_page':
    case 'wrong_total':
      return connectionIn(good()) !== null;
    default:
      return true;
  }
}

/** True for that node, unless nothing but its id is asked. */
function isWhole(node: JsonObject, uniqueId: string): boolean {
  return node.uniqueId === uniqueId && Object.keys(node).some((key) => key !== 'uniqueId' && key !== '__typename');
}

/** A client that follows the cursors of a repeating server asks the first page over and over. */
export function bentRequest(fault: Fault, request: GraphqlRequest): GraphqlRequest {
  if (fault.kind !== 'repeated_page') return request;
  return { ...request, variables: { ...request.variables, after: null } };
}

/** Spoils a good reply, in place where only a part of it changes. */
export function bentReply(fault: Fault, reply: GraphqlReply, request: GraphqlRequest): GraphqlReply {
  switch (fault.kind) {
    case 'errors':
      return withError(fault, fault.data ? reply.body.data : null);
    case 'no_environment':
      return withError({ message: 'There is no data available for this input', code: 'NOT_FOUND' }, null);
    case 'complexity':
      return withError(
        {
          message:
            'Error: This query exceeds the complexity limit. Consider breaking it up into separate queries or asking for fewer rows.',
          code: 'COMPLEXITY_EXCEEDED',
        },
        null,
      );
    case 'unservable_node':
      return withError({ message: 'Internal server error', code: 'INTERNAL_SERVER_ERROR' }, null);
    default:
      bendData(fault, reply, request);
      return reply;
  }
}

function withError({ message, code }: { message: string; code: string }, data: unknown): GraphqlReply {
  return { status: 200, body: { errors: [{ message, extensions: { code } }], data } };
}

function bendData(fault: Fault, reply: GraphqlReply, request: GraphqlRequest): void {
  const environment = environmentIn(reply);
  if (environment && fault.kind === 'applied_null') environment.applied = null;
  if (environment && fault.kind === 'definition_null') environment.definition = null;
  if (environment && fault.kind === 'null_connection') dropConnections(environment);
  const found = connectionIn(reply);
  if (found) bendConnection(fault, found, request);
}

function bendConnection(fault: Fault, found: Connection, request: GraphqlRequest): void {
  const { edges, pageInfo } = found;
  const { after } = request.variables;
  if (fault.kind === 'wrong_total') found.totalCount += fault.by;
  if (fault.kind === 'stuck_cursor') {
    const endCursor = typeof after === 'string' ? after : pageInfo.endCursor;
    Object.assign(pageInfo, { hasNextPage: true, endCursor });
  }
  if (fault.kind === 'repeated_page') {
    Object.assign(pageInfo, { hasNextPage: true, endCursor: encodeCursor(`${after ?? ''}+`) });
  }
  if (fault.kind === 'malformed_node') malform(edges[fault.index]?.node ?? {}, fault.keepId);
}

function malform(node: JsonObject, keepId: boolean): void {
  if (!keepId) Object.assign(node, { uniqueId: null, tags: 'not a list' });
  else for (const key of Object.keys(node)) if (key !== 'uniqueId') node[key] = { unexpected: true };
}

function environmentIn(reply: GraphqlReply): JsonObject | null {
  return (reply.body.data as { environment?: JsonObject } | null | undefined)?.environment ?? null;
}

/** The name of each connection of an environment, beside the state that holds it. */
function connectionsIn(environment: JsonObject): [JsonObject, string][] {
  return [environment.applied, environment.definition].flatMap((state) =>
    Object.entries(state ?? {})
      .filter(([, value]) => value !== null && typeof value === 'object' && 'edges' in value)
      .map(([name]): [JsonObject, string] => [state as JsonObject, name]),
  );
}

function connectionIn(reply: GraphqlReply): Connection | null {
  const [first] = connectionsIn(environmentIn(reply) ?? {});
  return first ? (first[0][first[1]] as Connection) : null;
}

function dropConnections(environment: JsonObject): void {
  for (const [state, name] of connectionsIn(environment)) state[name] = null;
}
