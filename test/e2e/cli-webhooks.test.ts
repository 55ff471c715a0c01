import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { run as runCli } from '../../src/cli/program.ts';
import { Secret } from '../../src/domain/secret.ts';
import { serving } from '../unit/server/serving.ts';
import { type Ended, folder } from './cli.ts';
import { ACCOUNT, build, DAILY } from './mini-history.ts';
import { given } from './mini-platform.ts';

const LIST = 'POST /api/v3/accounts/{id}/webhooks/subscriptions';

/** Runs the command line in this process, as a terminal would not be there. */
async function webhooks(args: readonly string[]): Promise<Ended> {
  let [out, err] = ['', ''];
  const code = await runCli(['webhooks', ...args], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    json: args.includes('--json'),
    isTerminal: false,
    columns: undefined,
    errColumns: 80,
    debug: false,
  });
  return { code, out, err };
}

/** A configuration of one integration, and the command line beside it. */
async function scene(more = '') {
  const platform = await given(build(1, ['orders']));
  const cwd = folder();
  const keys = `admin_url: ${platform.url}, discovery_url: "${platform.url}/graphql", token: "${DEFAULT_TOKEN}"${more}`;
  writeFileSync(
    join(cwd, 'dbt-observer.yaml'),
    `integrations: [{ name: shop, ${keys} }]\nlog: { level: debug, format: json }\n`,
  );
  const run = (...args: string[]) => webhooks([...args, '--config', join(cwd, 'dbt-observer.yaml')]);
  const listed = async () => JSON.parse((await run('list', 'shop', '--json')).out);
  return { platform, cwd, run, listed, secretFile: join(cwd, 'hook.secret') };
}

const URL = 'https://observer.example.com';
const CALLED = `${URL}/webhooks/dbt/shop`;

describe('webhooks create', () => {
  it('makes one, and puts its secret where it is told to, for nobody else to read', async () => {
    const { run, secretFile, listed } = await scene();
    const { code, out, err } = await run('create', 'shop', '--url', URL, '--secret-file', secretFile);
    expect([code, out]).toEqual([0, expect.stringContaining(CALLED)]);
    const secret = readFileSync(secretFile, 'utf8').trim();
    expect(secret).toMatch(/^wsk_/);
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);
    expect(out + err).not.toContain(secret);
    expect(await listed()).toMatchObject([
      { url: CALLED, active: true, job_ids: [], events: ['job.run.started', 'job.run.completed', 'job.run.errored'] },
    ]);
  });

  it('prints the secret where no file is named, and logs it nowhere', async () => {
    const { run } = await scene();
    const { out, err } = await run('create', 'shop', '--url', URL);
    const [secret = ''] = /^wsk_\S+$/m.exec(out) ?? [];
    expect(secret).not.toBe('');
    expect(err).not.toContain(secret);
  });

  it('needs a file for it with --json, before anything is made', async () => {
    const { run, listed, secretFile } = await scene();
    const refused = await run('create', 'shop', '--url', URL, '--json');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--secret-file')]);
    expect(await listed()).toEqual([]);
    const { out } = await run('create', 'shop', '--url', URL, '--json', '--secret-file', secretFile);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'created', url: CALLED, secret_file: secretFile });
    expect(out).not.toContain(readFileSync(secretFile, 'utf8').trim());
  });

  it('makes none where the file is there already', async () => {
    const { run, listed, secretFile } = await scene();
    writeFileSync(secretFile, 'of something else');
    const { code, err } = await run('create', 'shop', '--url', URL, '--secret-file', secretFile);
    expect([code, err]).toEqual([2, expect.stringContaining('it is there already')]);
    expect(readFileSync(secretFile, 'utf8')).toBe('of something else');
    expect(await listed()).toEqual([]);
  });

  it('is for the job of the integration, where it is of one', async () => {
    const { run, listed } = await scene(`, job_id: ${DAILY}, account_id: ${ACCOUNT}`);
    await run('create', 'shop', '--url', `${URL}/other/path`);
    expect(await listed()).toMatchObject([{ url: `${URL}/other/path`, job_ids: [DAILY] }]);
  });

  it('finds the one that is there, and says that its secret cannot be had again', async () => {
    const { run, listed, secretFile } = await scene();
    await run('create', 'shop', '--url', URL);
    const { code, out } = await run('create', 'shop', '--url', URL, '--secret-file', secretFile);
    expect([code, out]).toEqual([3, expect.stringMatching(/was there already\..*only when a webhook is made/s)]);
    const [{ id }] = await listed();
    expect(out).toContain(`dbt-observer webhooks delete shop --id ${id}\n${secretFile} was not written.`);
    expect(() => statSync(secretFile)).toThrow(/ENOENT/);
    expect(await listed()).toHaveLength(1);
    expect((await run('create', 'shop', '--url', URL)).code).toBe(0);
  });

  it('is done where the one that is there and its file are', async () => {
    const { run, secretFile } = await scene();
    const args = ['create', 'shop', '--url', URL, '--secret-file', secretFile];
    await run(...args);
    const secret = readFileSync(secretFile, 'utf8');
    const { code, out } = await run(...args);
    expect([code, out]).toEqual([0, expect.not.stringContaining('was not written')]);
    expect(readFileSync(secretFile, 'utf8')).toBe(secret);
  });

  it('switches on one that dbt switched off', async () => {
    const { run, listed, platform } = await scene();
    await run('create', 'shop', '--url', URL);
    const [{ id }] = await listed();
    platform.subscriptions.deactivate(id, 'too many failures');
    expect(await listed()).toMatchObject([{ active: false, deactivate_reason: 'too many failures' }]);
    expect((await run('create', 'shop', '--url', URL)).out).toContain('switched on');
    expect(await listed()).toMatchObject([{ id, active: true, deactivate_reason: null }]);
  });

  it('leaves nothing behind when dbt refuses, and names the permission', async () => {
    const { run, platform, secretFile } = await scene();
    platform.fail({ kind: 'unauthorized', as: 403, operation: LIST });
    const { code, err } = await run('create', 'shop', '--url', URL, '--secret-file', secretFile);
    expect([code, err]).toEqual([2, expect.stringContaining('Developer, Admin or Account Admin')]);
    expect(() => statSync(secretFile)).toThrow(/ENOENT/);
  });

  it('leaves no webhook of which the secret was lost on its way', async () => {
    const { run, platform, listed, secretFile } = await scene();
    platform.fail({ kind: 'truncated', operation: LIST });
    const { code } = await run('create', 'shop', '--url', URL, '--secret-file', secretFile);
    expect(code).toBe(1);
    expect(() => statSync(secretFile)).toThrow(/ENOENT/);
    expect(await listed()).toEqual([]);
    expect(platform.requests()[LIST]).toBe(1);
  });

  it.each([['ftp://a.example.com'], ['nonsense'], ['http://observer.example.com']])('refuses %s', async (url) => {
    const { run } = await scene();
    const { code, err } = await run('create', 'shop', '--url', url);
    expect([code, err]).toEqual([2, expect.stringContaining('--url must')]);
  });
});

describe('webhooks test', () => {
  it.each(['status', 'event'] as const)('says what became of it, which the service tells by its %s', async (how) => {
    const { run, platform, secretFile } = await scene();
    platform.subscriptions.testAnswer = how;
    const secrets: Secret[] = [];
    const { hook, stored } = await serving({ secrets: new Map([['shop', secrets]]) });
    await run('create', 'shop', '--url', hook, '--secret-file', secretFile);
    const refused = await run('test', 'shop');
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/401.*secret_files.*restart serve/s)]);
    secrets.push(new Secret(readFileSync(secretFile, 'utf8').trim()));
    expect(await run('test', 'shop')).toMatchObject({ code: 0, out: expect.stringContaining('was answered') });
    expect(stored).toMatchObject([{ type: null }]);
  });

  it('needs a webhook', async () => {
    const { run } = await scene();
    expect(await run('test', 'shop')).toMatchObject({ code: 2, err: expect.stringContaining('no such webhook') });
  });
});

describe('webhooks delete', () => {
  it('deletes by id and by address', async () => {
    const { run, listed } = await scene();
    await run('create', 'shop', '--url', URL);
    await run('create', 'shop', '--url', `${URL}/other`);
    const [{ id }] = await listed();
    expect(await run('delete', 'shop', '--id', id)).toMatchObject({ code: 0 });
    expect(await run('delete', 'shop', '--url', `${URL}/other`)).toMatchObject({ code: 0 });
    expect(await listed()).toEqual([]);
  });

  it('deletes nothing that was not named', async () => {
    const { run } = await scene();
    expect(await run('delete', 'shop')).toMatchObject({ code: 2 });
    expect(await run('delete', 'shop', '--id', 'wsu_none')).toMatchObject({ code: 2 });
  });
});

it('webhooks list shows them as a table', async () => {
  const { run } = await scene();
  expect((await run('list', 'shop')).out).toContain('no webhook');
  await run('create', 'shop', '--url', URL);
  const { out } = await run('list', 'shop');
  expect(out).toMatch(/active +started, completed, errored +all/);
});
