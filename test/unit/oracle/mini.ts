import type { JsonObject } from '../../oracle/json.ts';
import type { ArtifactKind, History, Run, Step } from '../../oracle/load.ts';

/** The `n`th hour of the mini histories' day, as dbt writes it (microseconds). */
export const at = (hour: number): string => `2026-01-01T${String(hour).padStart(2, '0')}:00:00.123456Z`;
/** The same moment as readers see it. */
export const seen = (hour: number): string => at(hour).replace('.123456Z', '.123Z');

export function historyOf(...runs: Run[]): History {
  return { accountId: 1, projectId: 2, environmentId: 3, runs };
}

export function runOf(id: number, steps: Step[], more: Partial<Run> = {}): Run {
  return { id: String(id), jobId: 7, environmentId: 3, isCi: false, steps, ...more };
}

export function stepOf(index: number, files: Partial<Record<ArtifactKind, JsonObject>>): Step {
  return { index, artifact: (kind) => files[kind] ?? null };
}

/** A run of one build step with its manifest and results, both generated at the given hour. */
export function buildOf(id: number, hour: number, nodes: JsonObject[], results: JsonObject[] = []): Run {
  return runOf(id, [stepOf(4, { manifest: manifestOf(hour, nodes), run_results: runResultsOf(hour, results) })]);
}

const collectionOf: Record<string, string> = {
  source: 'sources',
  exposure: 'exposures',
  group: 'groups',
  macro: 'macros',
  metric: 'metrics',
  unit_test: 'unit_tests',
};

export function manifestOf(hour: number, nodes: JsonObject[]): JsonObject {
  const manifest: JsonObject = { metadata: { generated_at: at(hour) } };
  for (const node of nodes) {
    const collection = collectionOf[String(node.resource_type)] ?? 'nodes';
    manifest[collection] = { ...(manifest[collection] as JsonObject), [String(node.unique_id)]: node };
  }
  return manifest;
}

export function runResultsOf(hour: number, results: JsonObject[], which = 'build', invocation?: string): JsonObject {
  return {
    metadata: { generated_at: at(hour), invocation_id: invocation ?? `${which}-${hour}` },
    args: { which },
    results,
  };
}

export function catalogOf(hour: number, columns: Record<string, [name: string, type: string][]>): JsonObject {
  const nodes = Object.entries(columns).map(([uniqueId, list]) => [
    uniqueId,
    { columns: Object.fromEntries(list.map(([name, type], index) => [name, { name, type, index: index + 1 }])) },
  ]);
  return { metadata: { generated_at: at(hour) }, nodes: Object.fromEntries(nodes) };
}

export function node(resourceType: string, name: string, more: JsonObject = {}): JsonObject {
  return {
    resource_type: resourceType,
    unique_id: `${resourceType}.shop.${name}`,
    package_name: 'shop',
    name,
    original_file_path: `models/${name}.sql`,
    description: '',
    tags: [],
    meta: {},
    depends_on: { nodes: [], macros: [] },
    ...more,
  };
}

export function model(name: string, more: JsonObject = {}): JsonObject {
  const code = { raw_code: `select '${name}'`, config: { materialized: 'table' } };
  return node('model', name, { alias: name, database: 'db', schema: 'main', ...code, ...more });
}

export function source(name: string, more: JsonObject = {}): JsonObject {
  const uniqueId = { unique_id: `source.shop.raw.${name}`, source_name: 'raw', identifier: name };
  return node('source', name, { database: 'db', schema: 'raw', ...uniqueId, ...more });
}

export function parents(...uniqueIds: string[]): JsonObject {
  return { depends_on: { nodes: uniqueIds, macros: ['macro.dbt.statement'] } };
}

export function result(uniqueId: string, status: string, more: JsonObject = {}): JsonObject {
  return { unique_id: uniqueId, status, execution_time: 1.5, timing: [], message: null, failures: null, ...more };
}

export function freshnessOf(hour: number, uniqueId: string, status: string): JsonObject {
  const criteria = { warn_after: { count: 2, period: 'hour' }, error_after: { count: null, period: null } };
  const row = { unique_id: uniqueId, status, snapshotted_at: at(hour), max_loaded_at: at(0), criteria };
  return { results: [{ ...row, max_loaded_at_time_ago_in_s: hour * 3600 }] };
}
