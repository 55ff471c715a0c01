import { readFileSync } from 'node:fs';
import { buildSchema, type DocumentNode, parse, print, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../../src/sources/discovery/client.ts';
import { RESOURCES, type Resource } from '../../../src/sources/discovery/resources.ts';
import { uniqueIdsOnly } from '../../../src/sources/discovery/unique-ids.ts';

const schema = buildSchema(readFileSync(new URL('../../../queries/schema.graphql', import.meta.url), 'utf8'));
const connections = Object.values(RESOURCES).flatMap(({ definition, applied }: Resource) =>
  applied === undefined ? [definition] : [definition, applied],
);
const bare = (text: string) => print(uniqueIdsOnly(parse(text) as Document<unknown>)).replaceAll(/\s+/g, ' ');

describe('a query reduced to unique ids', () => {
  it.each(
    connections.map((spec) => [`${spec.state}.${spec.connection}`, spec.document] as const),
  )('is one that the service accepts, for %s', (_name, document: DocumentNode) => {
    const reduced = uniqueIdsOnly(document as Document<unknown>);
    expect(validate(schema, reduced)).toEqual([]);
    expect(print(reduced)).toMatch(/edges \{\s+node \{\s+uniqueId\s+\}\s+\}/);
    expect(print(reduced)).toContain('totalCount');
  });

  it('keeps its name, its arguments and what paging needs', () => {
    const text = `
      query A($first: Int!, $definition: Boolean!) { c(first: $first) { totalCount pageInfo { ...P }
        edges { node { uniqueId name ...F ... on N @include(if: $definition) { node { a } } } } } }
      fragment F on N { ...G } fragment G on N { g } fragment P on PageInfo { endCursor }`;
    expect(bare(text)).toBe(
      'query A($first: Int!) { c(first: $first) { totalCount pageInfo { ...P } edges { node { uniqueId } } } } ' +
        'fragment P on PageInfo { endCursor }',
    );
  });

  it('leaves the query that it came from as it was', () => {
    const document = parse('{ c { edges { node { uniqueId name } } } }');
    const before = print(document);
    uniqueIdsOnly(document as Document<unknown>);
    expect(print(document)).toBe(before);
  });
});
