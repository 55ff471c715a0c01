import type { Manifest, ManifestNode } from '../platform/artifacts.ts';

/** Stands in a template where a copy's own suffix goes, and where the suffix of the copy goes that it depends on. */
export const OWN = '\uE000';
export const OTHER = '\uE001';

/** What one copy of a project has for itself: its nodes, by unique id, and the names they go by. */
export interface Names {
  readonly nodes: ReadonlyMap<string, ManifestNode>;
  readonly names: ReadonlySet<string>;
  readonly relations: ReadonlySet<string>;
}

/** The parts of a manifest that are multiplied. Macros, docs and hooks belong to the project as a whole. */
export const COLLECTIONS = [
  'nodes',
  'sources',
  'exposures',
  'metrics',
  'semantic_models',
  'saved_queries',
  'unit_tests',
  'groups',
] as const;

export function namesOf(manifest: Manifest): Names {
  const nodes = COLLECTIONS.flatMap((name) => Object.values(manifest[name] ?? {})).filter(
    ({ resource_type: type }) => type !== 'operation',
  );
  const named = nodes.flatMap(({ name, alias, identifier, source_name: source }) => [name, alias, identifier, source]);
  const relations = nodes.map((node) => (node as { relation_name?: string | null }).relation_name);
  return {
    nodes: new Map(nodes.map((node) => [node.unique_id, node])),
    names: new Set(named.filter((name) => typeof name === 'string')),
    relations: new Set(relations.filter((name) => typeof name === 'string')),
  };
}

/** The mark goes behind the third segment, which is the node's name, a source's name or the model of a unit test. */
export function markId(uniqueId: string, mark: string = OWN): string {
  return uniqueId
    .split('.')
    .map((segment, index) => (index === 2 ? segment + mark : segment))
    .join('.');
}

/** Members that hold names of nodes, or lists of them. */
const NAMED = new Set([
  'name',
  'alias',
  'identifier',
  'source_name',
  'group',
  'model',
  'fqn',
  'refs',
  'sources',
  'metrics',
]);
/** What lies in these speaks of columns and the like, which may have the same names. */
const OPAQUE = new Set(['columns', 'measures', 'dimensions', 'entities', 'meta', 'tags', 'description']);

/** A value of an artifact with the mark behind every name, unique id and relation that belongs to the copy. */
export function marked(value: unknown, names: Names, member = ''): unknown {
  if (typeof value === 'string') return markText(value, names, member);
  if (value === null || typeof value !== 'object' || OPAQUE.has(member)) return value;
  if (Array.isArray(value)) return value.map((item) => marked(item, names, member));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [names.nodes.has(key) ? markId(key) : key, marked(item, names, key)]),
  );
}

function markText(text: string, names: Names, member: string): string {
  if (names.nodes.has(text)) return markId(text);
  if (NAMED.has(member) && names.names.has(text)) return text + OWN;
  if (member.endsWith('path')) return markPath(text, names);
  return markCode(text, names);
}

function markPath(path: string, { names }: Names): string {
  return path.replace(/([^/]+)(\.\w+)$/, (whole, stem: string, end: string) =>
    names.has(stem) ? stem + OWN + end : whole,
  );
}

/** Jinja calls and quoted relations, wherever they stand in code. */
function markCode(code: string, { names, relations }: Names): string {
  return code
    .replace(/\b(ref|source)\((['"])([^'"]+)\2/g, (whole, call: string, quote: string, name: string) =>
      names.has(name) ? `${call}(${quote}${name}${OWN}${quote}` : whole,
    )
    .replace(/"[^"\n]+"\."[^"\n]+"\."[^"\n]+"/g, (whole) =>
      relations.has(whole) ? `${whole.slice(0, -1)}${OWN}"` : whole,
    );
}
