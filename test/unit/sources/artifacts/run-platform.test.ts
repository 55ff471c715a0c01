import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counts, type EnvironmentState, emptyState, ingest } from '../../../../demo/platform/fold.ts';
import { artifactReader, loadHistory } from '../../../../demo/platform/history.ts';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../../../demo/platform/platform.ts';
import type { BuildRecord, CompiledRecord, ResultRecord } from '../../../../src/domain/records.ts';
import { createRunSource } from '../../../../src/sources/artifacts/run-source.ts';
import { api } from '../admin/builders.ts';
import { readRuns } from './run-service.ts';

const HISTORIES = fileURLToPath(new URL('../../../../demo/histories', import.meta.url));
const NAMES = ['duckdb', 'postgres'];

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ histories: NAMES.map((name) => join(HISTORIES, name)) });
});
afterAll(() => platform.close());

/** What the platform's Discovery API knows of the production environment of a history, by its own reading. */
function folded(name: string): { state: EnvironmentState; environmentId: number; accountId: number } {
  const history = loadHistory(join(HISTORIES, name));
  const [environment] = history.environments;
  if (environment === undefined) throw new Error(`${name} has no environment.`);
  const state = emptyState();
  for (const run of history.runs) if (counts(history, run)) ingest(state, run, artifactReader(history));
  return { state, environmentId: environment.id, accountId: history.account.id };
}

const isLater = (one: { at: string } | undefined, other: { at: string }) =>
  one === undefined || Date.parse(one.at) < Date.parse(other.at);

/** The latest of the records of each node. */
function latest<Item extends { uniqueId: string }>(items: readonly (Item & { at: string })[]): Map<string, Item> {
  const found = new Map<string, Item & { at: string }>();
  for (const item of items) if (isLater(found.get(item.uniqueId), item)) found.set(item.uniqueId, item);
  return found;
}

describe.each(NAMES)('the runs of the recorded environment %s', (name) => {
  async function both() {
    const { state, environmentId, accountId } = folded(name);
    const admin = api({ url: platform.url, token: DEFAULT_TOKEN });
    const scope = { accountId, projectId: null, environmentId, jobId: null, everyRun: false, maxArtifactMb: 400 };
    const source = createRunSource({ api: admin, ...scope });
    const told = await readRuns(source);
    const defined = new Set(told.of('definition').map(({ uniqueId }) => uniqueId));
    const executions = [...state.executions].filter(([uniqueId]) => defined.has(uniqueId));
    return { state, executions, source, ...told };
  }

  it('tell the last attempt of every node, and its last success', async () => {
    const { executions, of } = await both();
    const results = of('result') as ResultRecord[];
    const last = latest(results.map((result) => ({ ...result, at: result.executedAt })));
    const at = results.map(({ uniqueId, runId, status }) => `${uniqueId} ${runId} ${status}`);
    expect(executions.length).toBeGreaterThan(50);
    for (const [uniqueId, execution] of executions) {
      const { result, origin } = execution.last;
      expect(last.get(uniqueId)).toMatchObject({
        status: result.status,
        runId: String(origin.runId),
        jobId: origin.jobId,
      });
      const success = execution.lastSuccess;
      if (success !== null) expect(at).toContain(`${uniqueId} ${success.origin.runId} ${success.result.status}`);
    }
  });

  it('tell the code that every node was last built with', async () => {
    const { executions, of } = await both();
    const built = (of('build') as BuildRecord[]).flatMap(({ uniqueId, at, facts }) =>
      facts.compiledCode == null || at === null ? [] : [{ uniqueId, at, code: facts.compiledCode }],
    );
    const compiled = (of('compiled') as CompiledRecord[]).flatMap(({ at, isBuilt, ...record }) =>
      isBuilt && at !== null ? [{ ...record, at }] : [],
    );
    const code = latest<{ uniqueId: string; code: string }>([...built, ...compiled]);
    const expected = executions.filter(([, { compiledCode }]) => compiledCode !== null);
    expect(expected.length).toBeGreaterThan(50);
    for (const [uniqueId, { compiledCode }] of expected) {
      expect([uniqueId, code.get(uniqueId)?.code]).toEqual([uniqueId, compiledCode]);
    }
  });

  it('tell the newest catalog and the newest checks of freshness', async () => {
    const { state, of } = await both();
    const times = [...state.catalog.values()].map(({ origin }) => origin.generatedAt).sort();
    expect(new Set(of('catalog').map((record) => record.kind === 'catalog' && record.at))).toEqual(
      new Set([times.at(-1)]),
    );
    const checked = of('freshness').map(({ uniqueId }) => uniqueId);
    expect(checked).toEqual(expect.arrayContaining([...state.freshness.keys()]));
  });

  it('were read whole, as far as they left anything', async () => {
    const { source, rejects, incomplete } = await both();
    expect([source.limits, source.warnings, rejects, incomplete]).toEqual([[], [], [], []]);
  });
});
