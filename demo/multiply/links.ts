import type { ManifestNode } from '../platform/artifacts.ts';
import { markId, type Names, OTHER } from './names.ts';

/** The edge between two copies: `child` of one depends on `parent` of another. */
export interface Link {
  readonly child: string;
  readonly parent: string;
  readonly parentName: string;
}

/**
 * The longest way through the project from a model that reads sources only to one that no model reads, so that copies in
 * a chain make deep lineage. Null when there is none. `steady` are the models that never failed: a failure of another
 * copy's model would have skipped this copy.
 */
export function findLink({ nodes }: Names, steady: (uniqueId: string) => boolean): Link | null {
  const models = [...nodes.values()].filter(({ resource_type: type }) => type === 'model');
  const read = new Set(models.flatMap(parentsOf));
  const heads = models.filter((model) => parentsOf(model).every((id) => !id.startsWith('model.')));
  let longest: { link: Link; distance: number } | null = null;
  for (const { unique_id: child } of heads) {
    for (const [parent, distance] of descendants(child, models)) {
      const { name = '', version } = nodes.get(parent) ?? {};
      if (read.has(parent) || version != null || !steady(parent) || distance <= (longest?.distance ?? 0)) continue;
      longest = { link: { child, parent, parentName: name }, distance };
    }
  }
  return longest?.link ?? null;
}

function parentsOf(node: ManifestNode): string[] {
  return node.depends_on?.nodes ?? [];
}

function descendants(start: string, models: readonly ManifestNode[]): Map<string, number> {
  const found = new Map<string, number>([[start, 0]]);
  for (let added = true, distance = 1; added; distance++) {
    const next = models.filter((model) => !found.has(model.unique_id) && parentsOf(model).some((id) => found.has(id)));
    for (const { unique_id: id } of next) found.set(id, distance);
    added = next.length > 0;
  }
  found.delete(start);
  return found;
}

/** The child as the manifest of a copy that builds on another has it: the parent is named as dbt asks for in a comment. */
export function linked(node: object, { parent, parentName }: Link): object {
  const { depends_on: on, refs, raw_code: code } = node as { depends_on: object; refs: unknown[]; raw_code: string };
  const { nodes } = on as { nodes: string[] };
  return {
    ...node,
    raw_code: `${code}\n-- depends_on: {{ ref('${parentName}${OTHER}') }}`,
    refs: [...refs, { name: parentName + OTHER, package: null, version: null }],
    depends_on: { ...on, nodes: [...nodes, markId(parent, OTHER)] },
  };
}
