import { hash } from 'node:crypto';
import type { DefinitionRecord } from '../domain/records.ts';

/** A hash of any JSON value, to see without comparing whether it was said before. Absent keys and undefined are the same. */
export function digest(value: unknown): string {
  return hash('sha1', JSON.stringify(value), 'base64');
}

/** A part of a text to be hashed; its length keeps it apart from its neighbours. */
export const hashPart = (value: string | null | undefined): string =>
  value == null ? '-' : `${value.length} ${value}`;

/** The same for a text that was put together of {@link hashPart}s: writing many small things down as JSON takes longer. */
export function textDigest(text: string): string {
  return hash('sha1', text, 'base64');
}

/**
 * The same for facts but for one that is left out, and for what else is said with them. Their text goes in as it is: it
 * is long, and writing it down as JSON takes longer than hashing it. Its length keeps it apart from what follows.
 */
export function factsDigest<Facts extends object>(
  facts: Facts,
  { others = [], except }: { readonly others?: readonly unknown[]; readonly except?: keyof Facts } = {},
): string {
  let text = JSON.stringify(others);
  for (const key in facts) {
    const value = facts[key];
    if (value === undefined || key === except) continue;
    if (value === null) text += `\n${key} null`;
    else text += typeof value === 'string' ? `\n${key} ${value.length} ${value}` : `\n${key} ${JSON.stringify(value)}`;
  }
  return hash('sha1', text, 'base64');
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
