import { z } from 'zod';
import { RejectError } from '../domain/errors.ts';
import type { Json } from '../domain/records.ts';

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;

function isInstant(text: string): boolean {
  const match = INSTANT.exec(text);
  if (match === null || Number(match[1]) < 1 || Number.isNaN(Date.parse(text))) return false;
  const lastDay = new Date(Date.UTC(2000 + (Number(match[1]) % 400), Number(match[2]), 0)).getUTCDate();
  return Number(match[3]) <= lastDay;
}

/** An instant as text, kept with the precision it was sent in. */
export const instant = z.string().refine(isInstant, 'is not a date and time with an offset');

/** dbt ids exceed 2^31 and stay below 2^53; the API may send them as numbers or as text. */
export const id = z
  .union([z.int(), z.string().regex(/^\d{1,15}$/, 'is not an id')])
  .transform(Number)
  .refine((value) => Number.isSafeInteger(value), 'is not an id');

/** A count, which may exceed 2^31. */
export const count = id;

/** A JSON object, as meta, config and type parameters are. */
export const jsonObject = z.record(z.string(), z.unknown()).transform((value) => value as Json);

export const text = z.string();
export const nullableText = z.string().nullable();
export const nullableInstant = instant.nullable();
export const nullableId = id.nullable();
export const nullableJson = jsonObject.nullable();
export const seconds = z.number().nullable();

/** A unique id of dbt: never empty. Its form is not checked, for old and hand-made ones have any. */
export const uniqueId = z.string().min(1);

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** Reads a value by its schema. @throws RejectError naming the first fields that do not fit. */
export function read<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(raw);
  if (success) return data;
  throw new RejectError(error.issues.slice(0, 3).map(describe).join('; '));
}
