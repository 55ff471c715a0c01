import { execFile } from 'node:child_process';
import { chmod, chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FatalError } from '../../src/domain/errors.ts';
import { startEmbedded } from '../../src/store/embedded/embedded.ts';
import { connect, createPool, withLibpqSslmode } from '../../src/store/pool.ts';
import { ask, newDirectory, removeServers, temporaryFolder } from './embedded-servers.ts';

const OWN_NAME = '/CN=somewhere.test';
let plain = '';
let encrypted = '';
let certificate = '';

/** Two servers: one without SSL, one with a certificate of its own making and for another host. */
beforeAll(async () => {
  plain = (await startEmbedded({ directory: await newDirectory(), durable: false })).url;
  const server = await startEmbedded({ directory: await newDirectory(), durable: false });
  const { uid, gid } = await stat(server.dataDirectory);
  certificate = join(await temporaryFolder(), 'server.crt');
  const [key, crt] = [join(server.dataDirectory, 'server.key'), join(server.dataDirectory, 'server.crt')];
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', OWN_NAME, '-keyout', key, '-out', crt];
  await promisify(execFile)('openssl', ['req', '-x509', ...made]);
  await promisify(execFile)('cp', [crt, certificate]);
  await chmod(key, 0o600);
  for (const file of [key, crt]) await chown(file, uid, gid);
  await ask(server.url, "alter system set ssl = 'on'");
  await ask(server.url, 'select pg_reload_conf()');
  await vi.waitFor(async () => expect(await ask(server.url, 'show ssl')).toBe('on'), { timeout: 20_000 });
  encrypted = server.url;
});
afterAll(removeServers);

const given = (url: string, parameters: Record<string, string>): string => {
  const address = new URL(url);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
};

/** Whether the session that an address gives is encrypted; fails as `connect` does. */
async function isEncrypted(url: string): Promise<boolean> {
  const pool = createPool(url);
  onTestFinished(() => pool.end());
  const client = await connect(pool);
  const { rows } = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  client.release();
  return rows[0]?.ssl === true;
}

async function refusal(url: string): Promise<Error> {
  const error = await isEncrypted(url).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('the connection was made');
  return error;
}

describe('sslmode', () => {
  it.each(['prefer', 'require'])('%s encrypts without asking who signed the certificate', async (sslmode) => {
    expect(await isEncrypted(given(encrypted, { sslmode }))).toBe(true);
  });

  it('disable does not encrypt', async () => {
    expect(await isEncrypted(given(encrypted, { sslmode: 'disable' }))).toBe(false);
  });

  it('no-verify, which only this driver has, keeps its meaning', async () => {
    expect(await isEncrypted(given(encrypted, { sslmode: 'no-verify' }))).toBe(true);
  });

  it.each(['require', 'verify-ca'])('%s with sslrootcert asks who signed, but not for the host', async (sslmode) => {
    expect(await isEncrypted(given(encrypted, { sslmode, sslrootcert: certificate }))).toBe(true);
  });

  it.each(['false', 'true'])('keeps the meaning that uselibpqcompat=%s in the text gives it', (uselibpqcompat) => {
    const url = given(encrypted, { uselibpqcompat, sslmode: 'require' });
    expect(withLibpqSslmode(url)).toBe(url);
  });

  it('prints no warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warn.mockRestore());
    for (const sslmode of ['prefer', 'require']) await isEncrypted(given(encrypted, { sslmode }));
    await isEncrypted(given(encrypted, { sslmode: 'verify-ca', sslrootcert: certificate }));
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('what is wrong with SSL is a wrong configuration', () => {
  it('when the server has none', async () => {
    const error = await refusal(given(plain, { sslmode: 'require' }));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain(`${new URL(plain).host}/`);
    expect(error.message).toContain('sslmode=disable');
  });

  it('when nobody known signed the certificate', async () => {
    const error = await refusal(given(encrypted, { sslmode: 'verify-full' }));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain(`${new URL(encrypted).host}/`);
    expect(error.message).toMatch(/sslrootcert=.*sslmode=require/);
  });

  it('when the certificate is for another host', async () => {
    const error = await refusal(given(encrypted, { sslmode: 'verify-full', sslrootcert: certificate }));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toMatch(/is for another host .*sslmode=verify-ca/);
  });

  it('when verify-ca has nobody to trust', async () => {
    const error = await refusal(given(encrypted, { sslmode: 'verify-ca' }));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('sslrootcert=<file>');
  });

  it('when sslrootcert names no file', async () => {
    const error = await refusal(given(encrypted, { sslmode: 'verify-ca', sslrootcert: '/nowhere/ca.crt' }));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('/nowhere/ca.crt');
  });
});
