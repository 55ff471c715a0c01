import type { CatalogEntry, JsonObject, ManifestColumn, ManifestNode } from './artifacts.ts';
import { date, list } from './facts.ts';
import { type EnvironmentState, findNode } from './fold.ts';

/** What the newest catalog that saw the relation says of it, with the column texts of the project merged in. */
export function catalogFacts(state: EnvironmentState, node: ManifestNode): JsonObject | null {
  const known = state.catalog.get(node.unique_id);
  if (!known) return null;
  const { entry, origin } = known;
  const current = (state.manifest && findNode(state.manifest.body, node.unique_id)) ?? node;
  return {
    runId: origin.runId,
    runGeneratedAt: date(origin.generatedAt),
    type: entry.metadata?.type ?? null,
    comment: entry.metadata?.comment ?? null,
    owner: entry.metadata?.owner ?? null,
    bytesStat: stat(entry, ['bytes', 'num_bytes']),
    rowCountStat: stat(entry, ['row_count', 'num_rows', 'rows']),
    columns: () => columns(entry, current.columns ?? {}),
  };
}

/** Some adapters write true where the number is unknown. */
function stat(entry: CatalogEntry, names: string[]): number | null {
  const value = names.map((name) => entry.stats?.[name]?.value).find((known) => typeof known === 'number');
  return typeof value === 'number' ? Math.trunc(value) : null;
}

/** Warehouses fold the case of names, projects write as they like: the two are matched without regard to case. */
function columns(entry: CatalogEntry, authored: Record<string, ManifestColumn>): JsonObject[] {
  const byName = new Map(Object.entries(authored).map(([name, column]) => [name.toLowerCase(), column]));
  return Object.entries(entry.columns ?? {})
    .map(([name, column]) => {
      const text = byName.get((column.name ?? name).toLowerCase());
      return {
        name: column.name ?? name,
        index: column.index ?? null,
        type: column.type ?? null,
        comment: column.comment ?? null,
        description: text?.description ?? null,
        tags: list(text?.tags ?? text?.config?.tags),
        meta: text?.meta ?? text?.config?.meta ?? null,
      };
    })
    .sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}
