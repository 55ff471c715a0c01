import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../../src/domain/errors.ts';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { createHistorySource } from '../../../../src/sources/artifacts/run-source.ts';
import * as element from '../../normalize/artifacts/elements.ts';
import { failureOf } from '../admin/builders.ts';
import { ENVIRONMENT, manifestFile, readRuns, resultsFile, type ServedRun, serving } from './run-service.ts';

const ORDERS = 'model.shop.orders';

/** Every one of them failed, so that a first pass reads them all. */
const run = (id: number): ServedRun => ({
  id,
  steps: [
    {
      files: {
        manifest: manifestFile(`${id}-build`, [element.model()]),
        run_results: resultsFile(`${id}-build`, { [ORDERS]: 'error' }),
      },
    },
  ],
});
const runs = (count: number) => Array.from({ length: count }, (_, index) => run(index + 1));

async function read(count: number, path: RegExp, status: number) {
  const { source, asked, admin } = await serving(runs(count), { refuses: { path, status } });
  return { source, asked, admin, read: () => readRuns(source) };
}

describe('what the service fails to give', () => {
  it.each([
    [/2\/artifacts\/run_results/, 'run_results.json of step 1 of run 2'],
    [/1\/runs\/2\/$/, 'run 2'],
  ])('at %s is missed with its run and file, and the rest is read', async (path, what) => {
    const { source, read: all } = await read(6, path, 502);
    const { results, run: told } = await all();
    const sentence = expect.stringMatching(new RegExp(`answered with status 502: .* It was asked for ${what}\\.$`));
    expect(results).toEqual([6, 5, 4, 3, 1].map((id) => `${id} ${ORDERS}`));
    expect(source.limits).toEqual([sentence]);
    expect(told(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: sentence });
    expect(told(1)).toMatchObject({ resultsComplete: true, resultsMissingReason: null });
  });

  it('as far as the list of files goes, is missed, too', async () => {
    const files = { manifest: manifestFile('2-build', [element.model()]) };
    const refuses = { path: /2\/artifacts\/$/, status: 502 };
    const { source } = await serving([{ id: 2, steps: [{ files }] }], { refuses });
    await readRuns(source);
    expect(source.limits).toEqual([expect.stringMatching(/502: .* It was asked for the artifacts of run 2\.$/)]);
  });

  it('of the newest manifest leaves that of the run before it', async () => {
    const { source, read: all } = await read(2, /2\/artifacts\/manifest/, 500);
    expect((await all()).of('definition')).toMatchObject([{ runId: '1' }]);
    expect(source.limits).toEqual([
      expect.stringMatching(/500: .* for manifest\.json of run 2\. The manifest of run 1 was read instead\.$/),
    ]);
  });

  it.each([1, 2, 8])('of every manifest of %i runs ends the pass', async (count) => {
    const { asked, read: all } = await read(count, /manifest/, 500);
    const error = await failureOf(all());
    expect(error.message).toMatch(new RegExp(`500: .* It was asked for manifest\\.json of run ${count}\\.$`));
    expect([error.constructor, failureKind(error)]).toEqual([SyncError, 'down']);
    expect(new Set(asked.filter((path) => path.includes('manifest'))).size).toBe(Math.min(count, 3));
  });

  it('without end ends the pass', async () => {
    const error = await failureOf((await read(30, /run_results/, 500)).read());
    expect(error.message).toMatch(/answered with status 500/);
    expect(error).toBeInstanceOf(SyncError);
  });
});

describe('what the token may not have', () => {
  it('ends the pass where it may have nothing', async () => {
    const error = await failureOf((await read(1, /run_results/, 401)).read());
    expect([error.constructor, error.message]).toEqual([
      FatalError,
      expect.stringMatching(/does not accept the token/),
    ]);
  });

  it('of results is missed with the permission, and hardly asked for', async () => {
    const { source, asked, read: all } = await read(20, /run_results/, 403);
    const { results, of, run: told } = await all();
    expect([results, of('definition').length]).toEqual([[], 1]);
    expect(source.limits).toEqual([expect.stringMatching(/\(403\): the token lacks a permission/)]);
    expect(told(1)).toMatchObject({ resultsComplete: false, resultsMissingReason: source.limits[0] });
    expect(asked.filter((path) => path.includes('run_results')).length).toBeLessThanOrEqual(4);
  });

  it('of results is for whoever asks for runs beside the state to say', async () => {
    const { admin } = await read(2, /run_results/, 403);
    const scope = { accountId: 1, projectId: 3, environmentId: ENVIRONMENT, jobId: null, everyRun: true };
    const error = await failureOf(readRuns(createHistorySource({ api: admin, ...scope, maxArtifactMb: 400 })));
    expect([error.constructor, failureKind(error)]).toEqual([FatalError, 'missing_permission']);
  });
});
