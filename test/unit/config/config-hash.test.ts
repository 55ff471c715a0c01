import { expect, test } from 'vitest';
import { configHash } from '../../../src/config/config-hash.ts';
import type { IntegrationConfig } from '../../../src/config/types.ts';
import { Secret } from '../../../src/domain/secret.ts';

const config = (changes: Partial<IntegrationConfig> = {}): IntegrationConfig => ({
  name: 'prod',
  accessUrl: 'https://ab123.us1.dbt.com',
  environmentId: 3,
  token: new Secret('a'),
  source: 'auto',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  ...changes,
});

test('is a sha256 in hexadecimal', () => {
  expect(configHash(config())).toMatch(/^[0-9a-f]{64}$/);
});

test.each<Partial<IntegrationConfig>>([
  { accessUrl: 'https://other.us1.dbt.com' },
  { accessUrl: undefined, discoveryUrl: 'https://ab123.us1.dbt.com' },
  { accountId: 1 },
  { projectId: 1 },
  { environmentId: 4 },
  { jobId: 1 },
  { source: 'discovery' },
])('changes with what decides what is read: %j', (changes) => {
  expect(configHash(config(changes))).not.toBe(configHash(config()));
});

test('tells an account from a project with the same id', () => {
  expect(configHash(config({ accountId: 7 }))).not.toBe(configHash(config({ projectId: 7 })));
});

test.each<[string, Partial<IntegrationConfig>]>([
  ['token', { token: new Secret('b') }],
  ['name', { name: 'other' }],
  ['guard', { maxRemovalRatio: 0.9 }],
  ['schedule', { schedule: '0 6 * * *', timeZone: 'Europe/Berlin' }],
])('stays when only the %s changes', (_, changes) => {
  expect(configHash(config(changes))).toBe(configHash(config()));
});

test('takes a key that is undefined for one that is left out', () => {
  expect(configHash(config({ jobId: undefined, schedule: undefined }))).toBe(configHash(config()));
});
