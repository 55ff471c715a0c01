import type { ResourceType } from '../../domain/records.ts';

const TYPES: ReadonlyMap<string, ResourceType> = new Map<string, ResourceType>([
  ['model', 'model'],
  ['seed', 'seed'],
  ['snapshot', 'snapshot'],
  ['source', 'source'],
  ['test', 'test'],
  ['unit_test', 'test'],
  ['exposure', 'exposure'],
  ['metric', 'metric'],
  ['semantic_model', 'semantic_model'],
  ['saved_query', 'saved_query'],
  ['group', 'group'],
  ['macro', 'macro'],
  ['analysis', 'analysis'],
  ['operation', 'operation'],
  ['function', 'function'],
]);

/** Unit tests count as tests; of an id that begins like nothing of dbt the type is unknown. */
export function typeOfId(uniqueId: string): ResourceType | null {
  const dot = uniqueId.indexOf('.');
  return TYPES.get(dot < 0 ? uniqueId : uniqueId.slice(0, dot)) ?? null;
}
