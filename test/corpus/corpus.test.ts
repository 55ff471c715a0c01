import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryRecord, StoreRecord } from '../../src/domain/records.ts';
import { NOTHING_STORED } from '../../src/domain/source.ts';
import { createFolderSource } from '../../src/sources/artifacts/folder.ts';
import { FULL } from '../size.ts';
import { refusals } from '../unit/normalize/refusals.ts';
import { type Reading, readSet } from './reading.ts';
import { INCOMPLETE, LEFT_OUT, REJECTS } from './rejects.ts';
import { allSets, CORPUS, folderOf, hasCorpus, sets } from './sets.ts';

async function recordsOf(set: string) {
  const source = createFolderSource({ dir: folderOf(set), maxArtifactMb: 400 });
  const records: StoreRecord[] = [];
  const history: HistoryRecord[] = [];
  const rejects: string[] = [];
  const incomplete: string[] = [];
  for await (const page of source.pages(new AbortController().signal, NOTHING_STORED)) {
    records.push(...page.records);
    history.push(...(page.history ?? []));
    rejects.push(...page.rejects.map(({ uniqueId, reason }) => `${uniqueId}: ${reason}`));
    incomplete.push(...page.incomplete);
  }
  return { records, history, rejects, incomplete, limits: source.limits, warnings: source.warnings };
}

const sorted = <Value>(pairs: readonly (readonly [string, Value])[]) =>
  Object.fromEntries([...pairs].sort(([left], [right]) => (left < right ? -1 : 1)));

/** The records in the words of the independent reading. */
function told(records: readonly StoreRecord[], history: readonly HistoryRecord[]): Reading {
  const all = records.filter((record) => record.kind === 'definition');
  const defined = all.filter(({ state }) => state === 'defined');
  const tests = defined.filter(({ resourceType }) => resourceType === 'test');
  return {
    nodes: sorted(
      defined.map(({ uniqueId, resourceType, facts }) => {
        return [uniqueId, [resourceType, facts.name ?? '', facts.rawCode ?? '']] as const;
      }),
    ),
    external: all.flatMap(({ state, uniqueId }) => (state === 'external' ? [uniqueId] : [])).sort(),
    edges: all.flatMap(({ uniqueId, parents }) => parents.map((parent) => `${parent} > ${uniqueId}`)).sort(),
    tested: sorted(
      tests.map(({ uniqueId, facts }) => [uniqueId, [facts.testedUniqueId ?? null, facts.columnName ?? null]] as const),
    ),
    tags: sorted(
      all.flatMap(({ uniqueId, facts }) => (facts.tags?.length ? [[uniqueId, [...facts.tags].sort()] as const] : [])),
    ),
    declared: sorted(
      defined.flatMap(({ uniqueId, columns = [] }) => {
        const named = columns.map(
          ({ name, declaredType, description }) => [name, declaredType, description ?? ''] as const,
        );
        return named.length === 0 ? [] : [[uniqueId, named.sort()] as const];
      }),
    ),
    catalog: Object.fromEntries(
      records.flatMap((record) => {
        if (record.kind !== 'catalog') return [];
        const named = record.columns.map(({ name, dataType, position }) => [name, dataType, position] as const);
        return [[record.uniqueId, [record.rowCount, named.sort()]]];
      }),
    ),
    results: records
      .flatMap((record) => (record.kind === 'result' ? [[record.uniqueId, record.status] as const] : []))
      .sort(),
    runs: history
      .flatMap((record) => {
        if (record.kind !== 'run' || record.runId.startsWith('invocation-')) return [];
        return [[record.runId, record.status === 'error' ? 'error' : 'success'] as const];
      })
      .sort(),
    freshness: records
      .flatMap((record) =>
        record.kind === 'freshness'
          ? [[record.uniqueId, record.status ?? '', record.maxLoadedAt ?? null, record.ageS] as const]
          : [],
      )
      .sort(),
  };
}

describe.skipIf(!hasCorpus)('artifacts of real projects', () => {
  it('are there, all of them', () => {
    const index = JSON.parse(readFileSync(join(CORPUS, 'index.json'), 'utf8')) as { set: string }[];
    expect(allSets).toEqual(index.map(({ set }) => set).sort());
    expect(allSets.length).toBeGreaterThanOrEqual(150);
    expect(sets.length).toBeGreaterThanOrEqual(FULL ? 150 : 30);
  });

  it('with rejects or missing parts are listed under names that exist', () => {
    expect([REJECTS, INCOMPLETE, LEFT_OUT].flatMap(Object.keys).filter((set) => !allSets.includes(set))).toEqual([]);
  });

  it.each(sets)('%s', async (set) => {
    const { records, history, rejects, incomplete, limits, warnings } = await recordsOf(set);
    expect(told(records, history)).toEqual(readSet(folderOf(set)));
    expect(rejects.sort()).toEqual([...(REJECTS[set] ?? [])].sort());
    expect(incomplete).toEqual(INCOMPLETE[set] === undefined ? [] : [expect.stringMatching(INCOMPLETE[set])]);
    expect([limits, warnings]).toEqual([(LEFT_OUT[set] ?? []).map((why) => expect.stringMatching(why)), []]);
    expect(records.flatMap((record) => refusals(record).map((field) => `${record.uniqueId} ${field}`))).toEqual([]);
  });
});
