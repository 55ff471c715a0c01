import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is served: so many runs with so many results each, one every 45 minutes from the first of January on. */
const { runs, results } = JSON.parse(process.argv[2] ?? '') as { runs: number; results: number };
const VARIANTS = 50;
const PAGE = 100;
const BASE = { account_id: 1, project_id: 3, environment_id: 7, job_definition_id: 40, status: 10, is_complete: true };

const timeOf = (id: number, seconds = 0) =>
  new Date(Date.UTC(2026, 0, 1) + id * 2_700_000 + seconds * 1_000).toISOString();
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const enveloped = (data: unknown, total?: number) =>
  json({ status: { code: 200, is_success: true }, data, extra: { pagination: { total_count: total ?? null } } });

const runOf = (id: number) => ({
  id,
  ...BASE,
  created_at: timeOf(id),
  started_at: timeOf(id, 5),
  finished_at: timeOf(id, 600),
  artifacts_saved: true,
  git_sha: 'a'.repeat(40),
  trigger: { cause: 'scheduled', cause_category: 'scheduled' },
  job: { id: 40, name: 'Daily', job_type: 'scheduled' },
});

const step = (id: number, index: number, name: string) => {
  const times = { started_at: timeOf(id, 10 + index), finished_at: timeOf(id, 500 + index) };
  return { index, name, status: 10, ...times };
};
const stepsOf = (id: number) => [
  step(id, 1, 'Clone Git Repository'),
  step(id, 2, 'Create Profile from Connection warehouse'),
  step(id, 3, 'Invoke dbt with `dbt deps`'),
  step(id, 4, 'Invoke dbt with `dbt build`'),
];

/** Of the nodes a quarter are models; now and then a test fails, another one in each variant. */
function rowsOf(variant: number): Buffer {
  const rows = Array.from({ length: results }, (_, node) => {
    const isModel = node % 4 === 0;
    const fails = !isModel && (node + variant) % 37 === 0;
    const status = isModel ? 'success' : fails ? 'fail' : 'pass';
    const timing = [{ name: 'execute', started_at: timeOf(variant, node), completed_at: timeOf(variant, node + 1) }];
    const unique_id = isModel ? `model.shop.model_${node}` : `test.shop.not_null_model_${node}_id.a1b2c3d4e5`;
    const adapter_response = { _message: 'SELECT 1200', code: 'SELECT', rows_affected: 1_200 };
    const more = { thread_id: 'Thread-1', execution_time: 1.25, message: fails ? 'Got 3 results' : null };
    return { status, timing, ...more, failures: isModel ? null : fails ? 3 : 0, adapter_response, unique_id };
  });
  return Buffer.from(`"results":${JSON.stringify(rows)},"elapsed_time":480.5,"args":{"which":"build"}}`);
}

const variants = Array.from({ length: VARIANTS }, (_, variant) => rowsOf(variant));
const ids = Array.from({ length: runs }, (_, index) => index + 1);
const pages = new Map(
  ids
    .filter((id) => id % PAGE === 1)
    .map((id) => [id - 1, enveloped(ids.slice(id - 1, id - 1 + PAGE).map(runOf), runs - id + 1)]),
);
const details = ids.map((id) => enveloped({ ...runOf(id), run_steps: stepsOf(id) }));
const heads = ids.map((id) => {
  const metadata = {
    dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json',
    generated_at: timeOf(id, 590),
    invocation_id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  };
  return Buffer.from(`{"metadata":${JSON.stringify(metadata)},`);
});
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
