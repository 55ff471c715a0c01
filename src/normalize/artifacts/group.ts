import { ownerOf, statedOwner } from '../owner.ts';
import { build, configFact, definition, described, describedFacts } from './described.ts';
import { details, ownerDetail } from './details.ts';
import type { ElementNormalizer } from './element.ts';
import { bag } from './fields.ts';
import { objectReader } from './shape.ts';

const readGroup = objectReader({ ...described, owner: bag });

/** A group. Groups have no parents; nodes name them by name, not by id. */
export const groupElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readGroup(raw);
  const stated = describedFacts(uniqueId, found);
  const facts = {
    ...stated,
    ...ownerOf(statedOwner(found.owner ?? null), stated.meta),
    ...details(raw, ownerDetail(found.owner)),
  };
  return {
    records: [
      definition({ uniqueId, resourceType: 'group', facts, parents: [] }, context),
      ...build(uniqueId, configFact(found), context),
    ],
  };
};
