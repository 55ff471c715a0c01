import { isObject, type Json, type JsonObject, objectOf, textOf, textsOf } from './json.ts';

export type Owner = { readonly name: string | null; readonly email: string | null };
export const nobody: Owner = { name: null, email: null };

/** The owner that exposures and groups state themselves. */
export function exposureOwner(resourceType: string, raw: JsonObject): Owner {
  if (resourceType !== 'exposure' && resourceType !== 'group') return nobody;
  const owner = objectOf(raw.owner);
  return { name: stated(textOf(owner.name)), email: stated(textsOf(owner.email).join(', ')) };
}

/** The owner in a node's meta: a string is a name (and an e-mail address when it looks like one), an object both. */
export function metaOwner(meta: Json): Owner {
  const owner = objectOf(meta).owner;
  if (typeof owner === 'string') {
    const name = stated(owner);
    return { name, email: name !== null && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(name) ? name : null };
  }
  if (!isObject(owner)) return nobody;
  return { name: stated(textOf(owner.name)), email: stated(textOf(owner.email)) };
}

/** The first owner of a list that says anything. */
export function firstOwner(owners: readonly Owner[]): Owner {
  return owners.find((owner) => owner.name !== null || owner.email !== null) ?? nobody;
}

function stated(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text;
}
