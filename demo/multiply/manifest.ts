import type { Manifest } from '../platform/artifacts.ts';
import type { Copy } from './copies.ts';
import { copiesText, copyText, objectText, type Pieces } from './json-text.ts';
import { type Link, linked } from './links.ts';
import { COLLECTIONS, marked, markId, type Names, OTHER } from './names.ts';
import { template } from './template.ts';

/** What the multiplying of one artifact needs. */
export interface Plan {
  readonly names: Names;
  readonly copies: readonly Copy[];
  readonly link: Link | null;
}

/** The manifest of the whole environment: all copies, and the edges between them. */
export function manifestText(manifest: Manifest, plan: Plan): Pieces {
  const members = Object.entries(manifest) as [string, Record<string, unknown>][];
  return objectText(members.map(([key, value]) => [key, memberText(key, value, plan)]));
}

function memberText(key: string, value: Record<string, unknown>, plan: Plan): string | Pieces {
  const entries = Object.entries(value ?? {});
  if (COLLECTIONS.some((name) => name === key)) return objectText(copiesText(entries, plan, nodeText(plan)));
  if (key === 'parent_map') return objectText(copiesText(entries, plan, parentsText(plan)));
  if (key === 'child_map') return objectText(copiesText(entries, plan, childrenText(plan)));
  if (key === 'group_map') return objectText(groupText(entries, plan));
  return JSON.stringify(value);
}

function nodeText({ names, link }: Plan) {
  return (id: string, value: unknown) => {
    const node = marked(value, names) as object;
    const alone = copyText(template(node));
    if (link === null || id !== link.child) return alone;
    const joined = copyText(template(linked(node, link)));
    return (copy: Copy) => (copy.on === null ? alone : joined)(copy);
  };
}

function parentsText({ names, link }: Plan) {
  return (id: string, value: unknown) => {
    const parents = marked(value, names) as string[];
    const alone = copyText(template(parents));
    if (link === null || id !== link.child) return alone;
    const joined = copyText(template([...parents, markId(link.parent, OTHER)]));
    return (copy: Copy) => (copy.on === null ? alone : joined)(copy);
  };
}

function childrenText({ names, copies, link }: Plan) {
  const built = new Map<string | null, string[]>();
  for (const { on, suffix } of copies) built.set(on, [...(built.get(on) ?? []), suffix]);
  return (id: string, value: unknown) => {
    const alone = copyText(template(marked(value, names)));
    if (link === null || id !== link.parent) return alone;
    return (copy: Copy) => {
      const children = (built.get(copy.suffix) ?? []).map((suffix) => markId(link.child, suffix));
      return JSON.stringify([...(JSON.parse(alone(copy)) as string[]), ...children]);
    };
  };
}

function* groupText(entries: [string, unknown][], { names, copies }: Plan): Iterable<readonly [string, string]> {
  for (const [group, value] of entries) {
    const text = copyText(template(marked(value, names)));
    for (const copy of copies) yield [group + copy.suffix, text(copy)];
  }
}

/** The link that a manifest can have: both ends must be in it, as an older one may know neither. */
export function linkIn({ nodes }: Names, link: Link | null): Link | null {
  return link !== null && nodes.has(link.child) && nodes.has(link.parent) ? link : null;
}
