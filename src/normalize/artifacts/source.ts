import { z } from 'zod';
import type { BuildFacts } from '../../domain/records.ts';
import { inSeconds } from '../freshness.ts';
import { read } from '../scalars.ts';
import { declaredColumns } from './columns.ts';
import { build, configFact, definition, described, describedFacts } from './described.ts';
import { details } from './details.ts';
import type { ElementNormalizer } from './element.ts';
import { bag, isBag, json, told } from './fields.ts';
import { objectReader } from './shape.ts';

const readSource = objectReader({
  ...described,
  source_name: told,
  identifier: told,
  database: told,
  schema: told,
  loader: told,
  relation_name: told,
  columns: bag,
  freshness: json,
});

const criterion = z.object({ count: z.int32().nullish(), period: told }).nullish();

export const criteria = z
  .object({ warn_after: criterion, error_after: criterion })
  .nullish()
  .transform((found) => ({ warnAfterS: limit(found?.warn_after), errorAfterS: limit(found?.error_after) }));

function limit(found: z.output<typeof criterion>): number | null {
  return inSeconds({ count: found?.count ?? null, period: found?.period ?? null });
}

const DETAILS = ['patch_path', 'external', 'loaded_at_field', 'loaded_at_query', 'source_description', 'source_meta'];

/** A source table. dbt 1.10 moved `freshness` into config; null, {} and criteria without a count mean none. */
export const sourceElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readSource(raw);
  const { columns, rejects } = declaredColumns({ uniqueId, resourceType: 'source' }, found.columns);
  const freshness = isBag(found.freshness) ? found.freshness : (found.config?.freshness ?? null);
  const limits: BuildFacts = {
    ...configFact(found),
    ...(context.version > 0 ? { relationName: found.relation_name ?? null } : {}),
    ...read(criteria, freshness),
  };
  const facts = {
    ...describedFacts(uniqueId, found),
    databaseName: found.database ?? null,
    schemaName: found.schema ?? null,
    identifier: found.identifier ?? null,
    sourceName: found.source_name ?? null,
    loader: found.loader ?? null,
    ...details(raw, DETAILS),
  };
  return {
    records: [
      definition({ uniqueId, resourceType: 'source', facts, parents: [], columns }, context),
      ...build(uniqueId, limits, context),
    ],
    rejects,
  };
};
