import { describe, expect, it } from 'vitest';
import type { AdminFinding } from '../../../src/doctor/admin.ts';
import { span } from '../../../src/doctor/check.ts';
import { clockVerdict } from '../../../src/doctor/clock.ts';
import type { DiscoveryFinding, EnvironmentState } from '../../../src/doctor/discovery.ts';
import {
  type EnvironmentCase,
  environmentVerdict,
  freshnessVerdict,
  lastRunVerdict,
} from '../../../src/doctor/environment.ts';
import { lastSyncVerdict } from '../../../src/doctor/last-sync.ts';
import { adminVerdict, discoveryVerdict, type Findings, tokenVerdict } from '../../../src/doctor/permissions.ts';
import { poolerMend } from '../../../src/doctor/pooler.ts';
import type { AdminRun } from '../../../src/sources/admin/runs.ts';
import type { IntegrationStatus } from '../../../src/store/read/status.ts';

const NOW = new Date('2026-03-20T12:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const state = (more: Partial<EnvironmentState> = {}): DiscoveryFinding => ({
  kind: 'state',
  state: { projectName: 'shop', hasDefinition: true, updatedAt: ago(HOUR), accountId: 1, projectId: 2, ...more },
});
const NOTHING_BUILT = { kind: 'nothing_built', message: 'Nothing was built.' } as const;
const PRODUCTION = { id: 3, name: 'Production', project_id: 2, type: 'deployment', deployment_type: 'production' };
const admin = (runs: AdminRun[] = [], environments = [PRODUCTION]): AdminFinding => ({
  kind: 'data',
  account: { id: 1 },
  environments,
  environmentId: environments[0]?.id,
  runs,
});
const asked = (more: Partial<EnvironmentCase> = {}): EnvironmentCase => ({
  environmentId: 3,
  accountId: 1,
  projectId: 2,
  jobId: undefined,
  discovery: state(),
  admin: admin(),
  now: NOW,
  ...more,
});
const run = (id: number, status: number, finished: Date, type = 'scheduled'): AdminRun => ({
  id,
  status,
  finished_at: finished.toISOString(),
  job: { name: 'Daily', job_type: type },
});

describe('the freshness of the state', () => {
  it.each([
    ['an hour ago', HOUR, 'ok', '1 hour ago'],
    ['two days ago', 2 * DAY, 'warning', 'more than a day'],
    ['70 days ago', 70 * DAY, 'warning', 'results older than two months are gone'],
  ])('that moved %s is judged', (_, age, status, words) => {
    const verdict = freshnessVerdict(asked({ discovery: state({ updatedAt: ago(age) }) }));
    expect([verdict.status, verdict.message.includes(words)]).toEqual([status, true]);
  });

  it.each([
    ['an hour ago has not arrived', run(9, 10, ago(HOUR)), 'warning'],
    ['ten minutes ago may still arrive', run(9, 10, ago(10 * MINUTE)), 'ok'],
    ['for a pull request never arrives', run(9, 10, ago(HOUR), 'ci'), 'ok'],
  ])('lags where a run that ended %s', (_, last, status) => {
    const discovery = state({ updatedAt: ago(2 * HOUR) });
    expect(freshnessVerdict(asked({ discovery, admin: admin([last]) })).status).toBe(status);
  });
});

describe('the last run', () => {
  it('is the newest that moves the state', () => {
    const runs = [run(12, 20, ago(MINUTE), 'ci'), run(11, 10, ago(HOUR)), run(10, 20, ago(DAY))];
    expect(lastRunVerdict(asked({ admin: admin(runs) }))).toMatchObject({
      status: 'ok',
      message: 'run 11 of the job Daily succeeded at 2026-03-20 11:00 UTC',
    });
  });

  it.each([
    [20, 'failed'],
    [30, 'was cancelled'],
  ])('with status %i is a warning', (status, words) => {
    const verdict = lastRunVerdict(asked({ admin: admin([run(11, status, ago(HOUR))]) }));
    expect([verdict.status, verdict.message.includes(words)]).toEqual(['warning', true]);
  });

  it.each([
    ['none at all', [], undefined, 'There are no runs of environment 3.', 'Run a deploy job'],
    ['none of the job', [], 7, 'There are no runs of job 7 in environment 3', 'Check job_id'],
    ['checks only', [run(9, 10, ago(HOUR), 'ci')], undefined, 'environment 3 are checks of pull requests', 'Run a'],
    ['checks only of the job', [run(9, 10, ago(HOUR), 'ci')], 7, 'of job 7 are checks', 'Name a deploy job as job_id'],
  ])('that is not there is told apart: %s', (_, runs, jobId, message, mend) => {
    const verdict = lastRunVerdict(asked({ jobId, admin: admin(runs) }));
    expect(verdict.status).toBe('warning');
    expect(verdict.message).toContain(message);
    expect(verdict.mend).toContain(mend);
  });

  it('is known by its end alone without the Admin API', () => {
    expect(lastRunVerdict(asked({ admin: undefined })).message).toContain('2026-03-20 11:00 UTC');
  });
});

describe('an environment', () => {
  it('for development is refused, and those for deployment are named', () => {
    const development = { id: 4, name: 'Dev', project_id: 2, type: 'development', deployment_type: 'none' };
    const finding = admin([], [development, PRODUCTION]);
    const verdict = environmentVerdict(asked({ environmentId: 4, discovery: NOTHING_BUILT, admin: finding }));
    expect(verdict).toMatchObject({ status: 'failed', mend: expect.stringContaining('3 (Production)') });
  });

  it('of another account is refused', () => {
    expect(environmentVerdict(asked({ accountId: 8 })).message).toBe(
      'Environment 3 belongs to account 1, but account_id is 8.',
    );
  });
});

describe('an environment without a state', () => {
  it('of what was built cannot be synced', () => {
    const verdict = environmentVerdict(asked({ discovery: NOTHING_BUILT }));
    expect(verdict).toMatchObject({ status: 'failed', message: 'Nothing was built.' });
    expect(freshnessVerdict(asked({ discovery: NOTHING_BUILT })).status).toBe('skipped');
  });

  it('of its definition is read in part', () => {
    const verdict = environmentVerdict(asked({ discovery: state({ hasDefinition: false }) }));
    expect(verdict).toMatchObject({ status: 'warning', message: expect.stringContaining('partial') });
  });
});

describe('a token', () => {
  const findings = (
    discovery: DiscoveryFinding,
    finding?: AdminFinding,
    path = 'graphql',
    hasAccountId = true,
  ): Findings => ({
    endpoint: new URL(`https://ab123.metadata.us1.dbt.com/${path}`),
    hasAccountId,
    accessHost: 'ab123.us1.dbt.com',
    discovery,
    admin: finding,
    isAdminNeeded: false,
  });
  const refused = { kind: 'bad_token', message: 'no' } as const;

  it.each([
    ['that both refuse', findings(refused, { kind: 'bad_token' }), 'failed'],
    ['that only Discovery was asked for and refuses', findings(refused), 'failed'],
    ['that the Admin API knows', findings(refused, admin()), 'ok'],
    ['that one does not know and the other refuses', findings(refused, { kind: 'missing_permission' }), 'failed'],
    ['with which nothing was built', findings(NOTHING_BUILT, { kind: 'bad_token' }), 'ok'],
    ['that lacks the permission', findings({ kind: 'missing_permission', message: 'no' }), 'ok'],
    ['that sees no such environment', findings({ kind: 'no_environment', message: 'no' }), 'ok'],
    ['of which a service that is down tells nothing', findings({ kind: 'down', message: 'no' }), 'skipped'],
  ])('%s is judged', (_, found, status) => {
    expect(tokenVerdict(found).status).toBe(status);
  });

  it.each([
    'bad_token',
    'missing_permission',
  ] as const)('that is not accepted is told once, whatever the Admin API calls it (%s)', (kind) => {
    const found = findings(refused, { kind });
    const others = [discoveryVerdict(found), adminVerdict(found)];
    expect(others.map(({ status, message }) => [status, message])).toEqual([
      ['skipped', 'the token is not accepted'],
      ['skipped', 'the token is not accepted'],
    ]);
  });

  it.each([
    [true, 'and check account_id.'],
    [false, 'if you want them.'],
  ])('that the Admin API refuses is told to check account_id only where there is one (%s)', (hasAccountId, words) => {
    const found = findings(state(), { kind: 'missing_permission' }, 'graphql', hasAccountId);
    const verdict = adminVerdict(found);
    expect([verdict.status, verdict.mend?.endsWith(words)]).toEqual(['warning', true]);
  });

  it.each([
    ['graphql', 'nothing for this token (404)', 'Metadata Only'],
    ['beta/graphql', 'nothing for this token (404)', 'Metadata Only'],
    [
      '',
      'https://ab123.metadata.us1.dbt.com/ is no Discovery API endpoint',
      'https://ab123.metadata.us1.dbt.com/graphql',
    ],
  ])('that finds nothing (404) at /%s', (path, message, mend) => {
    const verdict = discoveryVerdict(findings({ kind: 'wrong_host', message: 'no' }, admin(), path));
    expect(verdict.message).toContain(message);
    expect(verdict.mend).toContain(mend);
  });
});

describe('the clocks', () => {
  it.each([
    ['agree', { database: 900, dbt: -1_400 }, 'ok', 'dbt'],
    ['both differ from ours', { database: 300_000, dbt: 301_000 }, 'warning', 'Let this machine take'],
    ['differ in the database alone', { database: -300_000, dbt: 0 }, 'warning', "Let the database's server take"],
    ['differ where dbt was not reached', { database: 300_000, dbt: undefined }, 'warning', 'Let this machine and'],
    ['cannot be read', { database: undefined, dbt: undefined }, 'skipped', 'no other clock'],
  ])('that %s are judged', (_, clocks, status, words) => {
    const verdict = clockVerdict(clocks);
    expect(verdict.status).toBe(status);
    expect(`${verdict.message} ${verdict.mend ?? ''}`).toContain(words);
  });
});

describe('the last sync', () => {
  const config = { name: 'shop', environmentId: 3, schedule: '0 * * * *', timeZone: 'UTC' };
  const status = (more: Partial<IntegrationStatus>): IntegrationStatus => ({
    integration: 'shop',
    environment_id: 3,
    dbt_updated_at: null,
    last_sync_at: ago(HOUR),
    last_sync_outcome: 'done',
    last_sync_source: 'discovery',
    last_fallback_reason: null,
    last_sync_error: null,
    last_success_at: ago(HOUR),
    last_success_started_at: ago(HOUR),
    schedule: null,
    time_zone: 'UTC',
    known_since: ago(24 * HOUR),
    lag_s: 3_600,
    syncing_since: null,
    nodes: 5,
    counts: {},
    executed_tests: 0,
    failing_tests: null,
    ...more,
  });

  it.each([
    ['an hour ago', {}, 'ok', '1 hour ago'],
    ['that missed its schedule twice', { last_success_at: ago(5 * HOUR) }, 'warning', 'cron, systemd'],
    [
      'that failed',
      { last_sync_outcome: 'failed', last_sync_error: 'The disk\nis full.' },
      'warning',
      'The disk is full.',
    ],
    ['of another environment', { environment_id: 4 }, 'failed', 'Choose another name'],
  ])('%s is judged', (_, more, expected, words) => {
    const verdict = lastSyncVerdict(config, [status(more)], NOW);
    expect(verdict.status).toBe(expected);
    expect(`${verdict.message} ${verdict.mend ?? ''}`).toContain(words);
  });

  it('that never was is well', () => {
    expect(lastSyncVerdict(config, [], NOW)).toEqual({ status: 'ok', message: 'never synced yet' });
  });
});

it.each([
  ['postgresql://u:p@aws-0-eu.pooler.supabase.com:6543/postgres', 'port 5432 instead of 6543'],
  ['postgresql://u:p@ep-cool-1-pooler.eu-central-1.aws.neon.tech/db', 'ep-cool-1.eu-central-1.aws.neon.tech'],
  ['postgresql://u:p@db.ondigitalocean.com:25061/pool', '25060'],
  ['postgresql://u:p@pgbouncer:6432/db', 'instead of 6432, or set pool_mode=session'],
  ['postgresql://u:p@db.example.com/db', 'usually at port 5432'],
])('the pooler at %s is mended', (url, words) => {
  expect(poolerMend(url)).toContain(words);
});

it.each([
  [90 * DAY, '90 days'],
  [-DAY, '1 day'],
  [2 * HOUR, '2 hours'],
  [61_000, '1 minute'],
  [900, '0 seconds'],
])('%i ms are %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});
