import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadHistory } from '../../oracle/load.ts';
import { manifestOf, model } from './mini.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'history-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(run: object, jobs: object[] = []): void {
  const environments = [
    { id: 4, deployment_type: 'staging' },
    { id: 3, deployment_type: 'production' },
  ];
  const history = { account: { id: 1 }, project: { id: 2 }, environments, jobs, runs: [run] };
  writeFileSync(join(dir, 'history.json'), JSON.stringify(history));
}

test('a history is read with its production environment and the artifacts of its steps', () => {
  const artifacts = ['manifest.json'];
  write({ id: 70403104000101, job_id: 5, environment_id: 3, steps: [{ index: 1 }, { index: 4, artifacts }] });
  const stepDir = join(dir, 'runs', '70403104000101', '4');
  mkdirSync(stepDir, { recursive: true });
  writeFileSync(join(stepDir, 'manifest.json.gz'), gzipSync(JSON.stringify(manifestOf(1, [model('a')]))));
  const history = loadHistory(dir);
  const run = history.runs[0];
  expect(history).toMatchObject({ accountId: 1, projectId: 2, environmentId: 3 });
  expect(run).toMatchObject({ id: '70403104000101', jobId: 5, environmentId: 3, isCi: false });
  expect(run?.steps[0]?.artifact('manifest')).toBeNull();
  expect(run?.steps[1]?.artifact('catalog')).toBeNull();
  expect(run?.steps[1]?.artifact('manifest')).toEqual(manifestOf(1, [model('a')]));
});

test('an artifact that is listed but not there is an error', () => {
  write({ id: 11, steps: [{ index: 4, artifacts: ['manifest.json'] }] });
  expect(() => loadHistory(dir).runs[0]?.steps[0]?.artifact('manifest')).toThrow('ENOENT');
});

test.each([
  ['a job of type ci', { job_id: 5 }, [{ id: 5, job_type: 'ci' }]],
  ['a trigger of category ci', { cause_category: 'ci' }, []],
  ['a schema of its own', { schema_override: 'pr_1' }, []],
])('a run with %s is a CI run', (_, more, jobs) => {
  write({ id: 11, steps: [], ...more }, jobs);
  expect(loadHistory(dir).runs[0]?.isCi).toBe(true);
});

test('a merge job is no CI', () => {
  write({ id: 11, job_id: 5, cause_category: 'merge', steps: [] }, [{ id: 5, job_type: 'merge' }]);
  expect(loadHistory(dir).runs[0]?.isCi).toBe(false);
});
