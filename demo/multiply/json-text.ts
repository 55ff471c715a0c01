import type { Copy } from './copies.ts';
import { marked, markId, type Names } from './names.ts';
import { type Template, template } from './template.ts';

/** JSON text in pieces, none longer than one node, so that no artifact is ever whole in memory. */
export type Pieces = Iterable<string>;

/** An object whose members are JSON text themselves. */
export function* objectText(members: Iterable<readonly [string, string | Pieces]>): Pieces {
  let before = '{';
  for (const [key, text] of members) {
    yield `${before}${JSON.stringify(key)}:`;
    if (typeof text === 'string') yield text;
    else yield* text;
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}

export function* listText(items: Iterable<string>): Pieces {
  let before = '[';
  for (const item of items) {
    yield before + item;
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/** One member for each copy of a node; what belongs to the project as a whole stays one member. */
export function* copiesText(
  entries: Iterable<readonly [string, unknown]>,
  { names, copies }: { names: Names; copies: readonly Copy[] },
  of: (uniqueId: string, value: unknown) => (copy: Copy) => string = plainText(names),
): Iterable<readonly [string, string]> {
  for (const [id, value] of entries) {
    if (!names.nodes.has(id)) {
      yield [id, JSON.stringify(value)];
      continue;
    }
    const text = of(id, value);
    for (const copy of copies) yield [markId(id, copy.suffix), text(copy)];
  }
}

function plainText(names: Names) {
  return (_id: string, value: unknown) => copyText(template(marked(value, names)));
}

export function copyText(text: Template): (copy: Copy) => string {
  return ({ suffix, on }) => text(suffix, on ?? '');
}
