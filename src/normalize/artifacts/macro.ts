import { z } from 'zod';
import type { Json } from '../../domain/records.ts';
import { build, configFact, definition, described, describedFacts } from './described.ts';
import { details } from './details.ts';
import type { ElementNormalizer } from './element.ts';
import { bag, told } from './fields.ts';
import { objectReader } from './shape.ts';

const readMacro = objectReader({ ...described, macro_sql: told, arguments: z.array(bag).nullish() });

/** A macro. What macros call is not lineage. */
export const macroElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readMacro(raw);
  const named: Json[] = (found.arguments ?? []).map((argument) => ({
    name: argument?.name ?? null,
    type: argument?.type ?? null,
    description: argument?.description ?? null,
  }));
  const facts = {
    ...describedFacts(uniqueId, found),
    rawCode: found.macro_sql ?? null,
    properties: { arguments: named },
    ...details(raw, ['patch_path', 'supported_languages']),
  };
  return {
    records: [
      definition({ uniqueId, resourceType: 'macro', facts, parents: [] }, context),
      ...build(uniqueId, configFact(found), context),
    ],
  };
};
