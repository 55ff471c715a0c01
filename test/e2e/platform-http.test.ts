import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { ACCOUNT, build, miniHistory, PRODUCTION } from './mini-history.ts';
import { call, given, graphql, page } from './mini-platform.ts';

const root = new URL('../../', import.meta.url);
describe('pages and filters', () => {
  const five = build(1, ['e', 'a', 'c', 'b', 'd']);

  it('come in the order of the ids, each as long as asked, and say when they end', async () => {
    await given(five);
    const first = await page({ first: 2 });
    const second = await page({ first: 2, after: first.endCursor });
    const third = await page({ first: 2, after: second.endCursor });
    expect([first.names, second.names, third.names]).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect([first, second, third].map((one) => [one.hasNextPage, one.total])).toEqual([
      [true, 5],
      [true, 5],
      [false, 5],
    ]);
  });

  it('names the last node of the page in its cursor', async () => {
    await given(five);
    const { endCursor } = await page({ first: 2 });
    expect(Buffer.from(endCursor, 'base64').toString()).toBe('cursor:model.shop.b');
  });

  it('goes on behind a node that is gone by now', async () => {
    const platform = await given(five, build(2, ['a', 'c', 'd']));
    platform.advance('mini', 1);
    const { endCursor } = await page({ first: 2 });
    platform.advance('mini', 2);
    expect((await page({ first: 2, after: endCursor })).names).toEqual(['c', 'd']);
  });

  it('has neither cursor nor nodes on an empty page', async () => {
    await given(five);
    expect(await page({ filter: { uniqueIds: ['model.shop.z'] } })).toMatchObject({
      names: [],
      endCursor: null,
      hasNextPage: false,
      total: 0,
    });
  });

  it.each([
    { why: 'a page of more than 500', variables: { first: 501 }, message: /between 0 and 500/ },
    { why: 'a cursor that is none', variables: { after: 'bm9uc2Vuc2U=' }, message: /not a cursor/ },
  ])('refuses $why', async ({ variables, message }) => {
    await given(five);
    const refused = await page(variables);
    expect(refused.message).toMatch(message);
    expect(refused.names).toBeUndefined();
  });

  it.each([
    { why: 'one id without a list', filter: { uniqueIds: 'model.shop.c' }, names: ['c'] },
    { why: 'several ids', filter: { uniqueIds: ['model.shop.d', 'model.shop.a'] }, names: ['a', 'd'] },
    { why: 'an id in another case', filter: { uniqueIds: ['MODEL.SHOP.C'] }, names: [] },
    { why: 'members of null', filter: { access: null, uniqueIds: null }, names: ['a', 'b', 'c', 'd', 'e'] },
    { why: 'an empty list', filter: { uniqueIds: [] }, names: ['a', 'b', 'c', 'd', 'e'] },
    { why: 'a status', filter: { lastRunStatus: 'error' }, names: [] },
    { why: 'an alias', filter: { identifier: 'b' }, names: ['b'] },
  ])('takes a filter of $why', async ({ filter, names }) => {
    await given(five);
    expect((await page({ filter })).names).toEqual(names);
  });

  it('takes an environment id as a string and ignores variables that no query declares', async () => {
    await given(five);
    expect((await page({ id: String(PRODUCTION), cursor: 'x', first: 1 })).names).toEqual(['a']);
  });
});

describe('refusals', () => {
  it('says of an unknown environment that there is no data for it', async () => {
    await given();
    const { status, body } = await graphql('{ environment(id: 1) { adapterType } }');
    expect(status).toBe(200);
    expect(body.data).toBeNull();
    expect(body.errors[0].message).toMatch(/^There is no data available for this input/);
  });

  it.each([
    {
      query: '{ environment(id: 1) { colour } }',
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: /Cannot query field "colour"/,
    },
    { query: '{ environment(', code: 'GRAPHQL_PARSE_FAILED', message: /Syntax Error/ },
    {
      query: 'query Q($id: BigInt!) { environment(id: $id) { adapterType } }',
      code: 'BAD_USER_INPUT',
      message: /"\$id"/,
    },
  ])('answers 400 with the code $code', async ({ query, code, message }) => {
    await given();
    const { status, body } = await graphql(query);
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({ extensions: { code }, message: expect.stringMatching(message) });
    expect(body.errors[0].locations).toBeDefined();
    expect(body).not.toHaveProperty('data');
  });

  it.each([
    '',
    DEFAULT_TOKEN,
    'Bearer wrong',
  ])('answers 401 from both APIs to the authorization "%s"', async (value) => {
    await given();
    const headers = { authorization: value };
    const asked = await call('/graphql', {
      method: 'POST',
      body: JSON.stringify({ query: '{ __typename }' }),
      headers,
    });
    const listed = await call(`/api/v2/accounts/${ACCOUNT}/`, { headers });
    for (const { status, body } of [asked, listed]) {
      expect([status, body.status]).toEqual([401, expect.objectContaining({ code: 401, is_success: false })]);
    }
  });

  it('takes the token with either word before it', async () => {
    await given();
    const headers = { authorization: `Token ${DEFAULT_TOKEN}` };
    expect((await call(`/api/v2/accounts/${ACCOUNT}/`, { headers })).body.data.id).toBe(ACCOUNT);
  });
});

describe('the documents of the project', () => {
  it('are answered without an error, all of them', async () => {
    await given(build(1, ['orders']));
    const folder = new URL('queries/', root);
    const files = readdirSync(folder).filter((name) => name !== 'schema.graphql');
    const text = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const fragments = text.match(/^fragment \w+ on [\s\S]*?^}/gm) ?? [];
    const queries = text.match(/^query [\s\S]*?^}/gm) ?? [];
    expect(queries).toHaveLength(18);
    for (const query of queries) {
      const used = fragmentsOf(query, fragments);
      const { body } = await graphql([query, ...used].join('\n'), {
        environmentId: PRODUCTION,
        first: 10,
        definition: true,
      });
      expect(body.errors).toBeUndefined();
    }
  });
});

function fragmentsOf(text: string, fragments: string[]): string[] {
  const direct = fragments.filter((one) => text.includes(`...${one.split(' ')[1]}\n`));
  return [...new Set([...direct, ...direct.flatMap((one) => fragmentsOf(one, fragments))])];
}

describe('the platform as a process', () => {
  const mine = (url: string) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query: `query Mine { environment(id: ${PRODUCTION}) { adapterType } }` }),
      headers: { authorization: `Bearer ${DEFAULT_TOKEN}` },
    });

  async function started() {
    const args = ['--import', 'tsx', 'demo/platform/main.ts', '--history', miniHistory([build(1, ['a'])])];
    const child = spawn(process.execPath, args, { cwd: fileURLToPath(root), stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stdout), 'line');
    return { child, url: JSON.parse(line).url as string };
  }

  it('prints its address in one line of JSON and ends at SIGTERM with the counts of its requests', async () => {
    const { child, url } = await started();
    expect(await (await mine(url)).json()).toEqual({ data: { environment: { adapterType: 'duckdb' } } });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [said] = await once(createInterface(child.stderr), 'line');
    expect(JSON.parse(said)).toEqual({ requests: { Mine: 1 } });
    expect((await ended)[0]).toBe(0);
  });

  it('ends at SIGTERM while one client waits for an answer and another for its rest', async () => {
    const { child, url } = await started();
    const faults = [
      { kind: 'hang', times: 1 },
      { kind: 'slow', bytesPerSecond: 0.001 },
    ];
    for (const fault of faults) await fetch(`${url}/control/fail`, { method: 'POST', body: JSON.stringify(fault) });
    const [waiting, dripping] = [mine(url), mine(url).then((response) => response.text())];
    const refused = Promise.all([expect(waiting).rejects.toThrow(), expect(dripping).rejects.toThrow()]);
    const hits = async () => {
      const state = (await (await fetch(`${url}/control/state`)).json()) as { faults: { hits: number }[] };
      return state.faults.map((fault) => fault.hits);
    };
    await expect.poll(hits).toEqual([1, 1]);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    await refused;
  });
});
