import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { CLOSED_PORT, cli, folder, gateBefore, start } from './cli.ts';
import { clinic, examined } from './doctor-scene.ts';
import { PRODUCTION } from './mini-history.ts';

describe('a configuration file', () => {
  it('with a variable that is not set is examined all the same', async () => {
    const { platform, env } = await clinic();
    const cwd = folder();
    writeFileSync(
      join(cwd, 'dbt-observer.yaml'),
      `database: {url: "\${DATABASE_URL}"}
integrations:
  - {name: good, access_url: "${platform.url}", discovery_url: "${platform.url}/graphql", environment_id: ${PRODUCTION}, token: "\${TOKEN}"}
  - {name: lost, access_url: "${platform.url}", discovery_url: "${platform.url}/graphql", environment_id: ${PRODUCTION}, token: "\${NO_TOKEN}"}
`,
    );
    const { code, checks } = examined(await cli(['doctor', '--json'], { cwd, env }));
    const tokens = checks.filter(({ check }) => check === 'token');
    expect(code).toBe(1);
    expect(tokens).toEqual([
      expect.objectContaining({ integration: 'good', status: 'ok' }),
      expect.objectContaining({
        integration: 'lost',
        status: 'failed',
        message: 'token needs the environment variable NO_TOKEN, which is not set.',
      }),
    ]);
    expect((await cli(['doctor', 'good'], { cwd, env })).code).toBe(0);

    const { check } = examined(await cli(['doctor', 'good', '--json'], { cwd, env: { TOKEN: DEFAULT_TOKEN } }));
    expect(check('database')?.message).toContain('database.url needs the environment variable DATABASE_URL');
    expect(check('discovery')?.status).toBe('ok');
  });

  it('with variables that are empty is told which', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'dbt-observer.yaml'),
      `database: {url: "\${STORE}"}
integrations: [{name: a, discovery_url: "http://127.0.0.1:${CLOSED_PORT}/graphql", environment_id: 1, token: "\${TOKEN}"}]
`,
    );
    const { check } = examined(await cli(['doctor', '--json'], { cwd, env: { STORE: '', TOKEN: '' } }));
    expect(check('token')?.message).toBe('token names the environment variable TOKEN, which is empty.');
    expect(check('database')?.message).toBe('database.url names the environment variable STORE, which is empty.');
  });

  it('is what is missing where a name is given and there is none', async () => {
    const { code, err } = await cli(['doctor', 'nope']);
    expect(code).toBe(2);
    expect(err).toContain('No integration is configured: run init');
  });

  it('that cannot be read, or has nothing to examine, ends with code 2', async () => {
    const cwd = folder();
    const none = await cli(['doctor'], { cwd });
    expect([none.code, none.out]).toEqual([2, '']);
    writeFileSync(join(cwd, 'dbt-observer.yaml'), 'integrations: [{name: a, acess_url: b}]\n');
    const wrong = await cli(['doctor'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('did you mean access_url?');
  });
});

it('waits for a host that never answers in bounded time, and once for all integrations', async () => {
  const { platform, env } = await clinic();
  platform.fail({ kind: 'hang' });
  const cwd = folder();
  const one = (name: string) =>
    `  - {name: ${name}, discovery_url: "${platform.url}/graphql", environment_id: ${PRODUCTION}, token: "\${TOKEN}"}`;
  const lines = [`database: {url: "\${DATABASE_URL}"}`, 'integrations:', one('first'), one('second'), ''];
  writeFileSync(join(cwd, 'dbt-observer.yaml'), lines.join('\n'));
  const { code, checks, statuses } = examined(await cli(['doctor', '--json'], { cwd, env }));
  expect([code, statuses.token, statuses.database]).toEqual([1, 'skipped', 'ok']);
  const hosts = checks.filter(({ check }) => check === 'host');
  expect(hosts.map(({ integration, status }) => [integration, status])).toEqual([
    ['first', 'failed'],
    ['second', 'failed'],
  ]);
  for (const { message } of hosts) expect(message).toContain('does not answer in time');
  expect(Object.values(platform.requests())).toEqual([1]);
});

it('is interrupted while a host keeps it waiting', async () => {
  const { platform, env } = await clinic();
  const gate = await gateBefore(platform);
  const args = ['--discovery-url', gate.url, '--environment-id', '1', '--token-env', 'TOKEN'];
  const { child, ended } = start(['doctor', ...args], { env });
  await gate.reached;
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
});

it.each([
  ['one document', ['--json']],
  ['one sentence', []],
])('is interrupted at once while a database keeps it waiting, with %s', async (_, flags) => {
  const { env } = await clinic();
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const reached = once(silent, 'connection');
  const described = ['--discovery-url', `http://127.0.0.1:${CLOSED_PORT}/graphql`, '--environment-id', '1'];
  const database = ['--database-url', `postgresql://me@127.0.0.1:${port}/observer`];
  const { child, ended } = start(['doctor', ...described, '--token-env', 'TOKEN', ...database, ...flags], { env });
  await reached;
  child.kill('SIGINT');
  const { code, out, err } = await ended;
  expect(code).toBe(130);
  expect(err).toMatch(/error: Interrupted by SIGINT\.\n$/);
  if (flags.length > 0) expect(JSON.parse(out)).toMatchObject({ error: { type: 'SyncError' } });
  else expect(out).not.toContain('database');
});
