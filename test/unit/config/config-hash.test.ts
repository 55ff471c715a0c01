import { expect, test } from 'vitest';
import { configHash as hashOf } from '../../../src/config/config-hash.ts';
import type { FilesIntegration, PlatformIntegration } from '../../../src/config/types.ts';
import { Secret } from '../../../src/domain/secret.ts';

const config = (changes: Partial<PlatformIntegration> = {}): PlatformIntegration => ({
  name: 'prod',
  accessUrl: 'https://ab123.us1.dbt.com',
  environmentId: 3,
  token: new Secret('a'),
  source: 'auto',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  discoveryLagS: 1_800,
  runHistory: true,
  ...changes,
});
const files = (changes: Partial<FilesIntegration> = {}): FilesIntegration => ({
  name: 'core',
  source: 'files',
  artifactsDir: '/srv/shop/target',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  ...changes,
});
const LIMITS = { maxArtifactMb: 400 };
const configHash = (integration: PlatformIntegration | FilesIntegration) => hashOf(integration, LIMITS);

test('is a sha256 in hexadecimal', () => {
  expect(configHash(config())).toMatch(/^[0-9a-f]{64}$/);
});

test.each<Partial<PlatformIntegration>>([
  { accessUrl: 'https://other.us1.dbt.com' },
  { accessUrl: undefined, discoveryUrl: 'https://ab123.us1.dbt.com' },
  { accountId: 1 },
  { projectId: 1 },
  { adminUrl: 'https://admin.example' },
  { environmentId: 4 },
  { environmentId: undefined },
  { jobId: 1 },
  { source: 'discovery' },
  { source: 'artifacts' },
])('changes with what decides what is read: %j', (changes) => {
  expect(configHash(config(changes))).not.toBe(configHash(config()));
});

test('tells an account from a project with the same id', () => {
  expect(configHash(config({ accountId: 7 }))).not.toBe(configHash(config({ projectId: 7 })));
});

test('changes with the folder that is read', () => {
  expect(configHash(files({ artifactsDir: '/srv/other/target' }))).not.toBe(configHash(files()));
  expect(configHash(files({ name: 'other', maxRemovalRatio: 1 }))).toBe(configHash(files()));
});

test.each<[PlatformIntegration | FilesIntegration, boolean]>([
  [config({ source: 'auto' }), true],
  [config({ source: 'artifacts' }), true],
  [files(), true],
  [config({ source: 'discovery' }), false],
])('changes with the size of artifacts where there are some: $0.source $1', (integration, changes) => {
  expect(hashOf(integration, { maxArtifactMb: 500 }) !== hashOf(integration, LIMITS)).toBe(changes);
});

test.each<[string, Partial<PlatformIntegration>]>([
  ['token', { token: new Secret('b') }],
  ['name', { name: 'other' }],
  ['guard', { maxRemovalRatio: 0.9 }],
  ['patience', { discoveryLagS: 60 }],
  ['schedule', { schedule: '0 6 * * *', timeZone: 'Europe/Berlin' }],
])('stays when only the %s changes', (_, changes) => {
  expect(configHash(config(changes))).toBe(configHash(config()));
});

test('takes a key that is undefined for one that is left out', () => {
  expect(configHash(config({ jobId: undefined, schedule: undefined }))).toBe(configHash(config()));
});
