import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { ACCOUNT, CI, DAILY, PRODUCTION, PROJECT, runId, STAGING } from './mini-ids.ts';

type Json = Record<string, unknown>;

export { ACCOUNT, CI, DAILY, PRODUCTION, PROJECT, runId, STAGING } from './mini-ids.ts';

export interface MiniRun {
  /** The day of January 2026 on which the run goes from 06:00 to 06:30. */
  day: number;
  job?: number;
  environment?: number;
  status?: number;
  cause?: string;
  /** Files by name for each dbt step; the first of them has index 4. */
  steps: Json[];
}

export const at = (day: number, time: string) => `2026-01-${String(day).padStart(2, '0')}T${time}.123456Z`;

/** Writes a history of the runs into a new folder, which is gone when the test ends, and answers its path. */
export function miniHistory(runs: MiniRun[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mini-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeHistory(folder, runs);
  return folder;
}

/** Writes a history of the runs into a folder that is there. */
export function writeHistory(folder: string, runs: MiniRun[]): void {
  const job = { environment_id: PRODUCTION, execute_steps: ['dbt build'], run_generate_sources: false, schedule: null };
  const environment = { type: 'deployment', deployment_type: 'production' };
  const history = {
    name: 'mini',
    account: { id: ACCOUNT, name: 'Demo' },
    project: { id: PROJECT, name: 'shop' },
    environments: [
      { ...environment, id: PRODUCTION, name: 'Production' },
      { ...environment, id: STAGING, name: 'Staging', deployment_type: 'staging' },
    ],
    jobs: [
      { ...job, id: DAILY, name: 'Daily build', job_type: 'scheduled', generate_docs: true },
      { ...job, id: CI, name: 'Checks', job_type: 'ci', generate_docs: false },
    ],
    runs: runs.map((run, index) => writeRun(folder, run, index + 1)),
  };
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history));
}

function writeRun(folder: string, run: MiniRun, n: number): Json {
  const times = { started_at: at(run.day, '06:00:00'), finished_at: at(run.day, '06:30:00') };
  const cause = run.cause ?? 'scheduled';
  return {
    ...times,
    id: runId(n),
    job_id: run.job ?? DAILY,
    environment_id: run.environment ?? PRODUCTION,
    status: run.status ?? 10,
    cause,
    cause_category: cause,
    title: `run ${n}`,
    git_sha: String(n).repeat(40),
    git_branch: 'main',
    dbt_version: '1.10.0',
    created_at: times.started_at,
    dequeued_at: times.started_at,
    steps: run.steps.map((files, index) => writeStep(folder, { files, run: n, index: index + 4, times })),
  };
}

function writeStep(folder: string, step: { files: Json; run: number; index: number; times: Json }): Json {
  const target = join(folder, 'runs', String(runId(step.run)), String(step.index));
  mkdirSync(target, { recursive: true });
  for (const [name, body] of Object.entries(step.files)) {
    writeFileSync(join(target, `${name}.json.gz`), gzipSync(JSON.stringify(body)));
  }
  const artifacts = Object.keys(step.files).map((name) => `${name}.json`);
  return { ...step.times, index: step.index, name: 'Invoke dbt with `dbt build`', status: 10, artifacts };
}

export function model(name: string, more: Json = {}): Json {
  return {
    unique_id: `model.shop.${name}`,
    name,
    resource_type: 'model',
    package_name: 'shop',
    original_file_path: `models/${name}.sql`,
    alias: name,
    config: { materialized: 'table' },
    depends_on: { nodes: [] },
    ...more,
  };
}

/** A test on a model: generic when `more` has test_metadata. */
export function dataTest(name: string, more: Json = {}): Json {
  return { ...model(name), unique_id: `test.shop.${name}`, resource_type: 'test', ...more };
}

export function source(name: string, more: Json = {}): Json {
  const id = `source.shop.raw.${name}`;
  return { ...model(name), unique_id: id, resource_type: 'source', source_name: 'raw', identifier: name, ...more };
}

export function manifest(day: number, nodes: Json[], more: Json = {}): Json {
  const sources = nodes.filter((node) => node.resource_type === 'source');
  return {
    metadata: {
      generated_at: at(day, '06:01:00'),
      dbt_version: '1.10.0',
      project_name: 'shop',
      adapter_type: 'duckdb',
    },
    nodes: byId(nodes.filter((node) => node.resource_type !== 'source')),
    sources: byId(sources),
    ...more,
  };
}

export function byId(nodes: Json[]): Json {
  return Object.fromEntries(nodes.map((node) => [node.unique_id, node]));
}

export function runResults(day: number, which: string, statuses: Record<string, Json>): Json {
  return {
    metadata: { generated_at: at(day, '06:20:00'), dbt_version: '1.10.0' },
    args: { which },
    results: Object.entries(statuses).map(([unique_id, result]) => ({
      unique_id,
      message: null,
      timing: [],
      ...result,
    })),
  };
}

/** A result that was executed for two and a half seconds from 06:10 of that day. */
export function executed(day: number, status: string, more: Json = {}): Json {
  const timing = [
    { name: 'compile', started_at: at(day, '06:09:00'), completed_at: at(day, '06:09:01') },
    { name: 'execute', started_at: at(day, '06:10:00'), completed_at: at(day, '06:10:02') },
  ];
  return { status, timing, execution_time: 2.5, ...more };
}

/** One step of `dbt build` that gave every model the same status. */
export const build = (day: number, names: string[], status = 'success'): MiniRun => ({
  day,
  steps: [
    {
      manifest: manifest(
        day,
        names.map((name) => model(name)),
      ),
      run_results: runResults(
        day,
        'build',
        Object.fromEntries(names.map((name) => [`model.shop.${name}`, executed(day, status)])),
      ),
    },
  ],
});
