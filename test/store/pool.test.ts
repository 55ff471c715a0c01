import { describe, expect, it, onTestFinished } from 'vitest';
import { FatalError, SyncError } from '../../src/domain/errors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createStore } from '../../src/store/pass.ts';
import { connect, createPool, databaseError } from '../../src/store/pool.ts';
import { readSnapshot } from '../../src/store/read/snapshot.ts';
import { definition, openStore, scope, start, sync } from './builders.ts';
import { createEmptyDatabase, query } from './database.ts';

let roles = 0;

/** The address of a database as another role, made for this test, that may do nothing but log in. */
async function asStranger(url: string): Promise<{ url: string; role: string }> {
  const role = `stranger_${process.pid}_${++roles}`;
  await query(url, `create role ${role} login password 'known'`);
  onTestFinished(() => query(url, `drop owned by ${role}; drop role ${role}`).then(() => undefined));
  const address = new URL(url);
  address.username = role;
  address.password = 'known';
  return { url: address.href, role };
}

async function emptyDatabase(): Promise<string> {
  const database = await createEmptyDatabase();
  const { url } = database;
  onTestFinished(database.drop);
  return url;
}

/** What connecting says. */
async function refusal(url: string): Promise<Error> {
  const pool = createPool(url);
  onTestFinished(() => pool.end());
  const error = await connect(pool).then(
    (client) => client.release(),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('the connection was made');
  return error;
}

const changed = (url: string, change: (address: URL) => void): string => {
  const address = new URL(url);
  change(address);
  return address.href;
};

describe('a database that refuses the connection', () => {
  it.each<[string, (address: URL) => void, RegExp]>([
    [
      'an unknown database',
      (address) => Object.assign(address, { pathname: '/nowhere' }),
      /database "nowhere" does not exist/,
    ],
    [
      'a wrong password',
      (address) => Object.assign(address, { password: 'wrong-secret' }),
      /password authentication failed/,
    ],
    ['an unknown user', (address) => Object.assign(address, { username: 'nobody_knows' }), /"nobody_knows"/],
  ])('for %s is a wrong configuration, told without the password', async (_why, change, says) => {
    const url = changed(await emptyDatabase(), change);
    const error = await refusal(url);
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toMatch(says);
    expect(error.message).toContain('database.url');
    expect(error.message).not.toContain(new URL(url).password);
  });

  it('because nothing listens there may be reached another time', async () => {
    const error = await refusal('postgresql://me:secret@127.0.0.1:2/observer');
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toMatch(/127\.0\.0\.1:2\/observer/);
  });
});

describe('a role that lacks a right', () => {
  it('is told to become a reader when it reads, and then it can', async () => {
    const store = await openStore();
    const { url, role } = await asStranger(store.url);
    const pool = createPool(url);
    onTestFinished(() => pool.end());
    const read = () => readSnapshot(pool, (client) => client.query('select from dbt.models').then(() => 'read'));
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    const grant = `grant dbt_reader to "${role}"`;
    expect((error as Error).message).toContain(grant);
    await store.rows(grant);
    expect(await read()).toBe('read');
  });

  it('is told whom to connect as when it syncs', async () => {
    const store = await openStore();
    const { url, role } = await asStranger(store.url);
    const pool = createPool(url);
    onTestFinished(() => pool.end());
    const error = await createStore(pool)
      .begin(scope(), start())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect((error as Error).message).toContain(`role "${role}"`);
    expect((error as Error).message).toContain('connect as the owner of the schemas dbt and dbt_store');
  });

  it('is told to be granted create when it migrates an empty database', async () => {
    const { url, role } = await asStranger(await emptyDatabase());
    const pool = createPool(url);
    onTestFinished(() => pool.end());
    const error = await migrate(pool).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect((error as Error).message).toMatch(new RegExp(`permission denied for database .*grant create .*"${role}"`));
  });

  it('in the middle of a pass has that pass recorded as failed', async () => {
    const store = await openStore();
    const { url, role } = await asStranger(store.url);
    await store.rows(`grant usage on schema dbt_store to ${role}`);
    await store.rows(`grant select, insert, update on all tables in schema dbt_store to ${role}`);
    await store.rows(`revoke insert on dbt_store.node from ${role}`);
    await store.rows(`grant usage on all sequences in schema dbt_store to ${role}`);
    const pool = createPool(url);
    onTestFinished(() => pool.end());
    await expect(sync(createStore(pool), [definition('model.shop.orders')])).rejects.toThrow(FatalError);
    expect(await store.rows('select outcome from dbt.sync_runs')).toEqual([{ outcome: 'failed' }]);
  });
});

it('a full disk is named, with what to do', async () => {
  const url = await emptyDatabase();
  const raise = `do $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`;
  const raw = await query(url, raise).catch((thrown: unknown) => thrown);
  const error = databaseError(raw, url);
  expect(error).toBeInstanceOf(SyncError);
  expect((error as Error).message).toMatch(/^The disk of PostgreSQL at .* is full .*make room there/);
});

describe('a database that lets nobody write', () => {
  const readOnly = (url: string) => {
    const address = new URL(url);
    address.searchParams.set('options', '-c default_transaction_read_only=on');
    const pool = createPool(address.href);
    onTestFinished(() => pool.end());
    return pool;
  };
  const SAID =
    /^PostgreSQL at .* lets nobody write: it is a standby, or read-only\. .*primary server in database\.url\.$/;

  it('is told as such to a pass', async () => {
    const { url } = await openStore();
    const error = await createStore(readOnly(url))
      .begin(scope(), start())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect(error).toMatchObject({ message: expect.stringMatching(SAID) });
  });

  it('is told as such to migrate, when it is empty', async () => {
    const error = await migrate(readOnly(await emptyDatabase())).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect(error).toMatchObject({ message: expect.stringMatching(SAID) });
  });

  it('is current for migrate when nothing is to be done', async () => {
    const { url } = await openStore();
    expect((await migrate(readOnly(url))).applied).toEqual([]);
  });
});
