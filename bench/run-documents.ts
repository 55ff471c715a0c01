/** One run every 45 minutes from the first of January on, each of which lasts ten minutes. */
const BASE = { account_id: 1, project_id: 3, environment_id: 7, job_definition_id: 40, status: 10, is_complete: true };

export const timeOf = (id: number, seconds = 0) =>
  new Date(Date.UTC(2026, 0, 1) + id * 2_700_000 + seconds * 1_000).toISOString();
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
export const enveloped = (data: unknown, total?: number) =>
  json({ status: { code: 200, is_success: true }, data, extra: { pagination: { total_count: total ?? null } } });

export const runOf = (id: number) => ({
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
export const stepsOf = (id: number) => [
  step(id, 1, 'Clone Git Repository'),
  step(id, 2, 'Create Profile from Connection warehouse'),
  step(id, 3, 'Invoke dbt with `dbt deps`'),
  step(id, 4, 'Invoke dbt with `dbt build`'),
];

const isModelAt = (node: number) => node % 4 === 0;
const idOf = (node: number) =>
  isModelAt(node) ? `model.shop.model_${node}` : `test.shop.not_null_model_${node}_id.a1b2c3d4e5`;

/** Of the nodes a quarter are models; now and then a test fails, another one in each variant. */
export function rowsOf(variant: number, results: number): Buffer {
  const rows = Array.from({ length: results }, (_, node) => {
    const isModel = isModelAt(node);
    const fails = !isModel && (node + variant) % 37 === 0;
    const status = isModel ? 'success' : fails ? 'fail' : 'pass';
    const timing = [{ name: 'execute', started_at: timeOf(variant, node), completed_at: timeOf(variant, node + 1) }];
    const unique_id = idOf(node);
    const adapter_response = { _message: 'SELECT 1200', code: 'SELECT', rows_affected: 1_200 };
    const more = { thread_id: 'Thread-1', execution_time: 1.25, message: fails ? 'Got 3 results' : null };
    return { status, timing, ...more, failures: isModel ? null : fails ? 3 : 0, adapter_response, unique_id };
  });
  return Buffer.from(`"results":${JSON.stringify(rows)},"elapsed_time":480.5,"args":{"which":"build"}}`);
}

/** The beginning of the file of a run's results, before {@link rowsOf}. */
export function headOf(id: number): Buffer {
  const metadata = {
    dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json',
    generated_at: timeOf(id, 590),
    invocation_id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  };
  return Buffer.from(`{"metadata":${JSON.stringify(metadata)},`);
}

/** The manifest of every run. */
export function manifestOf(results: number): Buffer {
  const element = (node: number) => {
    const type = isModelAt(node) ? 'model' : 'test';
    const code = { raw_code: 'select 1\n'.repeat(40), depends_on: { nodes: [] } };
    return [
      idOf(node),
      { unique_id: idOf(node), resource_type: type, package_name: 'shop', name: `node_${node}`, ...code },
    ];
  };
  const nodes = Object.fromEntries(Array.from({ length: results }, (_, node) => element(node)));
  const metadata = {
    dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
    generated_at: timeOf(1, 590),
  };
  return json({ metadata, nodes, sources: {}, macros: {} });
}
