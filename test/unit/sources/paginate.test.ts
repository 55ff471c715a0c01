import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { page, read, type Sent } from './paging.ts';

const inOrder = (sent: readonly Sent[]) => read((_after, request) => page(sent[request] ?? { ids: [] }));

const STUCK = 'because the cursor did not move on';

describe('a connection that is whole', () => {
  it('is read page by page with the cursor of the page before', async () => {
    const { asked, ids, incomplete } = await inOrder([
      { ids: ['a', 'b'], cursor: 'B' },
      { ids: ['c', 'd'], cursor: 'D', hasNextPage: false },
    ]);
    expect({ asked, ids, incomplete }).toEqual({ asked: [null, 'B'], ids: ['a', 'b', 'c', 'd'], incomplete: [] });
  });

  it('may be empty', async () => {
    const { asked, ids, incomplete } = await inOrder([{ ids: [], total: 0 }]);
    expect({ asked, ids, incomplete }).toEqual({ asked: [null], ids: [], incomplete: [] });
  });

  it('may end with an empty cursor', async () => {
    const sent = { ids: ['a'], cursor: '', hasNextPage: false, total: 1 };
    expect((await inOrder([sent])).incomplete).toEqual([]);
  });

  it('may end with an empty page', async () => {
    const { ids, incomplete } = await inOrder([
      { ids: ['a', 'b'], cursor: 'B', total: 2 },
      { ids: [], total: 2 },
    ]);
    expect({ ids, incomplete }).toEqual({ ids: ['a', 'b'], incomplete: [] });
  });

  it('may have smaller pages than were asked for', async () => {
    const sent = ['a', 'b', 'c', 'd'].map((id, index) => ({ ids: [id], cursor: index === 3 ? null : id }));
    expect((await inOrder(sent)).incomplete).toEqual([]);
  });

  it('counts by the last page, when nodes came while it was read', async () => {
    const sent = [
      { ids: ['a'], cursor: 'A', total: 2 },
      { ids: ['b', 'c'], total: 3 },
    ];
    expect((await inOrder(sent)).incomplete).toEqual([]);
  });
});

describe('a cursor that does not move', () => {
  it.each<[string, string | null]>([
    ['none', null],
    ['an empty one', ''],
  ])('is %s with more pages promised', async (_what, cursor) => {
    const { asked, ids, incomplete } = await read(() => page({ ids: ['a'], cursor, hasNextPage: true }));
    expect({ asked, ids }).toEqual({ asked: [null, null, null, null], ids: ['a'] });
    expect(incomplete).toEqual([
      expect.stringContaining(`applied.models: paging stopped after 1 of 4 nodes, ${STUCK}`),
    ]);
  });

  it('is the same again', async () => {
    const { asked, ids, incomplete } = await read((_after, request) => page({ ids: [`n${request}`], cursor: 'A' }));
    expect(asked).toEqual([null, 'A', 'A', 'A', 'A']);
    expect(ids).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
    expect(incomplete).toEqual([expect.stringContaining(STUCK)]);
  });

  it('is one of two that take turns', async () => {
    const { asked, incomplete } = await read((_after, request) =>
      page({ ids: [`n${request}`], cursor: request % 2 === 0 ? 'A' : 'B' }),
    );
    expect(asked).toEqual([null, 'A', 'B', 'B', 'B', 'B']);
    expect(incomplete).toEqual([expect.stringContaining(STUCK)]);
  });

  it('is new with every page while the page is the same', async () => {
    const { ids, incomplete } = await read((_after, request) => page({ ids: ['a', 'b'], cursor: `C${request}` }));
    expect(ids).toEqual(['a', 'b']);
    expect(incomplete).toEqual([expect.stringContaining(STUCK)]);
  });

  it('contradicts the count when all that are counted came', async () => {
    const { incomplete } = await read(() => page({ ids: ['a', 'b'], cursor: 'A', hasNextPage: true, total: 2 }));
    expect(incomplete).toEqual([
      `applied.models: paging stopped after 2 nodes, ${STUCK}: the service counts 2 and says that there are more.`,
    ]);
  });

  it('is new with every page while all pages are empty', async () => {
    const { incomplete } = await read((_after, request) => page({ ids: [], cursor: `C${request}` }));
    expect(incomplete).toEqual([expect.stringContaining(STUCK)]);
  });
});

describe('a count that does not match', () => {
  it('is told when nodes are missing', async () => {
    const { ids, incomplete } = await inOrder([{ ids: ['a', 'b', 'c'] }]);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(incomplete).toEqual(['applied.models: 3 nodes came of the 4 that the service counts.']);
  });

  it('is told when more nodes came', async () => {
    const { ids, incomplete } = await inOrder([{ ids: ['a', 'b', 'c', 'd', 'e'] }]);
    expect(ids).toHaveLength(5);
    expect(incomplete).toEqual(['applied.models: 5 nodes came of the 4 that the service counts.']);
  });

  it('ends a service that gives new nodes for ever', async () => {
    const many = (request: number) => Array.from({ length: 500 }, (_, index) => `n${request}-${index}`);
    const { incomplete } = await read((_after, request) => page({ ids: many(request), cursor: `C${request}` }));
    expect(incomplete).toHaveLength(1);
  });

  it('goes on past a count that is too short', async () => {
    const { ids, incomplete } = await inOrder([
      { ids: ['a', 'b'], cursor: 'B', total: 1 },
      { ids: ['c'], total: 1 },
    ]);
    expect({ ids, incomplete }).toMatchObject({
      ids: ['a', 'b', 'c'],
      incomplete: [expect.stringContaining('3 nodes')],
    });
  });

  it('ends a service that gives nodes without unique ids for ever', async () => {
    const nameless = (request: number) => ({
      ...page({ ids: [], cursor: `C${request}` }),
      edges: Array.from({ length: 500 }, () => ({ node: {} })),
    });
    const { incomplete } = await read((_after, request) => nameless(request));
    expect(incomplete).toHaveLength(1);
  });

  it.each([undefined, null, '4', Number.NaN])('is told when the count is %s', async (totalCount) => {
    const { incomplete } = await read((_after, request) => ({
      ...page({ ids: [`n${request}`], cursor: `C${request}` }),
      totalCount,
    }));
    expect(incomplete).toHaveLength(1);
  });
});

describe('a node that comes twice', () => {
  it('is given once, and counts once', async () => {
    const { ids, incomplete } = await inOrder([
      { ids: ['a', 'b'], cursor: 'B', total: 3 },
      { ids: ['b', 'c'], total: 3 },
    ]);
    expect({ ids, incomplete }).toEqual({ ids: ['a', 'b', 'c'], incomplete: [] });
  });

  it('is given once when it comes twice on one page', async () => {
    const { ids, incomplete } = await read(() => page({ ids: ['a', 'a'], total: 2 }));
    expect(ids).toEqual(['a']);
    expect(incomplete).toEqual([expect.stringContaining('1 node came of the 2')]);
  });

  it('hides none of a page that was pushed over by an insertion', async () => {
    const { ids } = await inOrder([{ ids: ['b', 'c'], cursor: 'C' }, { ids: ['c', 'd'], cursor: 'D' }, { ids: ['e'] }]);
    expect(ids).toEqual(['b', 'c', 'd', 'e']);
  });
});

describe('a fault that passes', () => {
  const last = { ids: ['c', 'd'], cursor: 'D', hasNextPage: false };

  it.each<[string, Sent]>([
    ['a cursor that stays', { ids: ['c'], cursor: 'B', hasNextPage: true }],
    ['no cursor', { ids: ['c', 'd'], cursor: null, hasNextPage: true }],
    ['the page before', { ids: ['a', 'b'], cursor: 'B' }],
    ['a wrong count', { ...last, total: 5 }],
    ['an early end', { ids: ['c'], cursor: 'C', hasNextPage: false }],
  ])('is asked over: %s, twice', async (_what, fault) => {
    const sent = [{ ids: ['a', 'b'], cursor: 'B' }, fault, fault, last];
    const { asked, ids, incomplete } = await inOrder(sent);
    expect({ asked, ids, incomplete }).toEqual({
      asked: [null, 'B', 'B', 'B'],
      ids: ['a', 'b', 'c', 'd'],
      incomplete: [],
    });
  });

  it('may be a cursor that nobody knows, with the first page again', async () => {
    const first = ['a', 'b'];
    const sent = [{ ids: first, cursor: '?' }, { ids: first, cursor: '??' }, { ids: first, cursor: 'B' }, last];
    const { asked, ids, incomplete } = await inOrder(sent);
    expect({ asked, ids, incomplete }).toEqual({
      asked: [null, '?', '??', 'B'],
      ids: ['a', 'b', 'c', 'd'],
      incomplete: [],
    });
  });
});

describe('a page that is lost', () => {
  it('ends the connection with its reason, and keeps the pages before it', async () => {
    const { ids, incomplete, pages } = await read((_after, request) =>
      request === 0 ? page({ ids: ['a'], cursor: 'A' }) : { lost: 'The service is ill.' },
    );
    expect({ ids, incomplete }).toEqual({ ids: ['a'], incomplete: ['applied.models: The service is ill.'] });
    expect(pages.at(-1)?.total).toBe(4);
  });
});

describe('any service at all', () => {
  const sent = fc.record({
    ids: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 4 }),
    cursor: fc.constantFrom(null, '', 'A', 'B', 'C'),
    hasNextPage: fc.boolean(),
    total: fc.nat({ max: 8 }),
  });

  it('comes to an end, gives each node once, and is whole only when the counts agree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 5 }), async (answers) => {
        const { ids, pages, incomplete } = await read((_after, request) =>
          page(answers[request % answers.length] ?? { ids: [] }),
        );
        expect(new Set(ids).size).toBe(ids.length);
        expect(incomplete.length > 0 || pages.at(-1)?.total === ids.length).toBe(true);
        expect(incomplete.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is whole when pages are cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, size) => {
          const { ids, incomplete } = await read((after) => {
            const start = after === null ? 0 : Number(after);
            const end = start + size;
            return page({
              ids: all.slice(start, end),
              cursor: end < all.length ? String(end) : null,
              total: all.length,
            });
          });
          expect({ ids, incomplete }).toEqual({ ids: all, incomplete: [] });
        },
      ),
    );
  });
});
