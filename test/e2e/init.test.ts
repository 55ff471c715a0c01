import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CLOSED_PORT, cli, folder } from './cli.ts';
import { clinic } from './doctor-scene.ts';
import { ACCOUNT, PRODUCTION, PROJECT } from './mini-history.ts';
import { atTerminal, HAS_TERMINAL } from './terminal.ts';

const FILE = 'dbt-observer.yaml';

/** A platform, a database, an empty folder, and the flags that say where the platform is. */
async function empty() {
  const { platform, databaseUrl } = await clinic();
  const cwd = folder();
  const env: Record<string, string> = { DBT_TOKEN: DEFAULT_TOKEN, STORE_URL: databaseUrl };
  const where = ['--access-url', platform.url, '--discovery-url', `${platform.url}/graphql`];
  const init = (...args: string[]) => cli(['init', ...args], { cwd, env });
  return { platform, cwd, env, where, init, file: join(cwd, FILE) };
}

describe('init without a terminal', () => {
  it('writes a file that every command takes, with the token only as a variable', async () => {
    const { where, init, file, env } = await empty();
    const answers = [
      '--environment-id',
      String(PRODUCTION),
      '--schedule',
      '*/15 * * * *',
      '--database-env',
      'STORE_URL',
    ];
    const { code, out } = await init(...where, ...answers, '--name', 'true', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ file, integration: 'true', variables: ['DBT_TOKEN', 'STORE_URL'] });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(DEFAULT_TOKEN);
    expect(text).toMatch(/token: \$\{DBT_TOKEN\} +# /);
    const { integrations, database } = await loadConfig({ path: file, env });
    expect(database.kind).toBe('url');
    expect(integrations).toMatchObject([
      {
        name: 'true',
        environmentId: PRODUCTION,
        // Learned from dbt, so that another environment is never taken for it.
        accountId: ACCOUNT,
        projectId: PROJECT,
        schedule: '*/15 * * * *',
        timeZone: 'UTC',
      },
    ]);
  });

  it('reads the ids out of the address of a page, and takes defaults for the rest', async () => {
    const { platform, init, file, env } = await empty();
    const page = `${platform.url}/deploy/${ACCOUNT}/projects/${PROJECT}/environments/${PRODUCTION}`;
    const { code } = await init('--access-url', page, '--discovery-url', `${platform.url}/graphql`, '--yes');
    expect(code).toBe(0);
    const { integrations, database } = await loadConfig({ path: file, env });
    expect(database.kind).toBe('embedded');
    expect(integrations).toMatchObject([
      { name: 'shop', accessUrl: platform.url, accountId: ACCOUNT, projectId: PROJECT, environmentId: PRODUCTION },
    ]);
  });

  it('takes the production environment where the Admin API tells which it is', async () => {
    const { where, init, file, env } = await empty();
    expect((await init(...where, '--account-id', String(ACCOUNT))).code).toBe(0);
    expect((await loadConfig({ path: file, env })).integrations).toMatchObject([{ environmentId: PRODUCTION }]);
  });

  it.each([
    ['the access URL', [], '--access-url is missing'],
    ['the environment', ['--access-url', 'https://ab123.us1.dbt.com', '--no-check'], '--environment-id is missing'],
  ])('ends with code 2 and one sentence when %s is missing', async (_, args, words) => {
    const { init, file } = await empty();
    const { code, out, err } = await init(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: [^\n]+\n$/);
    expect(err).toContain(words);
    expect(existsSync(file)).toBe(false);
  });

  it('ends with code 2 before dbt is asked when there is no folder for the file', async () => {
    const { platform, where, init, cwd } = await empty();
    const nowhere = join(cwd, 'nowhere');
    const args = ['--environment-id', String(PRODUCTION), '--config', join(nowhere, 'x.yaml')];
    const { code, err } = await init(...where, ...args);
    expect([code, platform.requests()]).toEqual([2, {}]);
    expect(err).toBe(`error: The folder ${nowhere} is not there: make it, or choose another place with --config.\n`);
  });

  it('ends with code 2 when an answer is none', async () => {
    const { where, init } = await empty();
    const { code, err } = await init(...where, '--environment-id', String(PRODUCTION), '--schedule', 'daily');
    expect(code).toBe(2);
    expect(err).toContain('error: --schedule must be a cron expression of five fields');
  });

  it.each([
    ['a token', '--token-env', 'dbtu_AbC123secret'],
    ['a URL', '--database-env', 'postgresql://me:AbC123secret@db/observer'],
  ])('does not repeat %s that stands where the name of its variable belongs', async (_, flag, value) => {
    const { where, init, cwd } = await empty();
    const answers = [...where, '--environment-id', String(PRODUCTION), flag, value];
    for (const more of [[], ['--no-check']]) {
      const { code, out, err } = await init(...answers, ...more);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(`${flag} must be the name of an environment variable`);
      expect(err).not.toContain('AbC123secret');
    }
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    [['--time-zone', 'Mars/X'], '--time-zone must be an IANA time zone'],
    [['--time-zone', 'Europe/Berlin'], '--time-zone is the zone of a schedule'],
    [['--schedule', 'daily'], '--schedule must be a cron expression'],
    [['--name', 'A name'], '--name must be lower-case letters'],
  ])('refuses %j before dbt is asked', async (args, words) => {
    const { platform, where, init } = await empty();
    const { code, err } = await init(...where, '--environment-id', String(PRODUCTION), ...args);
    expect([code, platform.requests()]).toEqual([2, {}]);
    expect(err).toContain(`error: ${words}`);
  });

  it.each([
    ['not-a-url', 'The environment variable STORE_URL must be a URL such as postgresql://'],
    ['', 'The environment variable STORE_URL is empty. Correct the variable'],
  ])('tells that the variable of the database holds no URL: %j', async (value, words) => {
    const { where, env, cwd } = await empty();
    const args = ['init', ...where, '--environment-id', String(PRODUCTION), '--database-env', 'STORE_URL'];
    const { code, err } = await cli(args, { cwd, env: { ...env, STORE_URL: value } });
    expect(code).toBe(1);
    expect(err).toContain(words);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    [[], 'url'],
    [['--database-env', 'none'], 'embedded'],
  ])('takes DATABASE_URL for the database where it is set, unless told otherwise: %j', async (args, kind) => {
    const { where, env, cwd, file } = await empty();
    const set = { ...env, DATABASE_URL: String(env.STORE_URL) };
    const flags = [...where, '--environment-id', String(PRODUCTION), '--yes', ...args];
    expect((await cli(['init', ...flags], { cwd, env: set })).code).toBe(0);
    expect((await loadConfig({ path: file, env: set })).database.kind).toBe(kind);
    expect(readFileSync(file, 'utf8').includes('{DATABASE_URL}')).toBe(kind === 'url');
  });

  it('ends with code 2 when the variable of the token is not set', async () => {
    const { where, init } = await empty();
    const { code, err } = await init(...where, '--environment-id', String(PRODUCTION), '--token-env', 'NO_TOKEN');
    expect(code).toBe(2);
    expect(err).toContain('NO_TOKEN is not set here');
  });

  it.each([
    ['the host first', `http://127.0.0.1:${CLOSED_PORT}/graphql`, 'a-token', 1, /^error: (?!--environment-id)/],
    ['then the token', undefined, 'not-the-token', 1, /does not accept the token/],
    ['then the environment', undefined, DEFAULT_TOKEN, 2, /^error: --environment-id is missing/],
  ])('tells of an endpoint without an environment what is wrong with %s', async (_, endpoint, token, code, words) => {
    const { platform, env, cwd } = await empty();
    const flags = ['--yes', '--discovery-url', endpoint ?? `${platform.url}/graphql`];
    const ended = await cli(['init', ...flags], { cwd, env: { ...env, DBT_TOKEN: token } });
    expect(ended).toMatchObject({ code, err: expect.stringMatching(words) });
  });

  it('writes nothing when dbt does not agree, and says why', async () => {
    const { where, init, cwd } = await empty();
    const { code, err } = await init(...where, '--account-id', String(ACCOUNT), '--environment-id', '12');
    expect(code).toBe(1);
    expect(err).toContain('error: The Discovery API has no environment 12 for this token. Correct environment_id.');
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('asks nobody with --no-check', async () => {
    const { init, file } = await empty();
    const answers = ['--access-url', 'https://ab123.us1.dbt.com', '--environment-id', '7', '--token-env', 'LATER'];
    expect((await init(...answers, '--no-check')).code).toBe(0);
    const { integrations } = await loadConfig({ path: file, env: { LATER: 'a-token' } });
    expect(integrations).toMatchObject([{ accessUrl: 'https://ab123.us1.dbt.com', environmentId: 7 }]);
  });

  it('leaves a file that is there alone, unless it is to be replaced', async () => {
    const { where, init, file, cwd } = await empty();
    writeFileSync(file, 'integrations: []\n');
    const args = [...where, '--environment-id', String(PRODUCTION)];
    const refused = await init(...args);
    expect([refused.code, readFileSync(file, 'utf8')]).toEqual([2, 'integrations: []\n']);
    expect(refused.err).toContain('--force');
    expect((await init(...args, '--force')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain(`environment_id: ${PRODUCTION}`);
    expect(readdirSync(cwd)).toEqual([FILE]);
  });
});

describe.skipIf(!HAS_TERMINAL)('init at a terminal (needs the script of util-linux)', () => {
  it('asks, offers the environments, and writes what was chosen', async () => {
    const { platform, cwd, env, file } = await empty();
    const { reply, ended } = atTerminal(['init', '--discovery-url', `${platform.url}/graphql`], { cwd, env });
    await reply('Access URL of the account', platform.url);
    await reply('holds the token [DBT_TOKEN]:', '');
    await reply('Which environment [1]:', '');
    await reply('Name of the integration, shown in every view', 'shop-prod');
    await reply('Cron schedule', '');
    await reply("database's URL", 'STORE_URL');
    const { code, screen } = await ended;
    expect(code).toBe(0);
    expect(screen).toMatch(new RegExp(`1  Production \\(production\\), .*${PRODUCTION}`));
    const { integrations, database } = await loadConfig({ path: file, env });
    expect(integrations).toMatchObject([{ name: 'shop-prod', accountId: ACCOUNT, environmentId: PRODUCTION }]);
    expect(database.kind).toBe('url');
  });

  it('asks again what is wrong, with the cause', async () => {
    const { where, cwd, env, file } = await empty();
    const { reply, ended } = atTerminal(['init', ...where, '--account-id', String(ACCOUNT)], { cwd, env });
    await reply('holds the token', 'not a name');
    await reply('must be the name of an environment variable', 'NO_TOKEN');
    await reply('NO_TOKEN is not set here', '');
    await reply('holds the token', 'DBT_TOKEN');
    await reply('Which environment', '9');
    await reply('Give a number from 1 to 3', '3');
    await reply('Id of the environment', '12');
    await reply('Keep these answers all the same?', 'n');
    await reply('Which environment', '1');
    await reply('Name of the integration', 'A name');
    await reply('It must be lower-case letters', '');
    await reply('Cron schedule', '0 6 * * *');
    await reply('Time zone of the schedule [UTC]:', 'Europe/Berlin');
    await reply("database's URL", '');
    expect((await ended).code).toBe(0);
    const { integrations } = await loadConfig({ path: file, env });
    expect(integrations).toMatchObject([
      { name: 'shop-production', environmentId: PRODUCTION, schedule: '0 6 * * *', timeZone: 'Europe/Berlin' },
    ]);
  });

  it('asks for another access URL when nothing answers there', async () => {
    const { platform, cwd, env } = await empty();
    const { reply, press, ended } = atTerminal(['init'], { cwd, env });
    await reply('Access URL of the account', `http://127.0.0.1:${CLOSED_PORT}`);
    await reply('Give discovery_url', 'https://us1.dbt.com');
    await reply("lacks the account's prefix", `${platform.url}`);
    await press('Give discovery_url', '\u0003');
    const { code } = await ended;
    expect(code).toBe(130);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('proposes DATABASE_URL where it is set', async () => {
    const { where, cwd, env, file } = await empty();
    const set = { ...env, DATABASE_URL: String(env.STORE_URL) };
    const args = ['init', ...where, '--environment-id', String(PRODUCTION), '--name', 'shop', '--schedule', ''];
    const { reply, ended } = atTerminal([...args, '--token-env', 'DBT_TOKEN'], { cwd, env: set });
    await reply('(none: an embedded PostgreSQL beside the file) [DATABASE_URL]:', '');
    expect((await ended).code).toBe(0);
    expect((await loadConfig({ path: file, env: set })).database.kind).toBe('url');
  });

  it.each([
    ['Ctrl-C', '\u0003', 130, 'Interrupted: nothing was written.'],
    ['the end of the input', '\u0004', 2, 'The answers ended too early: nothing was written.'],
  ])('ends at %s', async (_, keys, expected, words) => {
    const { cwd, env } = await empty();
    const { press, ended } = atTerminal(['init'], { cwd, env });
    await press('Access URL of the account', keys);
    const { code, screen } = await ended;
    expect([code, readdirSync(cwd)]).toEqual([expected, []]);
    expect(screen).toContain(words);
  });
});
