import { objectOf, textOf } from './json.ts';
import type { NodeFact } from './nodes.ts';

export type TestTarget = {
  readonly test: NodeFact;
  readonly nodes: ReadonlyMap<string, { readonly fact: NodeFact }>;
  /** A test that never ran tells Discovery no arguments. */
  readonly hasRun: boolean;
};

/** The node a test is about: attached node, else the `model` argument, else the only parent, else none. */
export function testedNodeOf({ test, nodes, hasRun }: TestTarget): string | null {
  const attached = textOf(test.raw.attached_node) ?? textOf(test.raw.tested_node_unique_id);
  if (attached !== null) return attached;
  const parents = test.parents.flatMap((id) => nodes.get(id)?.fact ?? []);
  const argument = hasRun ? textOf(objectOf(objectOf(test.raw.test_metadata).kwargs).model) : null;
  const named = argument === null ? undefined : parents.find((parent) => isNamedBy(parent, argument));
  if (named !== undefined) return named.uniqueId;
  const [only] = test.parents;
  return test.parents.length === 1 && only !== undefined ? only : null;
}

/** True when the Jinja text of an argument refers to the node: ref('x'), ref('package', 'x', v=2) or source('s', 't'). */
function isNamedBy(node: NodeFact, argument: string): boolean {
  const call = /\b(ref|source)\(([^)]*)\)/.exec(argument);
  if (call === null) return false;
  const names = [...(call[2] ?? '').matchAll(/(?<![=\w]\s*)['"]([^'"]*)['"]/g)].map((match) => match[1]);
  if (call[1] === 'source') {
    return node.resourceType === 'source' && node.raw.source_name === names[0] && node.name === names[1];
  }
  const version = /\bv(?:ersion)?\s*=\s*['"]?([\w.]+)/.exec(call[2] ?? '')?.[1];
  const isVersion = version === undefined || version === node.version;
  return node.resourceType !== 'source' && node.name === names.at(-1) && isVersion;
}
