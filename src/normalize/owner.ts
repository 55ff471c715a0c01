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

/** The owner of an exposure or a group: the one that it names itself, else that of its meta. Empty texts say nothing. */
export function ownerOf({ ownerName, ownerEmail }: Owner, meta: Json | undefined): Owner {
  const stated = { ownerName: textOf(ownerName ?? null), ownerEmail: textOf(ownerEmail ?? null) };
  return stated.ownerName === null && stated.ownerEmail === null ? ownerFromMeta(meta) : stated;
}

/** The owner that an exposure or a group names itself in the manifest. From dbt 1.10 on it may have several addresses. */
export function statedOwner(owner: Json | undefined): Owner {
  if (owner === null || typeof owner !== 'object' || Array.isArray(owner)) return { ownerName: null, ownerEmail: null };
  const { name, email } = owner;
  const emails = (Array.isArray(email) ? email : [email]).map(textOf).filter((one) => one !== null);
  return { ownerName: textOf(name), ownerEmail: emails.join(', ') || null };
}
