import { z } from 'zod';
import type { JsonObject } from './artifacts.ts';
import { encodeCursor } from './connection.ts';
import type { GraphqlReply, GraphqlRequest } from './discovery.ts';

/** How the Discovery API misbehaves. `operation` narrows a mode to one query, by name. */
export const modeSchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('ok') }),
  z.object({ mode: z.literal('unauthorized'), as: z.union([z.literal(401), z.literal(200)]).default(401) }),
  z.object({ mode: z.literal('html'), status: z.number().int().default(200), operation: z.string().optional() }),
  z.object({ mode: z.literal('applied_null') }),
  z.object({ mode: z.literal('graphql_errors_200'), operation: z.string().optional() }),
  z.object({ mode: z.literal('malformed_node'), operation: z.string().optional(), index: z.number().int().default(0) }),
  z.object({ mode: z.literal('stuck_cursor'), operation: z.string().optional() }),
  z.object({ mode: z.literal('repeated_page'), operation: z.string().optional() }),
  z.object({ mode: z.literal('wrong_total'), operation: z.string().optional(), by: z.number().int().default(1) }),
  z.object({ mode: z.literal('moving'), history: z.string(), afterRequests: z.number().int().default(1) }),
]);

export type Mode = z.output<typeof modeSchema>;
export type ModeInput = z.input<typeof modeSchema>;

interface Connection {
  totalCount: number;
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
  edges: { node: JsonObject }[];
}

/** A reply given instead of an execution, for the modes in which the request never reaches GraphQL. */
export function interception(mode: Mode, operation: string): { status: number; type: string; body: string } | null {
  if (mode.mode === 'html' && applies(mode, operation)) {
    return { status: mode.status, type: 'text/html', body: '<!doctype html><title>Sign in</title><h1>Sign in</h1>' };
  }
  if (mode.mode === 'graphql_errors_200' && applies(mode, operation)) {
    const error = { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    return { status: 200, type: 'application/json', body: JSON.stringify({ errors: [error], data: null }) };
  }
  return null;
}

/** A client that follows the cursors of a repeating server asks the first page over and over. */
export function bentRequest(mode: Mode, operation: string, request: GraphqlRequest): GraphqlRequest {
  if (mode.mode !== 'repeated_page' || !applies(mode, operation)) return request;
  return { ...request, variables: { ...request.variables, after: null } };
}

/** Spoils a good reply as the mode says. */
export function bendReply(mode: Mode, operation: string, reply: GraphqlReply, request: GraphqlRequest): void {
  const environment = (reply.body.data as { environment?: JsonObject } | null | undefined)?.environment;
  if (!environment || !applies(mode, operation)) return;
  if (mode.mode === 'applied_null' && 'applied' in environment) environment.applied = null;
  const found = connectionIn(environment);
  if (found) bendConnection(mode, found, request);
}

function bendConnection(mode: Mode, found: Connection, request: GraphqlRequest): void {
  const { pageInfo, edges } = found;
  if (mode.mode === 'wrong_total') found.totalCount += mode.by;
  if (mode.mode === 'malformed_node') {
    const node = edges[mode.index]?.node;
    if (node) Object.assign(node, { uniqueId: null, tags: 'not a list' });
  }
  if (mode.mode === 'stuck_cursor') {
    const after = request.variables.after;
    Object.assign(pageInfo, { hasNextPage: true, endCursor: typeof after === 'string' ? after : pageInfo.endCursor });
  }
  if (mode.mode === 'repeated_page') {
    const fresh = encodeCursor(`${request.variables.after ?? ''}+`);
    Object.assign(pageInfo, { hasNextPage: true, endCursor: fresh });
  }
}

function connectionIn(environment: JsonObject): Connection | null {
  for (const state of [environment.applied, environment.definition]) {
    const found = Object.values(state ?? {}).find(
      (value) => value !== null && typeof value === 'object' && 'edges' in value,
    );
    if (found) return found as Connection;
  }
  return null;
}

function applies(mode: Mode, operation: string): boolean {
  return !('operation' in mode) || mode.operation === undefined || mode.operation === operation;
}
