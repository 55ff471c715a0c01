import { z } from 'zod';
import { isPlain, leavesOthers } from '../plain.ts';
import { read, uniqueId } from '../scalars.ts';

/** Whether the text can be the unique id of a node. */
export function isUniqueId(value: string): boolean {
  return isPlain(uniqueId, value);
}

/** What a field makes of a value; undefined when it does not fit. */
export function parsed<Field extends z.ZodType>(field: Field, raw: unknown): z.output<Field> | undefined {
  return isPlain(field, raw) ? (raw as z.output<Field>) : field.safeParse(raw).data;
}

/** A reader of objects with these fields. @throws RejectError naming the fields that do not fit. */
export function objectReader<Shape extends z.ZodRawShape>(
  shape: Shape,
): (raw: unknown) => z.output<z.ZodObject<Shape>> {
  const schema = z.object(shape);
  return (raw) => read(schema, raw);
}

/** An object in an object, taken with whatever else it has; it may be left out. */
export function toldObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return leavesOthers(z.object(shape)).nullish();
}
