import type { DefinitionRecord, ResourceType } from '../../domain/records.ts';
import { definition } from './described.ts';
import type { ManifestContext } from './element.ts';
import { typeOfId } from './type-of-id.ts';

/** What is known of a manifest once all of it was read. */
export interface Whole {
  /** Every id that it defines. */
  readonly ids: ReadonlySet<string>;
  /** Every package that it has anything of, disabled nodes and macros included. */
  readonly packages: ReadonlySet<string>;
  /** Every id that something depends on. */
  readonly parents: ReadonlySet<string>;
}

const EXTERNAL: ResourceType = 'model';

/** `model.finance.ledger.v2` is version 2 of the ledger. */
function nameAndVersion(rest: readonly string[]): { name: string; version: string | null } {
  const last = rest.at(-1) ?? '';
  const isVersioned = rest.length > 1 && /^v.+/.test(last);
  return { name: (isVersioned ? rest.slice(0, -1) : rest).join('.'), version: isVersioned ? last.slice(1) : null };
}

/**
 * Stubs for the models of other projects that are parents here, and of which the manifest has nothing but the id.
 * Other parents that nobody defines are disabled or removed, and no nodes of another project.
 */
export function externalParents({ ids, packages, parents }: Whole, context: ManifestContext): DefinitionRecord[] {
  const found: DefinitionRecord[] = [];
  for (const uniqueId of parents) {
    const [, packageName = '', ...rest] = uniqueId.split('.');
    if (ids.has(uniqueId) || typeOfId(uniqueId) !== EXTERNAL || packageName === '' || packages.has(packageName))
      continue;
    const facts = { packageName, ...nameAndVersion(rest) };
    found.push(definition({ uniqueId, resourceType: EXTERNAL, state: 'external', facts, parents: [] }, context));
  }
  return found;
}
