import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, textOf, textsOf } from './json.ts';

export type ArtifactKind = 'manifest' | 'run_results' | 'catalog' | 'sources';
export type Step = { readonly index: number; readonly artifact: (kind: ArtifactKind) => JsonObject | null };
export type Run = {
  readonly id: string;
  readonly jobId: number | null;
  readonly environmentId: number | null;
  readonly isCi: boolean;
  readonly steps: readonly Step[];
};
/** Runs of a dbt environment in order of time, with the artifacts that each step wrote. */
export type History = {
  readonly accountId: number;
  readonly projectId: number;
  readonly environmentId: number;
  readonly runs: readonly Run[];
};

/** Reads `history.json` of a folder; the artifacts are read when first asked for and kept. Throws on a missing file. */
export function loadHistory(dir: string): History {
  const history = objectOf(JSON.parse(readFileSync(join(dir, 'history.json'), 'utf8')) as Json);
  const jobTypes = new Map(objects(history.jobs).map((job) => [numberOf(job.id), textOf(job.job_type)] as const));
  const environments = objects(history.environments);
  const production = environments.find((one) => one.deployment_type === 'production') ?? environments[0];
  return {
    accountId: id(objectOf(history.account)),
    projectId: id(objectOf(history.project)),
    environmentId: id(production ?? {}),
    runs: objects(history.runs).map((run) => loadRun(dir, run, jobTypes)),
  };
}

function loadRun(dir: string, run: JsonObject, jobTypes: Map<number | null, string | null>): Run {
  const jobId = numberOf(run.job_id);
  const trigger = objectOf(run.trigger);
  const cause = textOf(run.cause_category) ?? textOf(trigger.cause_category);
  const schemaOverride = textOf(run.schema_override) ?? textOf(trigger.schema_override);
  return {
    id: String(id(run)),
    jobId,
    environmentId: numberOf(run.environment_id),
    isCi: jobTypes.get(jobId) === 'ci' || cause === 'ci' || Boolean(schemaOverride),
    steps: objects(run.steps).map((step) => loadStep(join(dir, 'runs', String(id(run))), step)),
  };
}

function loadStep(runDir: string, step: JsonObject): Step {
  const index = numberOf(step.index) ?? 0;
  const written = new Set(textsOf(step.artifacts));
  const kept = new Map<ArtifactKind, JsonObject>();
  return {
    index,
    artifact: (kind) => {
      if (!written.has(`${kind}.json`)) return null;
      const artifact = kept.get(kind) ?? readArtifact(join(runDir, String(index), `${kind}.json.gz`));
      kept.set(kind, artifact);
      return artifact;
    },
  };
}

const bulky = ['docs', 'disabled', 'selectors', 'parent_map', 'child_map', 'group_map'];

function readArtifact(path: string): JsonObject {
  const artifact = objectOf(JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Json);
  for (const key of bulky) delete artifact[key];
  for (const macro of Object.values(objectOf(artifact.macros))) {
    if (isObject(macro)) delete macro.macro_sql;
  }
  return artifact;
}

function id(of: JsonObject): number {
  const value = numberOf(of.id);
  if (value === null) throw new Error('history.json: an account, project, environment or run has no numeric id');
  return value;
}

function objects(value: Json | undefined): JsonObject[] {
  return listOf(value).filter(isObject);
}
