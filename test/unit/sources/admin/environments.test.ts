import { describe, expect, it } from 'vitest';
import { FatalError } from '../../../../src/domain/errors.ts';
import { listAccounts, listProjects } from '../../../../src/sources/admin/accounts-and-projects.ts';
import { listJobs } from '../../../../src/sources/admin/jobs.ts';
import { onlyAccount } from '../../../../src/sources/admin/only-account.ts';
import { listEnvironments, productionEnvironment } from '../../../../src/sources/admin/production.ts';
import { useNock } from '../../http/nock.ts';
import { ACCOUNT, api, enveloped, failureOf, never, service } from './builders.ts';

useNock();

/** Answers the one page of a list whose query holds all of `wanted`. */
function list(path: string, rows: unknown[], wanted: Record<string, unknown> = {}) {
  service()
    .get(path)
    .query((query) => Object.entries(wanted).every(([name, value]) => query[name] === value))
    .reply(200, enveloped(rows, rows.length));
}

const environment = (id: number, deployment_type: string | null, more = {}) => ({
  id,
  name: `Environment ${id}`,
  project_id: 2,
  type: 'deployment',
  deployment_type,
  ...more,
});

describe('the production environment', () => {
  const ENVIRONMENTS = '/api/v2/accounts/1/environments/';
  const production = (projectId?: number) => productionEnvironment(api(), { accountId: ACCOUNT, projectId }, never);

  it('is the one that is marked as such, among those of the project', async () => {
    list(ENVIRONMENTS, [environment(4, 'staging'), environment(5, 'production'), environment(6, null)], {
      project_id: '2',
      order_by: 'id',
    });
    expect(await production(2)).toEqual({
      id: 5,
      name: 'Environment 5',
      projectId: 2,
      type: 'deployment',
      deploymentType: 'production',
    });
  });

  it('is asked for when there are several, of each of which id, name and project are told', async () => {
    list(ENVIRONMENTS, [environment(5, 'production'), environment(8, 'production', { project_id: 3, name: null })]);
    const error = await failureOf(production());
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toBe(
      'Account 1 has 2 production environments: give one of them as environment_id, or its project as project_id: 5 (Environment 5 of project 2), 8 (without a name of project 3).',
    );
  });

  it('may not be marked: those that could be it are listed, and no development environment', async () => {
    list(ENVIRONMENTS, [
      environment(4, 'staging'),
      environment(6, null),
      environment(9, null, { type: 'development' }),
    ]);
    expect((await failureOf(production(2))).message).toBe(
      'Project 2 has no environment marked as production, which is legal: give one of these as environment_id: 4 (Environment 4), 6 (Environment 6).',
    );
  });

  it('may not be there at all', async () => {
    list(ENVIRONMENTS, [environment(9, null, { type: 'development' })]);
    expect((await failureOf(production(2))).message).toMatch(/^Project 2 has no deployment environment/);
  });

  it('is found although another environment cannot be read', async () => {
    list(ENVIRONMENTS, [{ id: 4, name: 4 }, environment(5, 'production')]);
    expect((await production(2)).id).toBe(5);
  });
});

it('an environment that cannot be read is a reject, and the others are there', async () => {
  list('/api/v2/accounts/1/environments/', [environment(5, 'production'), { id: 4, name: 4 }]);
  const { items, rejects } = await listEnvironments(api(), { accountId: ACCOUNT }, never);
  expect(items.map(({ id }) => id)).toEqual([5]);
  expect(rejects.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^environment 4: name: /)]);
});

describe('the account of a token', () => {
  const account = (id: number, more = {}) => ({ id, name: `Account ${id}`, plan: 'enterprise', ...more });

  it('is the only one it sees', async () => {
    list('/api/v2/accounts/', [account(1)]);
    expect(await onlyAccount(api(), never)).toBe(1);
  });

  it('has what stands before the region in its URL, which may be a name of its own', async () => {
    const own = account(2, { static_subdomain: null, vanity_subdomain: 'acme' });
    list('/api/v2/accounts/', [account(1, { static_subdomain: 'ab123', vanity_subdomain: 'shop' }), own]);
    expect((await listAccounts(api(), never)).items.map(({ prefix }) => prefix)).toEqual(['ab123', 'acme']);
  });

  it('is asked for when there are several', async () => {
    list('/api/v2/accounts/', [account(1), account(2, { name: null })]);
    expect((await failureOf(onlyAccount(api(), never))).message).toBe(
      'The token sees 2 accounts: give one of them as account_id: 1 (Account 1), 2 (without a name).',
    );
  });

  it('may be hidden from this machine, which is said when there is none', async () => {
    list('/api/v2/accounts/', []);
    expect((await failureOf(onlyAccount(api(), never))).message).toMatch(/no account of https:\/\/ab123.*IP address/);
  });
});

it('projects are listed by version 3 of the API', async () => {
  list('/api/v3/accounts/1/projects/', [{ id: 2, name: 'shop', description: 'x' }]);
  expect((await listProjects(api(), ACCOUNT, never)).items).toEqual([{ id: 2, name: 'shop' }]);
});

describe('jobs', () => {
  const JOBS = '/api/v2/accounts/1/jobs/';
  const job = (more = {}) => ({
    id: 3,
    name: 'Daily build',
    job_type: 'scheduled',
    environment_id: 5,
    project_id: 2,
    execute_steps: ['dbt build'],
    state: 1,
    deactivated: false,
    triggers: { schedule: true },
    schedule: { cron: '6 */12 * * *' },
    ...more,
  });
  const jobs = async (more = {}) => (await listJobs(api(), { accountId: ACCOUNT, ...more }, never)).items;

  it('are read with their type, schedule and commands', async () => {
    list(JOBS, [job()], { project_id: '2', environment_id: '5', state: undefined });
    expect(await jobs({ projectId: 2, environmentId: 5 })).toEqual([
      {
        kind: 'job',
        jobId: 3,
        name: 'Daily build',
        jobType: 'scheduled',
        environmentId: 5,
        schedule: '6 */12 * * *',
        steps: ['dbt build'],
        deactivated: false,
      },
    ]);
  });

  it('have no schedule when it is switched off, although its cron expression stays', async () => {
    list(JOBS, [job({ triggers: { schedule: false } })]);
    expect((await jobs())[0]?.schedule).toBeNull();
  });

  it('that were deleted come when they are asked for', async () => {
    list(JOBS, [job(), job({ id: 4, state: 2 }), job({ id: 5, deactivated: true })], { state: 'all' });
    expect((await jobs({ withInactive: true })).map(({ deactivated }) => deactivated)).toEqual([false, true, true]);
  });

  it('need no more than an id', async () => {
    list(JOBS, [{ id: 3 }]);
    expect((await jobs())[0]).toMatchObject({ jobId: 3, schedule: null, steps: [], deactivated: false });
  });
});
