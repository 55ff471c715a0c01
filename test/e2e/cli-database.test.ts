import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createEmptyDatabase, query } from '../store/database.ts';
import { ask, newDirectory, removeServers } from '../store/embedded-servers.ts';
import { cli } from './cli.ts';

afterAll(removeServers);

describe('the embedded PostgreSQL', () => {
  it('is started, found and stopped', async () => {
    const cwd = dirname(await newDirectory());
    const before = await cli(['db', 'url'], { cwd });
    expect([before.code, before.out]).toEqual([1, '']);
    expect(before.err).toMatch(/^error: The embedded PostgreSQL is not running here[^\n]*\n$/);

    const started = await cli(['db', 'start', '--json'], { cwd });
    expect([started.code, JSON.parse(started.out)]).toMatchObject([0, { started: true }]);
    expect(JSON.parse((await cli(['db', 'start', '--json'], { cwd })).out)).toMatchObject({ started: false });

    const url = (await cli(['db', 'url'], { cwd })).out.trim();
    expect(await ask(url, 'select 1')).toBe(1);
    expect(started.out).not.toContain(new URL(url).password);

    expect(await cli(['db', 'stop'], { cwd })).toMatchObject({ code: 0, out: 'PostgreSQL stopped; its data stays.\n' });
    expect(await cli(['db', 'stop'], { cwd })).toMatchObject({ code: 0, out: 'PostgreSQL was not running.\n' });
    expect((await cli(['db', 'url'], { cwd })).code).toBe(1);
  });

  it('is started by a command that needs it', async () => {
    const directory = await newDirectory();
    const { code, out } = await cli(['migrate', '--json'], { cwd: dirname(directory) });
    expect(code).toBe(0);
    expect(JSON.parse(out).applied).toContain('0001_storage');
    expect(existsSync(directory)).toBe(true);
  });

  it('has no part in a configuration with a database of its own', async () => {
    const { code, err } = await cli(['db', 'start'], { env: { DATABASE_URL: 'postgresql://me@127.0.0.1/observer' } });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: The configuration names a database of its own/);
  });
});

describe('migrate', () => {
  it('brings an empty database to this version, once', async () => {
    const database = await createEmptyDatabase();
    onTestFinished(database.drop);
    const first = await cli(['migrate', '--json', '--database-url', database.url]);
    const second = await cli(['migrate', '--json', '--rebuild-status', '--database-url', database.url]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(JSON.parse(first.out).applied[0]).toBe('0001_storage');
    expect(JSON.parse(second.out)).toEqual({
      version: JSON.parse(first.out).version,
      applied: [],
      status_rows_corrected: 0,
    });
  });

  it('refuses a database that has a schema of that name already', async () => {
    const database = await createEmptyDatabase();
    onTestFinished(database.drop);
    await query(database.url, 'create schema dbt');
    const { code, err } = await cli(['migrate', '--database-url', database.url]);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: .*give dbt-observer a database of its own\.\n$/);
  });
});
