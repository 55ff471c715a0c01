/** A value as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** The value when it is an object, else an empty one: artifacts write null, {} and nothing for "none". */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The members of an object that are objects themselves, by key (how a manifest holds its collections). */
export function objectsOf(value: Json | undefined): [string, JsonObject][] {
  return Object.entries(objectOf(value)).flatMap(([key, member]) => (isObject(member) ? [[key, member]] : []));
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The strings of a list; a lone string counts as a list of one (dbt accepts both spellings for tags). */
export function textsOf(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  return listOf(value).filter((item) => typeof item === 'string');
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

/** A dbt time as ISO text cut to milliseconds; text without a zone is UTC, as dbt writes it. Null when it is no time. */
export function instantOf(value: Json | undefined): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1');
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
