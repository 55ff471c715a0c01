import { describe, expect, test } from 'vitest';
import { type IntegrationFlags, integrationFromFlags } from '../../../src/config/flags.ts';
import { folderWith, sentencesOf, TOKEN } from './config-builders.ts';

const flags = (changes: IntegrationFlags = {}): IntegrationFlags => ({
  accessUrl: 'ab123.us1.dbt.com',
  environmentId: '70403103966027',
  tokenEnv: 'DBT_TOKEN',
  ...changes,
});
const env = { DBT_TOKEN: TOKEN };

test('flags describe an integration called default', async () => {
  const { token, ...rest } = await integrationFromFlags(flags({ accountId: '1', projectId: '2', jobId: '3' }), env);
  expect(token.reveal()).toBe(TOKEN);
  expect(rest).toEqual({
    name: 'default',
    accessUrl: 'https://ab123.us1.dbt.com',
    discoveryUrl: undefined,
    accountId: 1,
    projectId: 2,
    environmentId: 70403103966027,
    jobId: 3,
    source: 'auto',
    schedule: undefined,
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
  });
});

test('flags may name the integration, its Discovery endpoint and its source', async () => {
  const read = await integrationFromFlags(
    flags({ name: 'try', accessUrl: undefined, discoveryUrl: 'https://x.example/graphql', source: 'discovery' }),
    env,
  );
  expect(read).toMatchObject({ name: 'try', discoveryUrl: 'https://x.example/graphql', source: 'discovery' });
});

test('a token file is looked for from the working directory', async () => {
  const cwd = await folderWith({ token: `${TOKEN}\n` });
  const read = await integrationFromFlags(flags({ tokenEnv: undefined, tokenFile: 'token' }), {}, cwd);
  expect(read.token.reveal()).toBe(TOKEN);
});

describe('a refusal names the flag', () => {
  test.each<[IntegrationFlags, string]>([
    [{ environmentId: 'x' }, '--environment-id must be a whole number above 0 and below 2^53.'],
    [{ environmentId: undefined }, '--environment-id is required: a whole number above 0 and below 2^53.'],
    [{ accountId: '-1' }, '--account-id must be a whole number above 0 and below 2^53.'],
    [{ projectId: '' }, '--project-id is empty: give it a value or leave it out.'],
    [{ jobId: '1.5' }, '--job-id must be a whole number above 0 and below 2^53.'],
    [{ accessUrl: undefined }, '--access-url is required (or --discovery-url).'],
    [{ accessUrl: 'ftp://x.y' }, '--access-url must be a web address such as https://ab123.us1.dbt.com.'],
    [{ discoveryUrl: 'x' }, '--discovery-url must be a web address such as https://ab123.us1.dbt.com.'],
    [{ source: 'files' }, '--source asks for files, which is not supported by this version; use auto or discovery.'],
    [{ tokenEnv: undefined }, '--token-env is required (or --token-file).'],
    [{ tokenFile: 'x' }, '--token-env and --token-file exclude each other: give one of them.'],
    [{ tokenEnv: 'NOT_SET' }, '--token-env names the environment variable NOT_SET, which is not set.'],
    [{ tokenEnv: 'EMPTY' }, '--token-env names the environment variable EMPTY, which is empty.'],
  ])('for %j', async (changes, sentence) => {
    expect(await sentencesOf(integrationFromFlags(flags(changes), { ...env, EMPTY: '' }))).toEqual([sentence]);
  });

  test('for each of several', async () => {
    const all = await sentencesOf(integrationFromFlags({ name: 'A', source: 'x' }, {}));
    expect(all.map((sentence) => sentence.split(' ')[0]).sort()).toEqual([
      '--access-url',
      '--environment-id',
      '--name',
      '--source',
      '--token-env',
    ]);
  });
});

test('a token given where the name of its variable belongs is not repeated', async () => {
  expect(await sentencesOf(integrationFromFlags(flags({ tokenEnv: TOKEN }), {}))).toEqual([
    '--token-env must be the name of an environment variable that holds the token; there is none of the name given.',
  ]);
});

test('a token given where the path of its file belongs is not repeated', async () => {
  const cwd = await folderWith();
  const [sentence] = await sentencesOf(integrationFromFlags(flags({ tokenEnv: undefined, tokenFile: TOKEN }), {}, cwd));
  expect(sentence).toContain('--token-file names a file that does not exist');
});
