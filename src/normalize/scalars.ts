import { z } from 'zod';
import { RejectError } from '../domain/errors.ts';
import type { Json } from '../domain/records.ts';
import { isShallow, TOO_DEEP } from './depth.ts';
import { isPlain, leavesAsItIs } from './plain.ts';

const INSTANT =
  /^\d{4}-(?:0[1-9]|1[0-2])-\d{2}[T ](?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,30})?(?:Z|[+-](?:0\d|1[0-5]):?[0-5]\d)$/;

/** An instant that Postgres takes. It is told here, for `Date.parse` rolls some impossible days over and knows no limit of the offset. */
export function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  if (year < 1 || day < 1) return false;
  return day <= 28 || day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** An instant as text, kept with the precision it was sent in. */
export const instant = leavesAsItIs(
  z.string().refine(isInstant, 'is not a date and time with an offset'),
  (value) => typeof value === 'string' && isInstant(value),
);

function isId(value: unknown): value is number | string {
  if (typeof value === 'string' && !/^\d{1,16}$/.test(value)) return false;
  return (typeof value === 'number' || typeof value === 'string') && Number.isSafeInteger(Number(value));
}

/** dbt ids exceed 2^31 and stay below 2^53; the API may send them as numbers or as text. */
export const id = leavesAsItIs(
  z.custom<number | string>(isId, 'is not an id').transform(Number),
  (value) => typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0),
);

/** A count, which may exceed 2^31. */
export const count = id;

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON object, as meta, config and type parameters are. It is taken as it is, not copied. */
export const jsonObject = leavesAsItIs(
  z.custom<Json>(isObject, 'is not an object').refine((value) => isShallow(value), TOO_DEEP),
  (value) => isObject(value) && isShallow(value),
);

export const text = z.string();
export const nullableText = z.string().nullable();
export const nullableInstant = instant.nullable();
export const nullableId = id.nullable();
export const nullableJson = jsonObject.nullable();
export const seconds = z.number().nullable();

/** Bytes that fit into an index of Postgres together with the other columns of a key. */
const MAX_KEY_BYTES = 2_000;

/** A NUL is one byte as it comes and three as it is stored. No character takes more than three for each of its units. */
const fitsKey = (value: string) =>
  value.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(value.replaceAll('\0', '\uFFFD')) <= MAX_KEY_BYTES;

/** Text that becomes part of a key or of an index: a column's name, a tag, a group. */
export const keyText = leavesAsItIs(
  z.string().refine(fitsKey, 'is too long'),
  (value) => typeof value === 'string' && fitsKey(value),
);
export const nullableKeyText = keyText.nullable();

/** A unique id of dbt: never empty. Its form is not checked, for old and hand-made ones have any. */
export const uniqueId = leavesAsItIs(
  keyText.min(1),
  (value) => typeof value === 'string' && value !== '' && fitsKey(value),
);

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/**
 * Reads a value by its schema. There are very many of them, and nearly all are plain: those are taken as they are.
 * @throws RejectError naming the first fields that do not fit.
 */
export function read<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  if (isPlain(schema, raw)) return raw as z.output<Schema>;
  const { success, data, error } = schema.safeParse(raw);
  if (success) return data;
  throw new RejectError(error.issues.slice(0, 3).map(describe).join('; '));
}
