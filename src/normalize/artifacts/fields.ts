import { z } from 'zod';
import type { Json } from '../../domain/records.ts';
import { isPlain, leavesAsItIs } from '../plain.ts';
import { instant, keyText } from '../scalars.ts';

/**
 * Fields of artifacts. A null and a missing key are the same (dbt Fusion leaves nulls out), and objects are taken as
 * they are: how deep they are was seen when the file was scanned, so nothing is copied here.
 */

/** A JSON object, by reference. */
export type Bag = { [key: string]: Json };

export const told = z.string().nullish();
export const toldKey = keyText.nullish();

export const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const bag = leavesAsItIs(z.custom<Bag>(isBag, 'is not an object'), isBag).nullish();

const isInt32 = (value: unknown) => typeof value === 'number' && (value | 0) === value;

export const toldCount = leavesAsItIs(z.int32(), isInt32).nullish();

/** Any JSON value, by reference. */
export const json = leavesAsItIs(z.custom<Json>(() => true).optional(), () => true);

/** dbt takes one tag and a list of them; both are a list here. */
const tags = z.array(keyText);
export const tagList = leavesAsItIs(z.union([keyText.transform((tag) => [tag]), tags]), (value) =>
  isPlain(tags, value),
).nullish();

const ZONELESS = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?)?$/;

/** dbt keeps its times in UTC and not always says so; a date alone is its midnight. */
function withZone(value: unknown): unknown {
  if (typeof value !== 'string' || !ZONELESS.test(value)) return value;
  return value.length === 10 ? `${value}T00:00:00Z` : `${value}Z`;
}

const zoned = instant.nullish();
export const toldInstant = leavesAsItIs(z.preprocess(withZone, zoned), (value) => isPlain(zoned, value));

/** Versions of models come as numbers and as text. */
export const versionText = leavesAsItIs(
  z
    .union([z.string(), z.number()])
    .nullish()
    .transform((value) => (typeof value === 'number' ? String(value) : value)),
  (value) => isPlain(told, value),
);

/** An instant of an artifact, or null when the value is none. */
export function instantOf(value: unknown): string | null {
  return toldInstant.safeParse(value).data ?? null;
}

export const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

/** A number, or null when the value is none; JSON's 1e999 is none either. */
export const finite = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
