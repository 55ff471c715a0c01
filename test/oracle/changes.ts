import { type Json, objectOf } from './json.ts';
import type { NodeFact } from './nodes.ts';
import { firstOwner, metaOwner } from './owner.ts';

export type Change = {
  readonly uniqueId: string;
  readonly changedAt: string;
  readonly aspect: string;
  readonly item: string | null;
  readonly before: Json;
  readonly after: Json;
};
type Difference = Omit<Change, 'uniqueId' | 'changedAt'>;
/** Column name → catalog type. */
export type ColumnTypes = ReadonlyMap<string, string | null>;

/** A definition among those of its time. */
export interface Placed {
  readonly fact: NodeFact;
  readonly groups: readonly NodeFact[];
}

/** What differs between two definitions of a node, aspect by aspect; one difference per tag and per parent. */
export function definitionDifferences(was: Placed, is: Placed): Difference[] {
  const [before, after] = [was.fact, is.fact];
  const aspects: readonly [string, Json, Json][] = [
    ['code', unixLines(before.rawCode), unixLines(after.rawCode)],
    ['description', before.description || null, after.description || null],
    ['meta', metaOf(before), metaOf(after)],
    ['materialization', before.materialization, after.materialization],
    ['access', before.access, after.access],
    ['group', groupOfModel(before), groupOfModel(after)],
    ['owner', ownerOf(was), ownerOf(is)],
    ['contract', before.contractEnforced, after.contractEnforced],
    ['relation', relationOf(before), relationOf(after)],
  ];
  return [
    ...aspects
      .filter(([, old, now]) => canonical(old) !== canonical(now))
      .map(([aspect, old, now]) => ({ aspect, item: null, before: old, after: now })),
    ...setDifferences('tag', before.tags, after.tags),
    ...setDifferences('parent', before.parents, after.parents),
  ];
}

/** No meta and an empty one say the same. */
function metaOf({ meta }: NodeFact): Json {
  return Object.keys(objectOf(meta)).length === 0 ? null : meta;
}

/** An exposure's or a group's own owner, else that of a model's group, else that of its meta; null when there is none. */
function ownerOf({ fact, groups }: Placed): Json {
  const { statedOwner, meta, packageName } = fact;
  const named = groups.filter(({ name }) => name === groupOfModel(fact));
  const group = named.find((one) => one.packageName === packageName) ?? named[0];
  const { name, email } = firstOwner([
    statedOwner,
    ...(group === undefined ? [] : [group.statedOwner]),
    metaOwner(meta),
  ]);
  return name === null && email === null ? null : { name, email };
}

function groupOfModel({ resourceType, group }: NodeFact): string | null {
  return resourceType === 'model' ? group : null;
}

/** One difference per column that came, went or changed its type. */
export function columnDifferences(before: ColumnTypes, after: ColumnTypes): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((item) => {
    const old = typeOf(before, item);
    const now = typeOf(after, item);
    return canonical(old) === canonical(now) ? [] : [{ aspect: 'column', item, before: old, after: now }];
  });
}

/** A removed and an added model, seed or snapshot with the same code, when no other node of either side has it. */
export function renames(removed: readonly NodeFact[], added: readonly NodeFact[]): { from: NodeFact; to: NodeFact }[] {
  return added.flatMap((to) => {
    const olds = removed.filter((fact) => canBeRenamed(fact) && sameCode(fact, to));
    const news = added.filter((fact) => canBeRenamed(fact) && sameCode(fact, to));
    const [from] = olds;
    const isUnique = canBeRenamed(to) && olds.length === 1 && news.length === 1;
    return isUnique && from !== undefined ? [{ from, to }] : [];
  });
}

function canBeRenamed(fact: NodeFact): boolean {
  return ['model', 'seed', 'snapshot'].includes(fact.resourceType) && Boolean(fact.rawCode);
}

function sameCode(a: NodeFact, b: NodeFact): boolean {
  return unixLines(a.rawCode) === unixLines(b.rawCode);
}

function unixLines(code: string | null): string | null {
  return code === null ? null : code.replaceAll('\r\n', '\n');
}

function relationOf(fact: NodeFact): Json {
  return { database: fact.database, schema: fact.schema, identifier: fact.identifier };
}

function typeOf(columns: ColumnTypes, name: string): Json {
  return columns.has(name) ? { data_type: columns.get(name) ?? null } : null;
}

function setDifferences(aspect: string, before: readonly string[], after: readonly string[]): Difference[] {
  const gone = [...new Set(before)].filter((item) => !after.includes(item));
  const come = [...new Set(after)].filter((item) => !before.includes(item));
  return [
    ...gone.map((item) => ({ aspect, item, before: item, after: null })),
    ...come.map((item) => ({ aspect, item, before: null, after: item })),
  ];
}

/** JSON text with object keys in one order, so that equal values are equal texts. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_key, member: Json) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
