import { describe, expect, it } from 'vitest';
import { clinic } from './doctor-scene.ts';
import { ACCOUNT, build, PRODUCTION, PROJECT, runId, STAGING } from './mini-history.ts';

const ARTIFACTS = { source: 'artifacts', discoveryUrl: undefined };
const GET_ACCOUNT = 'GET /api/v2/accounts/{id}/';

describe('an integration that reads artifacts', () => {
  it('is checked at the Admin API alone, down to what the newest run left', async () => {
    const { platform, examine } = await clinic(build(1, ['a']), build(2, ['a']));
    platform.fail({ kind: 'status', status: 503, operation: 'Probe' });
    const { code, statuses, check } = await examine(ARTIFACTS);
    expect(code).toBe(0);
    expect(statuses).toMatchObject({
      host: 'ok',
      token: 'ok',
      discovery: 'skipped',
      admin: 'ok',
      environment: 'ok',
      last_run: 'ok',
      freshness: 'warning',
      artifacts: 'ok',
    });
    expect(check('environment')?.message).toBe(`${PRODUCTION}, Production (production)`);
    expect(check('artifacts')?.message).toBe(`run ${runId(2)} left manifest.json, run_results.json`);
  });

  it('cannot go on without the Admin API, and is told which permission is missing', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 403, operation: GET_ACCOUNT });
    const { code, check, statuses } = await examine(ARTIFACTS);
    expect([code, statuses.host, statuses.admin]).toEqual([1, 'ok', 'failed']);
    expect(check('admin')?.message).toBe('The token may not use the Admin API: nothing can be read.');
    expect(check('admin')?.mend).toMatch(/"Read-Only" or "Job Viewer", and check account_id/);
  });

  it('with a token that nobody knows is told once', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 401, operation: GET_ACCOUNT });
    const { checks } = await examine(ARTIFACTS);
    expect(checks.filter(({ status }) => status === 'failed').map(({ check }) => check)).toEqual(['token']);
  });

  it('in an environment that the account does not have is told which there are', async () => {
    const { examine } = await clinic();
    const { code, check } = await examine({ ...ARTIFACTS, environmentId: '12' });
    expect([code, check('environment')?.status]).toEqual([1, 'failed']);
    expect(check('environment')?.mend).toContain(`${PRODUCTION} (Production), ${STAGING} (Staging)`);
  });

  it('of another project is refused', async () => {
    const { examine } = await clinic();
    expect((await examine({ ...ARTIFACTS, projectId: '17' })).check('environment')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`belongs to project ${PROJECT}, but project_id is 17`),
    });
  });

  it('at a host that is no Admin API is told how to name it', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'html', operation: 'GET /api/v2/accounts/' });
    const { code, check } = await examine(ARTIFACTS);
    expect([code, check('host')?.status, check('token')?.status]).toEqual([1, 'failed', 'skipped']);
    expect(`${check('host')?.message} ${check('host')?.mend}`).toMatch(/is no Admin API: .*its host as admin_url/);
  });
});

describe('an environment that is not named', () => {
  it.each([
    ['auto', {}],
    ['artifacts', ARTIFACTS],
  ])('is the production environment of the account (source: %s)', async (_, source) => {
    const { examine } = await clinic();
    const { code, check } = await examine({ ...source, environmentId: undefined, accountId: undefined });
    expect([code, check('environment')?.status]).toEqual([0, 'ok']);
    expect(check('environment')?.message).toContain(`${PRODUCTION}, Production (production)`);
  });

  it('has to be named where the Admin API may not be asked', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 403, operation: GET_ACCOUNT });
    const { code, check } = await examine({ environmentId: undefined, accountId: String(ACCOUNT) });
    expect([code, check('discovery')?.status, check('environment')?.status]).toEqual([1, 'skipped', 'failed']);
    expect(check('environment')?.mend).toContain('Write environment_id');
  });

  it('has to be named where the project has none for production', async () => {
    const { examine } = await clinic();
    const { check } = await examine({ environmentId: undefined, projectId: '17' });
    expect(check('environment')).toMatchObject({
      status: 'failed',
      message: 'environment_id is not given, and Project 17 has no environment marked as production.',
    });
  });
});

describe('a Discovery API that cannot serve', () => {
  it('is a failure, and a sync takes artifacts until it is mended', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 403, operation: 'Probe' });
    const { code, check } = await examine();
    expect(code).toBe(1);
    expect(check('discovery')?.mend).toMatch(/Metadata Only.*Until then a sync takes artifacts/);
  });

  it('is the end of it where nothing else is to be asked', async () => {
    const { platform, examine } = await clinic();
    platform.fail({ kind: 'unauthorized', as: 403, operation: 'Probe' });
    expect((await examine({ source: 'discovery' })).check('discovery')?.mend).not.toContain('artifacts');
  });
});
