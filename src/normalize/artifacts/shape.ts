import { z } from 'zod';
import { isInstant, keyText, read, text, uniqueId } from '../scalars.ts';
import { bag, isBag, json, tagList, told, toldCount, toldInstant, toldKey, versionText } from './fields.ts';

type Check = (value: unknown) => boolean;

const isNone: Check = (value) => value === undefined || value === null;
const isText: Check = (value) => typeof value === 'string';
/** Short enough for a key, whatever its characters are; a longer text may be, too. */
const isShort: Check = (value) => typeof value === 'string' && value.length <= 666;

/** Values that a field takes and leaves as they are, told by a glance. What it makes of others the field itself says. */
const PLAIN = new Map<unknown, Check>([
  [told, (value) => typeof value === 'string' || isNone(value)],
  [versionText, (value) => typeof value === 'string' || isNone(value)],
  [toldKey, (value) => isShort(value) || isNone(value)],
  [text, isText],
  [keyText, isShort],
  [uniqueId, (value) => value !== '' && isShort(value)],
  [bag, (value) => isBag(value) || isNone(value)],
  [toldCount, (value) => isNone(value) || (typeof value === 'number' && (value | 0) === value)],
  [json, () => true],
  [tagList, (value) => isNone(value) || (Array.isArray(value) && value.every(isShort))],
  [toldInstant, (value) => isNone(value) || (typeof value === 'string' && isInstant(value))],
]);

const never: Check = () => false;

/** Whether the text can be the unique id of a node. */
export function isUniqueId(value: string): boolean {
  return (value !== '' && isShort(value)) || uniqueId.safeParse(value).success;
}

/** A reader of one field. @throws RejectError when the value does not fit. */
export function fieldReader<Field extends z.ZodType>(field: Field): (raw: unknown) => z.output<Field> {
  const isPlain = PLAIN.get(field) ?? never;
  return (raw) => (isPlain(raw) ? (raw as z.output<Field>) : read(field, raw));
}

/** What a field makes of a value; undefined when it does not fit. */
export function parsed<Field extends z.ZodType>(field: Field, raw: unknown): z.output<Field> | undefined {
  return PLAIN.get(field)?.(raw) === true ? (raw as z.output<Field>) : field.safeParse(raw).data;
}

/**
 * A reader of objects with these fields. There are very many of them and nearly all are plain: those are taken as they
 * are, with whatever else they have, and nothing is copied. All others are read by their schema.
 */
export function objectReader<Shape extends z.ZodRawShape>(
  shape: Shape,
): (raw: unknown) => z.output<z.ZodObject<Shape>> {
  const schema = z.object(shape);
  const isPlain = plainObject(shape);
  return (raw) => (isPlain(raw) ? (raw as z.output<typeof schema>) : read(schema, raw));
}

/** An object in an object, taken in the same way; it may be left out. */
export function toldObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const field = z.object(shape).nullish();
  const isPlain = plainObject(shape);
  PLAIN.set(field, (value) => isNone(value) || isPlain(value));
  return field;
}

function plainObject(shape: z.ZodRawShape): Check {
  const fields = Object.entries(shape).map(([key, field]) => ({ key, isPlain: PLAIN.get(field) ?? never }));
  return (value) => {
    if (!isBag(value)) return false;
    for (const { key, isPlain } of fields) if (!isPlain(value[key])) return false;
    return true;
  };
}
