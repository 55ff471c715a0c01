import type { z } from 'zod';

type Check = (value: unknown) => boolean;
type Schema = z.core.$ZodType;

const never: Check = () => false;
const isText: Check = (value) => typeof value === 'string';

const CHECKS = new WeakMap<Schema, Check>();
const OUTER = new WeakMap<Schema, Check>();

/**
 * Says by what values a schema takes and leaves as they are. It may overlook some, but never let one through that the
 * schema would refuse or change.
 */
export function leavesAsItIs<Leaf extends Schema>(schema: Leaf, check: Check): Leaf {
  CHECKS.set(schema, check);
  return schema;
}

/** Says of an object that it is taken with whatever else it has wherever it lies: whoever reads it takes what the schema names. */
export function leavesOthers<Of extends z.core.$ZodObject>(schema: Of): Of {
  return leavesAsItIs(schema, objectCheck(schema._zod.def, true));
}

/**
 * Whether a schema takes a value and leaves it as it is, told in a fraction of the time that it takes to copy it. False
 * also where that is not plain; then the schema itself must be asked. Of an object itself, not of those in it, other
 * members than the schema's are no matter: whoever reads it takes what the schema names.
 */
export function isPlain(schema: Schema, value: unknown): boolean {
  let check = OUTER.get(schema);
  if (check === undefined) {
    const { def } = schema._zod as { def: z.core.$ZodTypes['_zod']['def'] };
    check = def.type === 'object' && !CHECKS.has(schema) ? objectCheck(def, true) : checkOf(schema);
    OUTER.set(schema, check);
  }
  return check(value);
}

function checkOf(schema: Schema): Check {
  const known = CHECKS.get(schema);
  if (known !== undefined) return known;
  const check = derived(schema);
  CHECKS.set(schema, check);
  return check;
}

function derived({ _zod: { def } }: Schema): Check {
  const told = def as z.core.$ZodTypes['_zod']['def'];
  // What is asked beside the form is known to those alone who asked it.
  if ((told.checks?.length ?? 0) > 0 || 'format' in told) return never;
  if (told.type === 'object') return objectCheck(told, false);
  if (told.type === 'array') return arrayCheck(checkOf(told.element));
  if (told.type === 'nullable') return orElse(null, checkOf(told.innerType));
  if (told.type === 'optional') return orElse(undefined, checkOf(told.innerType));
  if (told.type === 'boolean') return (value) => typeof value === 'boolean';
  if (told.type === 'number') return Number.isFinite;
  return told.type === 'string' ? isText : never;
}

const orElse =
  (other: unknown, check: Check): Check =>
  (value) =>
    value === other || check(value);

const arrayCheck =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return false;
    for (const item of value) if (!check(item)) return false;
    return true;
  };

/** A schema leaves out what it does not name. */
function objectCheck({ shape, catchall, checks: others = [] }: z.core.$ZodObjectDef, mayHaveOthers: boolean): Check {
  if (catchall !== undefined || others.length > 0) return never;
  const fields = new Map(Object.entries(shape).map(([key, field]) => [key, checkOf(field)]));
  const checks = [...fields];
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    if (!mayHaveOthers) for (const key in value) if (!fields.has(key)) return false;
    for (const [key, check] of checks) if (!check((value as Record<string, unknown>)[key])) return false;
    return true;
  };
}
