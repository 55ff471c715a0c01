import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DatabaseFinding, examineDatabase } from '../../src/doctor/database.ts';
import { Secret } from '../../src/domain/secret.ts';
import { embeddedStatus, startEmbedded, stopEmbedded } from '../../src/store/embedded/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPool } from '../../src/store/pool.ts';
import { createEmptyDatabase, createTestDatabase, query } from '../store/database.ts';
import { newDirectory, removeServers } from '../store/embedded-servers.ts';
import { CLOSED_PORT, folder } from './cli.ts';
import { clinic } from './doctor-scene.ts';
import { transactionPooler } from './pooler.ts';

async function migrated(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  return database.url;
}

async function empty(): Promise<string> {
  const database = await createEmptyDatabase();
  onTestFinished(database.drop);
  return database.url;
}

const examine = (url: string): Promise<DatabaseFinding> =>
  examineDatabase(
    { kind: 'url', url: new Secret(url) },
    { onNotice: () => undefined, signal: new AbortController().signal },
  );

const statuses = ({ verdicts }: DatabaseFinding) =>
  Object.fromEntries(Object.entries(verdicts).map(([check, { status }]) => [check, status]));

const words = (verdict: { message: string; mend?: string }) => `${verdict.message} ${verdict.mend ?? ''}`;

/** The address of the same database for a new role that may do what the statements grant. */
async function asRole(url: string, ...grants: string[]): Promise<string> {
  const role = `doctor_${process.pid}_${Date.now()}`;
  const statements = [`create role ${role} login password 'secret'`, ...grants.map((grant) => `${grant} to ${role}`)];
  for (const statement of statements) await query(url, statement);
  onTestFinished(async () => {
    await query(url, `drop owned by ${role} cascade`);
    await query(url, `drop role ${role}`);
  });
  const address = new URL(url);
  address.username = role;
  address.password = 'secret';
  return address.href;
}

const WELL = { database: 'ok', schema: 'ok', writable: 'ok', pooler: 'ok' };

describe('a database', () => {
  it('at this version is well, and the trial leaves nothing behind', async () => {
    const url = await migrated();
    const finding = await examine(url);
    expect(statuses(finding)).toEqual(WELL);
    expect(finding.synced).toEqual([]);
    expect(Math.abs(finding.aheadMs ?? Number.NaN)).toBeLessThan(60_000);
    expect(await query(url, 'select from dbt_store.integration')).toEqual([]);
  });

  it('without a schema is well, and stays without one', async () => {
    const url = await empty();
    const finding = await examine(url);
    expect(statuses(finding)).toEqual(WELL);
    expect(finding.verdicts.schema.message).toContain('the first sync makes it');
    expect(await query(url, "select from pg_namespace where nspname like 'd%t%'")).toEqual([]);
  });

  it('that a migration is due for is well', async () => {
    const url = await migrated();
    await query(
      url,
      'delete from dbt_store_migration.migration where name = (select max(name) from dbt_store_migration.migration)',
    );
    const finding = await examine(url);
    expect(statuses(finding)).toEqual(WELL);
    expect(finding.verdicts.schema.message).toContain('the next sync');
  });

  it('of a newer version is refused', async () => {
    const url = await migrated();
    await query(url, "insert into dbt_store_migration.migration values ('9999_later', now()::text)");
    const { verdicts } = await examine(url);
    expect(verdicts.schema).toMatchObject({ status: 'failed', mend: 'Update dbt-observer on this machine.' });
    expect(verdicts.writable.status).toBe('skipped');
  });

  it("with somebody else's schema of our name is refused", async () => {
    const url = await empty();
    await query(url, 'create schema dbt');
    const { verdicts } = await examine(url);
    expect(verdicts.schema.status).toBe('failed');
    expect(words(verdicts.schema)).toMatch(/schema "dbt" that is not dbt-observer's.*database of its own/);
  });

  it("with somebody else's schema beside a place of ours that is empty is refused, as by a sync", async () => {
    const url = await empty();
    await query(url, 'create schema dbt');
    await query(url, 'create schema dbt_store_migration');
    const { verdicts } = await examine(url);
    expect([verdicts.schema.status, verdicts.writable.status]).toEqual(['failed', 'skipped']);
    const pool = createPool(url);
    onTestFinished(() => pool.end());
    await expect(migrate(pool)).rejects.toThrow('schema "dbt" that is not dbt-observer\'s');
  });

  it('with nothing but a place of ours from a migration that broke off is well, as for a sync', async () => {
    const url = await empty();
    await query(url, 'create schema dbt_store_migration');
    expect((await examine(url)).verdicts.schema).toMatchObject({ status: 'ok' });
    const pool = createPool(url);
    onTestFinished(() => pool.end());
    expect((await migrate(pool)).applied.length).toBeGreaterThan(0);
  });

  it('of which the role may only read the views is refused', async () => {
    const url = await migrated();
    const reader = await asRole(url, 'grant dbt_reader');
    const { verdicts } = await examine(reader);
    expect([verdicts.database.status, verdicts.schema.status, verdicts.writable.status]).toEqual([
      'ok',
      'failed',
      'skipped',
    ]);
    expect(words(verdicts.schema)).toMatch(/lacks a right.*connect as the owner of the schemas/);
  });

  it('in which the role may make no schema is told as not writable', async () => {
    const url = await empty();
    const { verdicts } = await examine(await asRole(url));
    expect(verdicts.writable.status).toBe('failed');
    expect(words(verdicts.writable)).toContain('grant create on it');
  });

  it('that is read-only is told as such', async () => {
    const url = await migrated();
    const readOnly = new URL(url);
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on');
    const { verdicts } = await examine(readOnly.href);
    expect(words(verdicts.writable)).toMatch(/standby, or read-only.*primary/);
  });

  it('that is encoded otherwise is a warning', async () => {
    const url = await empty();
    const name = `${new URL(url).pathname.slice(1)}_latin`;
    await query(url, `create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    onTestFinished(async () => void (await query(url, `drop database ${name} with (force)`)));
    const latin = new URL(url);
    latin.pathname = `/${name}`;
    const { verdicts } = await examine(latin.href);
    expect(verdicts.database).toMatchObject({ status: 'warning', message: expect.stringContaining('LATIN1') });
  });

  it('that refuses the password is told without it', async () => {
    const url = await asRole(await migrated());
    const { verdicts } = await examine(url.replace(':secret@', ':not-that-one@'));
    expect(verdicts.database.status).toBe('failed');
    expect(verdicts.database.message).toContain('Correct user, password and database');
    expect(verdicts.database.message).not.toContain('not-that-one');
    expect(verdicts.schema.status).toBe('skipped');
  });

  it('at whose port nothing answers is told', async () => {
    const { verdicts } = await examine(`postgresql://me@127.0.0.1:${CLOSED_PORT}/observer`);
    expect(verdicts.database.message).toMatch(
      /No PostgreSQL answers at .*ECONNREFUSED.*start it or correct database\.url/,
    );
  });

  it('whose folder of sockets has no server is told', async () => {
    const { verdicts } = await examine(`postgresql:///observer?host=${folder()}`);
    expect(verdicts.database.message).toMatch(/No PostgreSQL answers at .*ENOENT.*start it or correct database\.url/);
  });

  it.each(['', '?sslmode=require'])('that is a web server is told as one%s', async (query) => {
    const server = createWebServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { verdicts } = await examine(`postgresql://me@127.0.0.1:${port}/observer${query}`);
    expect(verdicts.database.message).toContain(`What answers at 127.0.0.1:${port} does not speak PostgreSQL`);
    expect(verdicts.database.mend).toContain('Correct host and port in database.url');
  });

  it('that takes connections and says nothing is given up', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { verdicts } = await examine(`postgresql://me@127.0.0.1:${(server.address() as AddressInfo).port}/observer`);
    expect(verdicts.database.message).toContain('No PostgreSQL answers');
  });
});

describe('an embedded PostgreSQL', () => {
  const look = (directory: string) =>
    examineDatabase(
      { kind: 'embedded', directory },
      { onNotice: () => undefined, signal: new AbortController().signal },
    );

  it('that was stopped is started, which is said, and one that runs is only asked', async () => {
    const directory = await newDirectory();
    onTestFinished(removeServers);
    await startEmbedded({ directory, durable: false });
    const running = await look(directory);
    expect(running.verdicts.database).toMatchObject({ status: 'ok', message: expect.not.stringContaining('db stop') });
    await stopEmbedded({ directory });
    const { verdicts } = await look(directory);
    expect(verdicts.database).toMatchObject({ status: 'ok', message: expect.stringContaining('db stop') });
    expect((await embeddedStatus({ directory })).state).toBe('running');
  });

  it('that was never started is not made', async () => {
    const directory = await newDirectory();
    const { verdicts } = await look(directory);
    expect(verdicts.database.message).toContain('none yet');
    expect((await embeddedStatus({ directory })).state).toBe('absent');
  });
});

describe('a pooler that gives each transaction another session', () => {
  it.each([1, 2, 3])('is found with %i sessions to give', async (count) => {
    const { verdicts } = await examine(await transactionPooler(await migrated(), count));
    expect([verdicts.database.status, verdicts.pooler.status]).toEqual(['ok', 'failed']);
    expect(words(verdicts.pooler)).toMatch(/one session for its lock.*usually at port 5432, or set pool_mode=session/);
  });

  it('is told by the command, whose other checks go on', async () => {
    const { doctor, databaseUrl } = await clinic();
    const { code, statuses: told } = await doctor('--database-url', await transactionPooler(databaseUrl, 2));
    expect([code, told.pooler, told.writable, told.clock]).toEqual([1, 'failed', 'ok', 'ok']);
  });
});
