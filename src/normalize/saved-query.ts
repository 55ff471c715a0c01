import { z } from 'zod';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { count, nullableKeyText, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  group: nullableKeyText,
  queryParams: z.object({
    metrics: z.array(z.string()),
    groupBy: z.array(z.string()),
    where: z.object({ whereFilters: z.array(z.object({ whereSqlTemplate: z.string() })) }).nullable(),
    orderBy: z.array(nullableText).nullable(),
    limit: count.nullable(),
  }),
  exports: z.array(
    z.object({
      name: nullableText,
      config: z
        .object({ exportAs: z.string(), schema: nullableText, alias: nullableText, database: nullableText })
        .nullable(),
    }),
  ),
  parents: z.array(parent),
});

type Definition = z.output<typeof definition>;

/** Query parameters and exports under the keys that the manifest uses. */
function properties({ queryParams, exports }: Definition) {
  const { metrics, groupBy, where, orderBy, limit } = queryParams;
  const filters = where?.whereFilters.map(({ whereSqlTemplate }) => ({ where_sql_template: whereSqlTemplate }));
  return {
    query_params: {
      metrics,
      group_by: groupBy,
      where: filters === undefined ? null : { where_filters: filters },
      order_by: orderBy ?? [],
      limit,
    },
    exports: exports.map(({ name, config }) => ({
      name,
      config:
        config === null
          ? null
          : {
              export_as: config.exportAs,
              schema_name: config.schema,
              alias: config.alias,
              database: config.database,
            },
    })),
  };
}

/** A saved query's definition. */
export function savedQueryDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'saved_query',
        state: 'defined',
        ...datedAt(node),
        parents: parentIds(node.parents),
        facts: {
          name,
          packageName,
          description,
          tags,
          meta,
          ...ownerFromMeta(meta),
          groupName: node.group,
          filePath,
          properties: properties(node),
        },
      },
      ...externalModels(node.parents),
    ],
    project: projectOf(node),
  };
}
