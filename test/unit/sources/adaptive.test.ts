import { describe, expect, it } from 'vitest';
import { groupDefinitionNode, macroDefinitionNode } from '../normalize/raw-nodes.ts';
import { type Asked, asked, type Fault, good, read, serve, serveAlso, useLoopback } from './loopback.ts';

useLoopback();

const OPERATION = 'DefinitionGroups';
const groups = (count: number) =>
  Array.from({ length: count }, (_, index) => groupDefinitionNode({ uniqueId: `group.shop.g${index}` })) as {
    uniqueId: string;
  }[];
const idsOf = (count: number) => groups(count).map(({ uniqueId }) => uniqueId);
const sizes = () => asked.filter(({ operation }) => operation === OPERATION).map(({ first }) => first);
const errors = (message: string, code: string) => ({ errors: [{ message, extensions: { code } }], data: null });
const handled = (_sent: unknown) => 'handled' as const;
const on =
  (misbehave: Fault): Fault =>
  (one, response) =>
    one.operation === OPERATION ? misbehave(one, response) : undefined;
const holds = ({ first, start }: Asked, ...places: number[]) =>
  places.some((place) => place >= start && place < start + first);

/** Something else that comes, without which nothing at all would. */
const OTHER = 'macro.shop.other';
const serveOther = () =>
  serveAlso('DefinitionMacros', [macroDefinitionNode({ uniqueId: OTHER }) as { uniqueId: string }]);

describe('a page that is too much', () => {
  it('for the service is halved until it is not, without being repeated', async () => {
    const tooComplex = on(({ first }) => (first > 150 ? errors('no', 'COMPLEXITY_EXCEEDED') : undefined));
    serve(OPERATION, groups(300), tooComplex);
    const { ids, incomplete } = await read();
    expect({ ids, incomplete }).toEqual({ ids: idsOf(300), incomplete: [] });
    expect(sizes()).toEqual([500, 250, 125, 125, 125]);
  });

  it('for its time is halved, without being repeated', async () => {
    serve(
      OPERATION,
      groups(300),
      on(({ first }) => (first > 250 ? 'handled' : undefined)),
    );
    const { ids, incomplete } = await read({ timeoutMs: 300 });
    expect({ ids, incomplete }).toEqual({ ids: idsOf(300), incomplete: [] });
    expect(sizes()).toEqual([500, 250, 250]);
  });

  it('for us is halved, without being repeated', async () => {
    serve(OPERATION, groups(40), () => undefined);
    const whole = JSON.stringify(good({ operation: OPERATION, first: 500, start: 0, isBare: false })).length;
    const { ids, incomplete } = await read({ maxBytes: whole - 1 });
    expect({ ids, incomplete }).toEqual({ ids: idsOf(40), incomplete: [] });
    expect(sizes().slice(0, 5)).toEqual([500, 250, 125, 62, 31]);
  });

  it('even of one node is a reject, and the pages go on after it', async () => {
    serve(
      OPERATION,
      groups(3),
      on(({ isBare }) => (isBare ? undefined : errors('no', 'COMPLEXITY_EXCEEDED'))),
    );
    const { ids, seen, received, incomplete, rejects } = await read();
    expect({ ids, seen, received, incomplete }).toEqual({ ids: [], seen: idsOf(3), received: 3, incomplete: [] });
    expect(rejects).toHaveLength(3);
  });
});

describe('a node that the service cannot give', () => {
  const broken = (...places: number[]) =>
    on((one) => (!one.isBare && holds(one, ...places) ? errors('Internal server error', 'X') : undefined));

  it('is a reject with its unique id and the reason, and all others come', async () => {
    serve(OPERATION, groups(300), broken(170));
    const { ids, seen, received, incomplete, rejects } = await read();
    expect({ seen, received, incomplete }).toEqual({ seen: ['group.shop.g170'], received: 300, incomplete: [] });
    expect(ids).toEqual(idsOf(300).filter((id) => id !== 'group.shop.g170'));
    expect(rejects).toEqual([
      {
        resourceType: 'group',
        uniqueId: 'group.shop.g170',
        reason: expect.stringContaining('Internal server error'),
        raw: { uniqueId: 'group.shop.g170' },
      },
    ]);
  });

  it('may be the first, the last, and one of several in a row', async () => {
    serve(OPERATION, groups(40), broken(0, 20, 21, 22, 39));
    const { ids, seen, incomplete } = await read();
    expect(seen).toEqual([0, 20, 21, 22, 39].map((place) => `group.shop.g${place}`));
    expect({ count: ids.length, incomplete }).toEqual({ count: 35, incomplete: [] });
  });

  it('is found although the service answers with a gateway page', async () => {
    const gateway = on((one, response) => {
      if (one.isBare || !holds(one, 5)) return undefined;
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>');
      return 'handled';
    });
    serve(OPERATION, groups(9), gateway);
    expect((await read()).seen).toEqual(['group.shop.g5']);
  });

  it('whose unique id cannot be had either leaves the connection incomplete there', async () => {
    const fault = on((one) => (holds(one, 2) && one.first === 1 ? errors('oh no', 'X') : undefined));
    serve(OPERATION, groups(5), (one, response) =>
      one.isBare
        ? fault(one, response)
        : on((whole) => (holds(whole, 2) ? errors('oh no', 'X') : undefined))(one, response),
    );
    const { ids, incomplete } = await read();
    expect(ids).toEqual(idsOf(2));
    expect(incomplete).toEqual([
      expect.stringContaining('definition.groups: The Discovery API answered with an error: oh no.'),
    ]);
  });
});

describe('a connection of nodes that the service cannot give', () => {
  it('is incomplete once it is clear that it is not the nodes', async () => {
    serve(
      OPERATION,
      groups(200),
      on(({ isBare }) => (isBare ? undefined : errors('Internal server error', 'X'))),
    );
    const { rejects, incomplete } = await read();
    expect(rejects).toHaveLength(50);
    expect(incomplete).toEqual([
      expect.stringMatching(/^definition\.groups: more than 50 nodes .+ Internal server error/),
    ]);
  });

  it('is incomplete soon when it never answers, not even for one unique id', async () => {
    serve(
      OPERATION,
      groups(9),
      on(() => 'handled'),
    );
    serveOther();
    const { incomplete } = await read({ timeoutMs: 300 });
    expect(incomplete).toEqual([expect.stringContaining('did not answer in time')]);
    expect(sizes()).toEqual([500, 250, 1]);
  });
});

describe('a connection that fails for good', () => {
  it.each<[string, Fault]>([
    ['errors of the service', () => errors('Internal server error', 'INTERNAL_SERVER_ERROR')],
    ['errors beside the data', (one) => ({ ...good(one), errors: [{ message: 'one field failed' }] })],
    ['no connection', () => ({ data: { environment: { definition: { groups: null } } } })],
    ['garbage', () => ({ data: { environment: [7, { definition: 'x' }] } })],
    ['half an answer', (one, response) => handled(response.end(JSON.stringify(good(one)).slice(0, -9)))],
    ['a 500', (_one, response) => handled(response.writeHead(500).end('oops'))],
  ])('is incomplete by %s, at little cost, and the others come', async (_what, fault) => {
    serve(OPERATION, groups(9), on(fault));
    serveOther();
    const others = ['DefinitionMacros', 'AppliedTests', 'Probe'];
    const { ids, incomplete } = await read();
    expect({ ids, incomplete }).toEqual({
      ids: [OTHER],
      incomplete: [expect.stringMatching(/^definition\.groups: .+\.?$/)],
    });
    expect(sizes()).toHaveLength(6);
    for (const other of others) expect(asked.map(({ operation }) => operation)).toContain(other);
  });

  it('is incomplete by a query that the service does not know, after one request', async () => {
    serve(
      OPERATION,
      groups(9),
      on((_one, response) => {
        response.writeHead(400).end(JSON.stringify(errors('Cannot query field "ownerName" on type "GroupNode".', 'X')));
        return 'handled';
      }),
    );
    serveOther();
    expect((await read()).incomplete).toEqual([expect.stringContaining('"ownerName"')]);
    expect(sizes()).toEqual([500]);
  });

  it('keeps the pages that came before', async () => {
    serve(
      OPERATION,
      groups(900),
      on(({ start }) => (start > 0 ? errors('oh no', 'X') : undefined)),
    );
    expect((await read()).ids).toEqual(idsOf(500));
  });

  it('is asked in smaller parts no more when the reading has lost its patience', async () => {
    serve(
      OPERATION,
      groups(9),
      on(({ isBare }) => (isBare ? undefined : errors('no', 'COMPLEXITY_EXCEEDED'))),
    );
    serveOther();
    const { incomplete } = await read({ patienceMs: 0 });
    expect(incomplete).toEqual([expect.stringContaining('too complex')]);
    expect(sizes()).toEqual([500]);
  });
});

describe('a fault that ends after two tries', () => {
  it.each<[string, Fault]>([
    ['no connection', () => ({ data: { environment: { definition: { groups: null } } } })],
    ['a count too high', (one) => JSON.parse(JSON.stringify(good(one)).replace(/"totalCount":\d+/, '"totalCount":99'))],
    ['half an answer', (one, response) => handled(response.end(JSON.stringify(good(one)).slice(0, -9)))],
    ['a reset', (_one, response) => handled(response.writeHead(200).write('{', () => response.destroy()))],
    ['silence', () => 'handled'],
    ['a complexity error', () => errors('no', 'COMPLEXITY_EXCEEDED')],
  ])('loses nothing: %s', async (_what, fault) => {
    let left = 2;
    serve(
      OPERATION,
      groups(9),
      on((one, response) => (left-- > 0 ? fault(one, response) : undefined)),
    );
    const { ids, incomplete, rejects } = await read({ timeoutMs: 300 });
    expect({ ids, incomplete, rejects }).toEqual({ ids: idsOf(9), incomplete: [], rejects: [] });
  });
});

describe('a service that is gone', () => {
  const gone =
    (fault: Fault): Fault =>
    (one, response) =>
      asked.length > 1 ? fault(one, response) : undefined;

  it.each<[string, Fault, string]>([
    ['answers with 503', (_one, response) => handled(response.writeHead(503).end()), 'status 503'],
    ['answers with 429', (_one, response) => handled(response.writeHead(429).end()), 'too often'],
    ['resets', (_one, response) => handled(response.destroy()), 'cannot be reached'],
    ['is silent', () => 'handled', 'did not answer in time'],
  ])('fails the reading soon: it %s', async (_what, fault, said) => {
    serve(OPERATION, groups(9), gone(fault));
    await expect(read({ timeoutMs: 300 })).rejects.toMatchObject({
      name: 'SyncError',
      message: expect.stringContaining(said),
    });
    expect(asked.length).toBeLessThan(100);
  });

  it('is told in one sentence when no connection can be read, although it answers', async () => {
    serve(OPERATION, groups(9), ({ operation }) =>
      operation === 'Probe' ? undefined : errors('no', 'COMPLEXITY_EXCEEDED'),
    );
    await expect(read()).rejects.toMatchObject({
      name: 'SyncError',
      message: expect.stringMatching(
        /^Nothing of environment 7 could be read; definition\.\w+, applied\.\w+ and 15 more: .+ too complex/,
      ),
    });
  });

  it.each([
    ['for an hour', '3600', 'an hour'],
    ['until long after us', 'Fri, 31 Dec 9999 23:59:59 GMT', '24 hours'],
    ['for ever', 'Infinity', '24 hours'],
  ])('is not waited for when it asks in the middle to be left alone %s', async (_what, asks, said) => {
    serve(OPERATION, groups(9), (_one, response) =>
      asked.length > 3 ? handled(response.writeHead(429, { 'retry-after': asks }).end()) : undefined,
    );
    const delays: unknown[] = [];
    await expect(read({ onDelay: (delay) => delays.push(delay) })).rejects.toMatchObject({
      name: 'SyncError',
      message: expect.stringMatching(new RegExp(`(too often|left alone).*: try again in ${said}\\.$`)),
    });
    expect(asked.length).toBeLessThan(10);
    expect(delays).toEqual([]);
  });

  it.each<[string, Fault]>([
    ['401', (_one, response) => handled(response.writeHead(401).end())],
    ['403', (_one, response) => handled(response.writeHead(403).end())],
    ['404', (_one, response) => handled(response.writeHead(404).end())],
    ['a redirect', (_one, response) => handled(response.writeHead(302, { location: '/login' }).end())],
    ['an error of the token', () => errors('No token was provided.', 'X')],
    ['no such environment', () => errors('There is no data available for this input', 'NOT_FOUND')],
  ])('is told at once when it turns to %s', async (_what, fault) => {
    serve(OPERATION, groups(9), on(fault));
    await expect(read()).rejects.toMatchObject({ name: 'FatalError' });
    expect(sizes()).toEqual([500]);
  });
});
