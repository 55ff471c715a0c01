import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Artifacts } from './artifacts.ts';

export interface HistoryStep {
  index: number;
  name: string;
  status: number;
  started_at: string;
  finished_at: string;
  artifacts: string[];
}

export interface HistoryRun {
  id: number;
  job_id: number;
  environment_id: number;
  status: number;
  cause_category: string;
  cause: string;
  title: string;
  git_sha: string;
  git_branch: string;
  dbt_version: string;
  created_at: string;
  dequeued_at: string;
  started_at: string;
  finished_at: string;
  steps: HistoryStep[];
}

export interface HistoryJob {
  id: number;
  name: string;
  job_type: string;
  environment_id: number;
  execute_steps: string[];
  generate_docs: boolean;
  run_generate_sources: boolean;
  schedule: string | null;
}

export interface HistoryEnvironment {
  id: number;
  name: string;
  deployment_type: string | null;
  type: string;
}

/** One dbt project's past, as history.json states it; runs stand in order of time. */
export interface History {
  name: string;
  folder: string;
  account: { id: number; name: string };
  project: { id: number; name: string };
  environments: HistoryEnvironment[];
  jobs: HistoryJob[];
  runs: HistoryRun[];
}

export function loadHistory(folder: string): History {
  const file = join(folder, 'history.json');
  if (!existsSync(file)) throw new Error(`No history in ${folder}: ${file} does not exist.`);
  return { ...JSON.parse(readFileSync(file, 'utf8')), folder };
}

/** The bytes of an artifact as dbt wrote them, or null when this step's invocation wrote no such file. */
export function artifactBytes(history: History, run: HistoryRun, step: HistoryStep, name: string): Buffer | null {
  if (!step.artifacts.includes(name)) return null;
  return gunzipSync(readFileSync(join(history.folder, 'runs', String(run.id), String(step.index), `${name}.gz`)));
}

export type ArtifactReader = <Name extends keyof Artifacts>(
  run: HistoryRun,
  step: HistoryStep,
  name: Name,
) => Artifacts[Name] | null;

export function artifactReader(history: History): ArtifactReader {
  return (run, step, name) => {
    const bytes = artifactBytes(history, run, step, name);
    return bytes && JSON.parse(bytes.toString('utf8'));
  };
}

/** Runs of a CI job check a proposal: the service keeps them out of the state of the environment. */
export function isCi(history: History, run: HistoryRun): boolean {
  const job = history.jobs.find(({ id }) => id === run.job_id);
  return run.cause_category === 'ci' || job?.job_type === 'ci';
}
