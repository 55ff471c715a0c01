import { z } from 'zod';
import type { BuildRecord, CompiledRecord, DefinitionFacts, DefinitionRecord, Json } from '../../domain/records.ts';
import { packageOf } from '../normalized.ts';
import { ownerFromMeta } from '../owner.ts';
import type { ManifestContext } from './element.ts';
import { type Bag, bag, isBag, tagList, textOf, told, toldKey } from './fields.ts';
import { isUniqueId, parsed } from './shape.ts';

/** What every element of a manifest says of itself, whatever its type. */
export const described = {
  name: told,
  package_name: told,
  description: told,
  original_file_path: told,
  tags: tagList,
  meta: bag,
  config: bag,
  depends_on: bag,
};

const describedObject = z.object(described);

export type Described = z.output<typeof describedObject>;

const isFilled = (meta: Bag | null | undefined) => meta != null && Object.keys(meta).length > 0;

/** dbt writes meta at the top, in config, or in both; the place that says something wins. */
export function metaOf({ meta, config }: { meta?: Bag | null | undefined; config?: Bag | null | undefined }): Json {
  const inConfig = isBag(config?.meta) ? config.meta : undefined;
  return isFilled(meta) ? (meta ?? null) : isFilled(inConfig) ? (inConfig ?? null) : (meta ?? inConfig ?? null);
}

/** The tags that a config states; none where it states something else. */
export function tagsIn(config: Bag | null | undefined): string[] {
  const tags = config?.tags;
  return tags === undefined ? [] : (parsed(tagList, tags) ?? []);
}

/** `tests:` and `data_tests:` got these two tags by themselves up to dbt 0.21 (manifests v1 to v3). */
const AUTOMATIC = new Set(['schema', 'data']);

/** The user's tags, from the top or from config. */
export function tagsOf({ tags, config }: Pick<Described, 'tags' | 'config'>, { version }: ManifestContext): string[] {
  const all = tags != null && tags.length > 0 ? tags : tagsIn(config);
  if (version > 3) return all;
  const fromConfig = tagsIn(config);
  return all.filter((tag) => !AUTOMATIC.has(tag) || fromConfig.includes(tag));
}

/** Facts that are being put together: of very many nodes, so that nothing is spread and copied on the way. */
export type Stated<Facts> = { -readonly [Fact in keyof Facts]: Facts[Fact] };

/** The facts that every type has under the same keys, but for tags: only tests had automatic ones. */
export function describedFacts(uniqueId: string, node: Described): Stated<DefinitionFacts> {
  const meta = metaOf(node);
  const { ownerName = null, ownerEmail = null } = ownerFromMeta(meta);
  return {
    name: node.name ?? null,
    packageName: node.package_name ?? packageOf(uniqueId),
    description: node.description ?? null,
    tags: node.tags != null && node.tags.length > 0 ? node.tags : tagsIn(node.config),
    meta,
    ownerName,
    ownerEmail,
    filePath: node.original_file_path || null,
  };
}

/** The direct parents as a set: dbt writes one entry for each call of ref. Macros are no lineage. */
export function parentsOf({ depends_on: dependsOn }: Pick<Described, 'depends_on'>): string[] {
  const nodes = dependsOn?.nodes;
  if (!Array.isArray(nodes) || nodes.length === 0) return [];
  const ids = new Set<string>();
  for (const id of nodes) {
    if (typeof id === 'string' && !id.startsWith('macro.') && isUniqueId(id)) ids.add(id);
  }
  return [...ids];
}

type Definition = Pick<DefinitionRecord, 'uniqueId' | 'resourceType' | 'facts' | 'parents'> &
  Partial<Pick<DefinitionRecord, 'state' | 'columns'>>;

export function definition(parts: Definition, { at, runId }: ManifestContext): DefinitionRecord {
  const { uniqueId, resourceType, state = 'defined', facts, parents, columns } = parts;
  const kind = 'definition';
  if (columns === undefined) return { kind, state, at, runId, uniqueId, resourceType, facts, parents };
  return { kind, state, at, runId, uniqueId, resourceType, facts, parents, columns };
}

/** The build group; nothing when the element states none of it. */
export function build(uniqueId: string, facts: BuildRecord['facts'], { at }: ManifestContext): BuildRecord[] {
  for (const _ in facts) return [{ kind: 'build', uniqueId, at, facts }];
  return [];
}

/** Code that its invocation only compiled; what was built with it has it among the facts of the build. */
export function onlyCompiled(
  uniqueId: string,
  code: string | null | undefined,
  { at, isBuild }: ManifestContext,
): CompiledRecord[] {
  return code == null || isBuild ? [] : [{ kind: 'compiled', uniqueId, at, code, isBuilt: false }];
}

/** Config as a fact: one that is missing or null was not stated. */
export function configFact({ config }: Pick<Described, 'config'>): { config?: Json } {
  return config == null ? {} : { config };
}

type Grouped = { group?: string | null | undefined; config?: Bag | null | undefined };

/** Manifests before v9 know no groups and do not state them. */
export const statesGroups = ({ version }: ManifestContext): boolean => version >= 9;

/** The group of a node. */
export function groupOf({ group, config }: Grouped): string | null {
  return group ?? textOf(config?.group);
}

export const grouped = { group: toldKey };
