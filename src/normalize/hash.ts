import { hash } from 'node:crypto';
import type { DefinitionRecord } from '../domain/records.ts';

/** A hash of any JSON value, to see without comparing whether it was said before. Absent keys and undefined are the same. */
export function digest(value: unknown): string {
  return hash('sha1', JSON.stringify(value), 'base64');
}

/**
 * Hash of the common core: what both sources state of a definition and `dbt.changes` covers (store.md, "Who states
 * what"). Line ends and the order of tags and parents do not count.
 */
export function coreHash({ resourceType, facts, parents }: DefinitionRecord): string {
  const { description, meta, materialization, access, groupName, ownerName, ownerEmail, contractEnforced } = facts;
  return digest([
    facts.rawCode?.replaceAll('\r\n', '\n') ?? null,
    description || null,
    [...(facts.tags ?? [])].sort(),
    meta,
    materialization,
    resourceType === 'model' ? [access, groupName] : null,
    [ownerName, ownerEmail],
    contractEnforced,
    [...parents].sort(),
    resourceType === 'test' ? null : [facts.databaseName, facts.schemaName, facts.identifier],
  ]);
}
