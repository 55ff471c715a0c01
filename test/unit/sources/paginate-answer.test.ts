import { describe, expect, it } from 'vitest';
import { page, read } from './paging.ts';

describe('an answer without the connection', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['without edges', { totalCount: 0, pageInfo: { endCursor: null, hasNextPage: false } }],
    ['without page info', { totalCount: 0, edges: [] }],
    ['a text', 'no'],
    ['with a cursor that is no text', { totalCount: 0, pageInfo: { endCursor: {}, hasNextPage: true }, edges: [] }],
    ['with edges that are no list', { totalCount: 0, pageInfo: { endCursor: null, hasNextPage: false }, edges: {} }],
    ['with a count below zero', { totalCount: -1, pageInfo: { hasNextPage: false }, edges: [] }],
    ['with a count beyond all counting', { totalCount: 1e300, pageInfo: { hasNextPage: false }, edges: [] }],
  ])('is told when it is %s', async (_what, answer) => {
    const { ids, incomplete } = await read(() => answer);
    expect(ids).toEqual([]);
    expect(incomplete).toEqual(['applied.models: the answer has no such connection.']);
  });

  it('keeps the pages before it', async () => {
    const { ids, incomplete } = await read((_after, request) =>
      request === 0 ? page({ ids: ['a'], cursor: 'A' }) : null,
    );
    expect(ids).toEqual(['a']);
    expect(incomplete).toEqual([expect.stringContaining('no such connection')]);
  });

  it('passes nodes on that are null, for them to be rejected', async () => {
    const connection = { ...page({ ids: [], total: 2 }), edges: [null, { node: null }] };
    const { pages } = await read(() => connection);
    expect(pages.flatMap(({ nodes }) => nodes)).toHaveLength(2);
  });
});
