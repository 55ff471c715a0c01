import { RejectError } from '../../domain/errors.ts';
import type { DeclaredColumn, Reject, ResourceType } from '../../domain/records.ts';
import { keyText, read } from '../scalars.ts';
import { metaOf, tagsIn } from './described.ts';
import { type Bag, bag, tagList, told } from './fields.ts';
import { objectReader } from './shape.ts';

const readDeclared = objectReader({
  description: told,
  data_type: told,
  tags: tagList,
  meta: bag,
  config: bag,
});

interface Owner {
  readonly uniqueId: string;
  /** Null of an id that tells none. */
  readonly resourceType: ResourceType | null;
}

function readColumn(key: string, raw: unknown): DeclaredColumn {
  const { description, data_type: declaredType, tags, meta, config } = readDeclared(raw);
  return {
    name: read(keyText, key),
    declaredType: declaredType ?? null,
    description: description ?? null,
    tags: tags != null && tags.length > 0 ? tags : tagsIn(config),
    meta: metaOf({ meta, config }),
  };
}

interface Reading<Column> {
  /** What the columns are called in a reason. */
  readonly what: string;
  readonly read: (key: string, raw: unknown) => Column;
}

/** Columns, read one by one: one that cannot be read does not take the others with it. */
export function readEach<Column>(owner: Owner, found: Bag | null | undefined, { what, read }: Reading<Column>) {
  const columns: Column[] = [];
  const rejects: Reject[] = [];
  for (const [key, raw] of Object.entries(found ?? {})) {
    try {
      columns.push(read(key, raw));
    } catch (error) {
      if (!(error instanceof RejectError)) throw error;
      rejects.push({ ...owner, reason: `${what}: ${error.message}`, raw });
    }
  }
  return { columns, rejects };
}

/** The declared columns of a node. */
export function declaredColumns(owner: Owner, found: Bag | null | undefined) {
  return readEach(owner, found, { what: 'declared column', read: readColumn });
}
