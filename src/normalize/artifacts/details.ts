import type { Json } from '../../domain/records.ts';
import { type Bag, isBag } from './fields.ts';

/** Characters of JSON text that the details of one node may take; given rows of unit tests can be any size. */
const MAX_SIZE = 16_384;

function isEmpty(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The larger parts go first, and their names stay. */
function bounded(details: Bag): Bag {
  const sizes = Object.entries(details).map(([key, value]) => ({ key, value, size: JSON.stringify(value).length }));
  const kept: Bag = {};
  const leftOut: string[] = [];
  let size = 0;
  for (const part of sizes.sort((left, right) => left.size - right.size)) {
    size += part.size;
    if (size > MAX_SIZE) leftOut.push(part.key);
    else kept[part.key] = part.value;
  }
  return leftOut.length === 0 ? details : { ...kept, left_out: leftOut };
}

/**
 * What of a node is worth keeping and has no column: the named keys that say something, under dbt's own names.
 * Nothing that changes with every parse belongs here, for then every sync would write the node anew.
 */
export function detailsOf(raw: unknown, keys: readonly string[]): Bag {
  const found: Bag = {};
  if (!isBag(raw)) return found;
  let isAny = false;
  for (const key of keys) {
    const value = raw[key];
    if (value === undefined || isEmpty(value)) continue;
    found[key] = value;
    isAny = true;
  }
  return isAny ? bounded(found) : found;
}

/** The same as a fact. */
export function details(raw: unknown, keys: readonly string[]): { details: Bag } {
  return { details: detailsOf(raw, keys) };
}

/** Owners may carry more than a name and an address (a channel, a team); only then they are worth a detail. */
export function ownerDetail(owner: Bag | null | undefined): string[] {
  return Object.keys(owner ?? {}).some((key) => key !== 'name' && key !== 'email') ? ['owner'] : [];
}
