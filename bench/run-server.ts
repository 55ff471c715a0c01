import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { enveloped, headOf, manifestOf, rowsOf, runOf, stepsOf, timeOf } from './run-documents.ts';

/** What is served: so many runs with so many results each. */
const { runs, results } = JSON.parse(process.argv[2] ?? '') as { runs: number; results: number };
const VARIANTS = 50;
const PAGE = 100;

const variants = Array.from({ length: VARIANTS }, (_, variant) => rowsOf(variant, results));
const ids = Array.from({ length: runs }, (_, index) => index + 1);
const pages = new Map(
  ids
    .filter((id) => id % PAGE === 1)
    .map((id) => [id - 1, enveloped(ids.slice(id - 1, id - 1 + PAGE).map(runOf), runs - id + 1)]),
);
const details = ids.map((id) => enveloped({ ...runOf(id), run_steps: stepsOf(id) }));
const heads = ids.map(headOf);
const manifest = manifestOf(results);
const none = enveloped([], 0);

/** Pages begin with every hundredth run: the first that is behind the given run and ended within the range. */
function pageOf(query: URLSearchParams): Buffer {
  const [from, to] = JSON.parse(query.get('finished_at__range') ?? '["",""]') as [string, string];
  const first = ids.find((id) => timeOf(id, 600) >= from) ?? runs + 1;
  const after = Math.max(Number(query.get('id__gt') ?? 0), first - 1 - ((first - 1) % PAGE));
  return timeOf(after + 1, 600) > `${to}Z` ? none : (pages.get(after) ?? none);
}

function bodyOf({ pathname, searchParams }: URL): Buffer[] {
  const [, id, artifact] = /\/runs\/(\d+)\/(artifacts\/.+)?$/.exec(pathname) ?? [];
  if (artifact === 'artifacts/manifest.json') return [manifest];
  if (id !== undefined && artifact !== undefined)
    return [heads[Number(id) - 1] ?? none, variants[Number(id) % VARIANTS] ?? none];
  if (id !== undefined) return [details[Number(id) - 1] ?? none];
  return [pathname.endsWith('/runs/') ? pageOf(searchParams) : none];
}

const server = createServer(({ url = '/' }, response) => {
  const body = bodyOf(new URL(url, 'http://127.0.0.1'));
  response.writeHead(200, { 'content-length': body.reduce((sum, { length }) => sum + length, 0) });
  for (const part of body) response.write(part);
  response.end();
});
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
process.on('disconnect', () => process.exit());
