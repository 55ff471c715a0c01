import { z } from 'zod';
import { RejectError } from '../../domain/errors.ts';
import type { DeclaredColumn, Reject, ResourceType } from '../../domain/records.ts';
import { keyText, read } from '../scalars.ts';
import { metaOf } from './described.ts';
import { type Bag, bag, tagList, told } from './fields.ts';

const column = z.object({
  description: told,
  data_type: told,
  tags: tagList,
  meta: bag,
  config: bag,
});

interface Owner {
  readonly uniqueId: string;
  readonly resourceType: ResourceType;
}

function readColumn(key: string, raw: unknown): DeclaredColumn {
  const { description, data_type: declaredType, tags, meta, config } = read(column, raw);
  const configTags = tagList.safeParse(config?.tags).data ?? [];
  return {
    name: read(keyText, key),
    declaredType: declaredType ?? null,
    description: description ?? null,
    tags: tags !== null && tags.length > 0 ? tags : configTags,
    meta: metaOf({ meta, config }),
  };
}

/** The declared columns of a node, read one by one: one that cannot be read does not take the others with it. */
export function declaredColumns(owner: Owner, found: Bag | null | undefined) {
  const columns: DeclaredColumn[] = [];
  const rejects: Reject[] = [];
  for (const [key, raw] of Object.entries(found ?? {})) {
    try {
      columns.push(readColumn(key, raw));
    } catch (error) {
      if (!(error instanceof RejectError)) throw error;
      rejects.push({ ...owner, reason: `declared column: ${error.message}`, raw });
    }
  }
  return { columns, rejects };
}
