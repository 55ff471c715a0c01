import type { DefinitionFacts, Json } from '../domain/records.ts';

type Owner = Pick<DefinitionFacts, 'ownerName' | 'ownerEmail'>;

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

const textOf = (value: Json | undefined) => (typeof value === 'string' && value !== '' ? value : null);

/** The owner that `meta.owner` names: a text, an e-mail address, or an object with name and email. */
export function ownerFromMeta(meta: Json | undefined): Owner {
  if (meta === null || typeof meta !== 'object' || Array.isArray(meta)) return { ownerName: null, ownerEmail: null };
  const { owner } = meta;
  if (typeof owner === 'string' && owner !== '') {
    return { ownerName: owner, ownerEmail: EMAIL.test(owner) ? owner : null };
  }
  if (owner === null || typeof owner !== 'object' || Array.isArray(owner)) return { ownerName: null, ownerEmail: null };
  return { ownerName: textOf(owner.name), ownerEmail: textOf(owner.email) };
}
