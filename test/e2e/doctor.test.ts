import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FaultInput } from '../../demo/platform/faults.ts';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { CLOSED_PORT, cli } from './cli.ts';
import { clinic, examined } from './doctor-scene.ts';
import { ACCOUNT, build, CI, PRODUCTION, runId, STAGING } from './mini-history.ts';

const GET_ACCOUNT = 'GET /api/v2/accounts/{id}/';

describe('an integration that is well', () => {
  it('passes every check, and old data is but a warning', async () => {
    const { doctor } = await clinic();
    const { code, statuses, err } = await doctor();
    expect([code, err]).toEqual([0, '']);
    expect(statuses).toEqual({
      access_url: 'ok',
      host: 'ok',
      token: 'ok',
      discovery: 'ok',
      admin: 'ok',
      environment: 'ok',
      last_run: 'ok',
      freshness: 'warning',
      last_sync: 'ok',
      database: 'ok',
      schema: 'ok',
      writable: 'ok',
      pooler: 'ok',
      clock: 'ok',
    });
  });

  it('is told with what was found', async () => {
    const { doctor } = await clinic(
      build(1, ['a']),
      { ...build(2, ['a']), status: 20 },
      { ...build(3, ['a']), job: CI },
    );
    const { check } = await doctor();
    expect(check('environment')?.message).toBe(`${PRODUCTION}, Production (production), project shop`);
    expect(check('admin')?.message).toContain(`account Demo (${ACCOUNT})`);
    expect(check('last_run')).toMatchObject({
      status: 'warning',
      message: `The last run ${runId(2)} of the job Daily build failed at 2026-01-02 06:30 UTC.`,
    });
    expect(check('freshness')?.message).toMatch(/2026-01-02 06:30 UTC, \d+ days ago: results older than two months/);
  });

  it('is one line a check for a person, with the mend below', async () => {
    const { text } = await clinic();
    const { code, out } = await text();
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toBe('default');
    expect(lines).toContain('  ✓ discovery    may be used');
    const old = lines.findIndex((line) => line.startsWith('  ! freshness'));
    expect(lines[old + 1]).toMatch(/^ {17}→ /);
    expect(lines.at(-2)).toBe('1 warning: a sync can go on.');
  });
});

/** A fault, the check that finds it, and words that tell its cause and its mend. */
const FAULTS: readonly [string, FaultInput, string, RegExp][] = [
  [
    'a token that is refused (401)',
    { kind: 'unauthorized', as: 401, operation: 'Probe' },
    'discovery',
    /Admin API does: it lacks a permission.*Metadata Only/,
  ],
  [
    'a permission that is missing (403)',
    { kind: 'unauthorized', as: 403, operation: 'Probe' },
    'discovery',
    /lacks a permission.*Metadata Only/,
  ],
  [
    'a permission that is missing (404)',
    { kind: 'unauthorized', as: 404, operation: 'Probe' },
    'discovery',
    /nothing for this token.*Metadata Only/,
  ],
  [
    'a refusal in an answer with status 200',
    { kind: 'unauthorized', as: 200, operation: 'Probe' },
    'discovery',
    /lacks a permission.*Metadata Only/,
  ],
  [
    'an environment that it does not know',
    { kind: 'no_environment', operation: 'Probe' },
    'environment',
    new RegExp(`no environment ${PRODUCTION}.*admit the token to its project`),
  ],
  [
    'an environment without applied state',
    { kind: 'applied_null', operation: 'Probe' },
    'environment',
    /no applied state.*Run a deploy job/,
  ],
  ['throttling', { kind: 'throttled', retryAfter: 300, operation: 'Probe' }, 'discovery', /too often.*five minutes/],
  ['throttling of the first question', { kind: 'throttled' }, 'discovery', /too often.*five minutes/],
  ['errors of the service', { kind: 'errors', data: false, operation: 'Probe' }, 'discovery', /Internal server error/],
  ['a web page', { kind: 'html' }, 'host', /no Discovery API endpoint: it answers with a web page.*discovery_url/],
  ['a service that is down', { kind: 'status', status: 503 }, 'host', /an error of its own \(503\).*Try again/],
  [
    'a gateway that is down',
    { kind: 'status', status: 502, html: true },
    'host',
    /an error of its own \(502\).*Try again/,
  ],
  ['a host that hangs up', { kind: 'reset' }, 'host', /breaks off.*Try again/],
  [
    'a moved account',
    { kind: 'redirect', location: 'https://ab123.metadata.eu1.dbt.com/graphql' },
    'host',
    /access URL has moved.*write access_url: https:\/\/ab123\.eu1\.dbt\.com$/,
  ],
  [
    'an address without a host that it sends its callers to',
    { kind: 'redirect', location: 'javascript:alert(1)' },
    'host',
    /sends its callers to another address \(30\d\)/,
  ],
];

describe('doctor finds', () => {
  it.each(FAULTS)('%s', async (_, fault, name, words) => {
    const { platform, examine } = await clinic();
    platform.fail(fault);
    const { code, checks, check } = await examine();
    const failures = checks.filter(({ status }) => status === 'failed').map((one) => one.check);
    expect([code, failures]).toEqual([1, [name]]);
    expect(`${check(name)?.message} ${check(name)?.mend ?? ''}`).toMatch(words);
  });

  it('an environment of which only what was built can be read', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'definition_null', operation: 'Probe' });
    const { code, check } = await examine();
    expect([code, check('environment')?.status]).toEqual([0, 'warning']);
    expect(check('environment')?.message).toContain('no definition state');
  });

  it('an endpoint without its path', async () => {
    const { platform, examine } = await clinic();
    const { code, check } = await examine({ discoveryUrl: `${platform.url}/` });
    expect([code, check('discovery')?.status]).toEqual([1, 'failed']);
    expect(check('discovery')?.mend).toContain(`${platform.url}/graphql`);
  });

  it('a wrong access_url beside a discovery_url that is good', async () => {
    const { examine } = await clinic();
    const { code, check } = await examine({ accessUrl: 'https://ab123.metadata.us1.dbt.com' });
    expect([code, check('access_url')?.status, check('admin')?.status]).toEqual([0, 'warning', 'skipped']);
  });

  it('no proxy before a host that NO_PROXY names', async () => {
    const { platform, env } = await clinic();
    const excluded = { ...env, HTTP_PROXY: `http://127.0.0.1:${CLOSED_PORT}`, NO_PROXY: '127.0.0.1' };
    const described = ['--discovery-url', `${platform.url}/graphql`, '--environment-id', String(PRODUCTION)];
    const { out } = await cli(['doctor', '--json', '--token-env', 'TOKEN', ...described], { env: excluded });
    const { check } = examined({ code: 0, out, err: '' });
    expect(check('host')?.message).toBe(`${new URL(platform.url).host} answers`);
  });

  it('a token that nobody knows, and says where the account may be', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 401 });
    platform.fail({ kind: 'unauthorized', as: 401, operation: GET_ACCOUNT });
    const { code, check, statuses } = await examine();
    expect([code, statuses.host, statuses.token, statuses.discovery]).toEqual([1, 'ok', 'failed', 'skipped']);
    expect(check('token')?.mend).toContain('If the token is good it is of another account: compare access_url');
  });

  it('a port at which nothing answers', async () => {
    const { examine } = await clinic();
    const { code, check } = await examine({ discoveryUrl: `http://127.0.0.1:${CLOSED_PORT}/graphql` });
    expect([code, check('host')?.status]).toEqual([1, 'failed']);
    expect(check('host')?.message).toContain('the connection is refused');
    expect(check('token')).toMatchObject({ status: 'skipped', message: 'the host was not reached' });
  });

  it('a host that does not exist', async () => {
    const { examine } = await clinic();
    const { check } = await examine({ discoveryUrl: 'https://ab123.metadata.us1.dbt.invalid/graphql' });
    expect(check('host')?.message).toMatch(
      /There is no host ab123\.metadata\.us1\.dbt\.invalid|cannot be resolved now/,
    );
  });

  it('a proxy that does not answer', async () => {
    const { platform, env } = await clinic();
    const proxied = { ...env, HTTP_PROXY: `http://user:secret@127.0.0.1:${CLOSED_PORT}` };
    const described = ['--discovery-url', `${platform.url}/graphql`, '--environment-id', String(PRODUCTION)];
    const { out } = await cli(['doctor', '--json', '--token-env', 'TOKEN', ...described], { env: proxied });
    const { check } = examined({ code: 1, out, err: '' });
    expect(check('host')).toMatchObject({ status: 'failed', mend: expect.stringContaining('HTTPS_PROXY') });
    expect(out).not.toContain('secret');
  });

  it('ids of another project', async () => {
    const { examine } = await clinic();
    const { code, check } = await examine({ projectId: '17' });
    expect([code, check('environment')?.status]).toEqual([1, 'failed']);
    expect(check('environment')?.message).toContain('but project_id is 17');
  });

  it('an environment that the account does not have, and says which it has', async () => {
    const { examine } = await clinic();
    const { check } = await examine({ environmentId: '12' });
    expect(check('environment')?.mend).toBe(
      `Correct environment_id. The account has: ${PRODUCTION} (Production), ${STAGING} (Staging).`,
    );
  });

  it('that the Admin API may not be asked, and what will be missing', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 403, operation: GET_ACCOUNT });
    const { code, check } = await examine();
    expect([code, check('admin')?.status]).toEqual([0, 'warning']);
    expect(check('admin')?.message).toMatch(/run history, names of jobs.*will be missing/);
  });

  it('an access URL that is the address of an API', async () => {
    const { env } = await clinic();
    const args = ['--access-url', 'https://ab123.metadata.us1.dbt.com/graphql', '--environment-id', '1'];
    const ended = await cli(['doctor', '--json', '--token-env', 'TOKEN', ...args], { env });
    const { code, check, statuses } = examined(ended);
    expect([code, statuses.host]).toEqual([1, 'skipped']);
    expect(check('access_url')).toMatchObject({
      status: 'failed',
      mend: expect.stringContaining('Write access_url: https://ab123.us1.dbt.com '),
    });
  });

  it('a clock that is wrong', async () => {
    const { examine } = await clinic();
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('date', new Date(Date.now() - 7_200_000).toUTCString());
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"errors":[]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const { check } = await examine({ discoveryUrl: url });
    expect(check('clock')?.status).toBe('warning');
    expect(check('clock')?.message).toMatch(/dbt's is (2 hours|1 hour) behind this machine's/);
  });
});

it('no secret is ever told', async () => {
  const { platform, text, databaseUrl } = await clinic();
  for (const fault of FAULTS.slice(0, 4)) platform.fail({ ...fault[1], times: 1 });
  for (const args of [[], ['--json']]) {
    const { out, err } = await text(...args);
    for (const secret of [DEFAULT_TOKEN, new URL(databaseUrl).password].filter(Boolean)) {
      expect(out + err).not.toContain(secret);
    }
  }
});
