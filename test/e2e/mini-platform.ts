import { expect, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../demo/platform/platform.ts';
import { type MiniRun, miniHistory, PRODUCTION } from './mini-history.ts';

type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests state the shape they expect
  body: any;
}

let platform: Platform;

/** A platform that has ingested the runs, until the end of the test. */
export async function given(...runs: MiniRun[]): Promise<Platform> {
  const started = await startPlatform({ histories: [miniHistory(runs)] });
  platform = started;
  onTestFinished(() => started.close());
  return started;
}

export async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${DEFAULT_TOKEN}`, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(`${platform.url}${path}`, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

/** A request for a page of the applied models, with its answer as it comes over the wire. */
export function ask({ url }: Platform, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${DEFAULT_TOKEN}`, ...init.headers };
  const body = JSON.stringify({ query: PAGE, variables: { id: PRODUCTION } });
  return fetch(`${url}/graphql`, { method: 'POST', body, ...init, headers });
}

export function post(path: string, body: Json): Promise<Answer> {
  return call(path, { method: 'POST', body: JSON.stringify(body) });
}

export function graphql(query: string, variables: Json = {}): Promise<Answer> {
  return post('/graphql', { query, variables });
}

export async function environment(fields: string, id = PRODUCTION) {
  const { body } = await graphql(`query Asked { environment(id: ${id}) { ${fields} } }`);
  expect(body.errors).toBeUndefined();
  return body.data.environment;
}

interface Asked {
  state: 'applied' | 'definition';
  of: string;
  fields?: string;
}

export async function nodes({ state, of, fields = 'uniqueId' }: Asked) {
  const found = await environment(`${state} { ${of} { edges { node { ${fields} } } } }`);
  return found[state][of].edges.map((edge: { node: unknown }) => edge.node);
}

export const PAGE = `query Page($id: BigInt!, $first: Int, $after: String, $filter: ModelAppliedFilter) {
  environment(id: $id) { applied { models(first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { endCursor hasNextPage } edges { node { name uniqueId tags } }
  } } }
}`;

/** One page of the applied models, flattened to what the tests of paging look at. */
export async function page(variables: Record<string, unknown>) {
  const { status, body } = await graphql(PAGE, { id: PRODUCTION, ...variables });
  const models = body.data?.environment?.applied?.models;
  const nodes = models?.edges.map((edge: { node: unknown }) => edge.node) as { name: string; uniqueId: string }[];
  const [error] = body.errors ?? [];
  return {
    status,
    names: nodes?.map(({ name }) => name),
    ids: nodes?.map(({ uniqueId }) => uniqueId),
    ...models?.pageInfo,
    total: models?.totalCount,
    message: error?.message,
    code: error?.extensions?.code,
  };
}
