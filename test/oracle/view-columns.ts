import type { Context, Row } from './context.ts';
import { type JsonObject, numberOf, objectOf, objectsOf, textOf, textsOf } from './json.ts';
import { metaOf } from './nodes.ts';
import { worstOf } from './status.ts';
import type { StoredNode } from './syncs.ts';
import { columnNameOf } from './view-tests.ts';

/** Catalog columns of all nodes that are there; Discovery has no others. */
export function columns(context: Context): Row[] {
  return context.present.flatMap((node) => columnsOf(context, node));
}

export function columnsOf(context: Context, node: StoredNode): Row[] {
  const { fact } = node;
  const declared = objectsOf(fact.raw.columns);
  return objectsOf(node.catalog?.entry.columns).map(([columnName, column]) => {
    const yaml = declaredColumn(declared, columnName);
    const tests = context
      .testsOf(fact.uniqueId)
      .filter((test) => columnNameOf(test)?.toLowerCase() === columnName.toLowerCase());
    return {
      integration: context.integration,
      unique_id: fact.uniqueId,
      resource_type: fact.resourceType,
      name: fact.name,
      column_name: columnName,
      position: numberOf(column.index),
      data_type: textOf(column.type),
      declared_type: null,
      description: textOf(yaml?.description),
      comment: textOf(column.comment),
      tags: textsOf(yaml?.tags ?? objectOf(yaml?.config).tags),
      meta: yaml === null ? null : metaOf(yaml),
      tests: tests.length,
      test_status: worstOf(tests.map((test) => context.status(test.fact.uniqueId).class)),
    };
  });
}

/** How many catalog columns there are and how many of them have a description. */
export function columnCounts(context: Context, node: StoredNode): Row {
  const rows = columnsOf(context, node);
  const documented = rows.filter((row) => (textOf(row.description) ?? '').trim() !== '');
  return { columns: rows.length, documented_columns: documented.length };
}

function declaredColumn(declared: readonly [string, JsonObject][], name: string): JsonObject | null {
  const exact = declared.find(([key]) => key === name);
  const similar = declared.find(([key]) => key.toLowerCase() === name.toLowerCase());
  return (exact ?? similar)?.[1] ?? null;
}
