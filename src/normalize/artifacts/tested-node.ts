/** What a test says of the node it is about, from the surest to the vaguest. */
export interface TestTarget {
  /** Said by dbt from 1.5 on; null for tests of sources. */
  readonly attachedNode: string | null;
  /** The YAML section and the name of the tested node, `models.orders` or `sources.raw`; from dbt 1.0 on. */
  readonly fileKeyName: string | null;
  /** The `model` argument of a generic test, a piece of Jinja; of a unit test the model's name. */
  readonly model: string | null;
  /** The test's own package, which wins where two packages have a node of the same name. */
  readonly packageName: string | null;
  readonly parents: readonly string[];
}

interface Named {
  readonly id: string;
  readonly type: string;
  readonly packageName: string;
  /** What follows the package: name, or name and version, or source and table. */
  readonly rest: readonly string[];
}

function namesOf(id: string): Named {
  const [type = '', packageName = '', ...rest] = id.split('.');
  return { id, type, packageName, rest };
}

/** The one parent that is meant, if it is only one: of several, the one of the named or else of the test's package. */
function onlyOne(found: readonly Named[], packageName: string | null): string | null {
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first.id;
  const own = found.filter((parent) => parent.packageName === packageName);
  const [only] = own;
  return own.length === 1 && only !== undefined ? only.id : null;
}

const SECTIONS: ReadonlyMap<string, string> = new Map([
  ['models', 'model'],
  ['seeds', 'seed'],
  ['snapshots', 'snapshot'],
  ['sources', 'source'],
]);

function byFileKey({ fileKeyName, packageName, parents }: TestTarget): string | null {
  const dot = fileKeyName?.indexOf('.') ?? -1;
  const type = SECTIONS.get(fileKeyName?.slice(0, dot) ?? '');
  const name = fileKeyName?.slice(dot + 1);
  if (dot < 0 || type === undefined) return null;
  const found = parents.map(namesOf).filter((parent) => parent.type === type && parent.rest[0] === name);
  return onlyOne(found, packageName);
}

const CALL = /\b(ref|source)\s*\(([^)]*)\)/;
const ARGUMENT = /(?:(\w+)\s*=\s*)?(?:'([^']*)'|"([^"]*)"|([\w.]+))/g;

/** The arguments of a call in Jinja: the positional ones in order, the named ones by name. */
function argumentsOf(text: string): { positional: string[]; named: Map<string, string> } {
  const positional: string[] = [];
  const named = new Map<string, string>();
  for (const [, key, single, double, bare] of text.matchAll(ARGUMENT)) {
    const value = single ?? double ?? bare ?? '';
    if (key === undefined) positional.push(value);
    else named.set(key, value);
  }
  return { positional, named };
}

/** `source('raw', 'orders')`; a table's id may differ from its name, so one table of the source is enough. */
function bySource([source, table]: readonly string[], parents: readonly Named[]): string | null {
  const tables = parents.filter(({ type, rest }) => type === 'source' && rest[0] === source);
  const exact = tables.filter(({ rest }) => rest.slice(1).join('.') === table);
  return onlyOne(exact.length > 0 ? exact : tables, null);
}

/** `ref('orders')`, `ref('package', 'orders')`, `ref('orders', v=2)`. */
function byRef(text: string, { packageName }: TestTarget, parents: readonly Named[]): string | null {
  const { positional, named } = argumentsOf(text);
  const name = positional.at(-1);
  const inPackage = positional.length > 1 ? positional[0] : undefined;
  const version = named.get('v') ?? named.get('version');
  const found = parents.filter(
    (parent) =>
      parent.type !== 'source' &&
      parent.rest[0] === name &&
      (inPackage === undefined || parent.packageName === inPackage) &&
      (version === undefined || parent.rest[1] === `v${version}`),
  );
  return onlyOne(found, packageName);
}

function byModel(target: TestTarget): string | null {
  const { model } = target;
  if (model === null) return null;
  const parents = target.parents.map(namesOf);
  const [, call, text = ''] = CALL.exec(model) ?? [];
  if (call === 'source') return bySource(argumentsOf(text).positional, parents);
  return byRef(call === 'ref' ? text : `'${model}'`, target, parents);
}

/** The node that a test is about; null when nothing says so. A test of relationships has two parents, and the first is the other one. */
export function testedNode(target: TestTarget): string | null {
  const { attachedNode, parents } = target;
  const [only] = parents;
  return (
    attachedNode ?? byFileKey(target) ?? byModel(target) ?? (parents.length === 1 && only !== undefined ? only : null)
  );
}
