import { ownerOf, statedOwner } from '../owner.ts';
import { build, configFact, definition, described, describedFacts, parentsOf } from './described.ts';
import { details, ownerDetail } from './details.ts';
import type { ElementNormalizer } from './element.ts';
import { bag, told } from './fields.ts';
import { objectReader } from './shape.ts';

const readExposure = objectReader({ ...described, type: told, maturity: told, url: told, label: told, owner: bag });

/** An exposure. Whatever else its owner is called is kept in the details. */
export const exposureElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readExposure(raw);
  const stated = describedFacts(uniqueId, found);
  const facts = {
    ...stated,
    ...ownerOf(statedOwner(found.owner ?? null), stated.meta),
    label: found.label ?? null,
    properties: { exposure_type: found.type ?? null, maturity: found.maturity ?? null, url: found.url ?? null },
    ...details(raw, ['patch_path', ...ownerDetail(found.owner)]),
  };
  return {
    records: [
      definition({ uniqueId, resourceType: 'exposure', facts, parents: parentsOf(found) }, context),
      ...build(uniqueId, configFact(found), context),
    ],
  };
};
