import { GraphQLError } from 'graphql';
import type { JsonObject } from './artifacts.ts';
import { list, type ServedNode } from './facts.ts';

/** More than this in one page is refused. */
export const MAX_PAGE = 500;

export interface ConnectionArgs {
  first?: number | null;
  after?: string | null;
  filter?: JsonObject | null;
}

/** Nodes in the order of their ids, which is the order of the pages: a cursor names an id and survives inserts. */
export function inOrder(nodes: ServedNode[]): ServedNode[] {
  return nodes.sort((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1));
}

export function connection(nodes: ServedNode[], { first, after, filter }: ConnectionArgs): JsonObject {
  const size = first ?? MAX_PAGE;
  if (size < 0 || size > MAX_PAGE) throw badInput(`The argument "first" must be between 0 and ${MAX_PAGE}.`);
  const matching = matches(nodes, filter ?? {});
  const start = after == null ? 0 : following(matching, decodeCursor(after));
  const page = matching.slice(start, start + size);
  const last = page.at(-1);
  return {
    totalCount: matching.length,
    pageInfo: {
      endCursor: last ? encodeCursor(last.uniqueId) : null,
      hasNextPage: start + page.length < matching.length,
    },
    edges: page.map((node) => ({ node })),
  };
}

export function encodeCursor(uniqueId: string): string {
  return Buffer.from(`cursor:${uniqueId}`).toString('base64');
}

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  if (!text.startsWith('cursor:')) throw badInput('The argument "after" is not a cursor of this connection.');
  return text.slice('cursor:'.length);
}

function following(nodes: ServedNode[], uniqueId: string): number {
  const index = nodes.findIndex((node) => node.uniqueId > uniqueId);
  return index === -1 ? nodes.length : index;
}

const TESTS: Record<string, (node: ServedNode, wanted: unknown) => boolean> = {
  uniqueIds: (node, wanted) => list(wanted).includes(node.uniqueId),
  tags: (node, wanted) => list(wanted).some((tag) => list(node.tags).includes(tag)),
  sourceNames: (node, wanted) => list(wanted).includes(String(node.sourceName)),
  testTypes: (node, wanted) => list(wanted).includes(String(node.testType)),
  identifier: (node, wanted) => (node.alias ?? node.identifier) === wanted,
  lastRunStatus: (node, wanted) => inside(node.executionInfo, 'lastRunStatus') === wanted,
  status: (node, wanted) => inside(node.executionInfo, 'lastRunStatus') === wanted,
  freshnessStatus: (node, wanted) => inside(node.freshness, 'freshnessStatus') === wanted,
  freshnessChecked: (node, wanted) => inside(node.freshness, 'freshnessChecked') === wanted,
  modelingLayer: (node, wanted) => modelingLayer(node) === wanted,
};

/** A member that is null or an empty list filters nothing; ids are compared to the letter. */
function matches(nodes: ServedNode[], filter: JsonObject): ServedNode[] {
  const asked = Object.entries(filter).filter(
    ([, wanted]) => wanted != null && !(Array.isArray(wanted) && wanted.length === 0),
  );
  if (asked.length === 0) return nodes;
  return nodes.filter((node) =>
    asked.every(([member, wanted]) => TESTS[member]?.(node, wanted) ?? node[member] === wanted),
  );
}

function modelingLayer(node: ServedNode): string {
  const [name, path] = [String(node.name), `/${node.filePath}`];
  if (/^(fct|dim)_/.test(name) || path.includes('/marts/')) return 'marts';
  if (name.startsWith('int_') || /\/(int|intermediate)\//.test(path)) return 'intermediate';
  return name.startsWith('stg_') || path.includes('/staging/') ? 'staging' : 'other';
}

function inside(value: unknown, member: string): unknown {
  return typeof value === 'object' && value !== null ? (value as JsonObject)[member] : undefined;
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
