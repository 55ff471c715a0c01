import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { HistoryRecord, StoreRecord } from '../../../../src/domain/records.ts';
import { NOTHING_STORED, type Page, type Source, type Stored } from '../../../../src/domain/source.ts';
import { createFolderSource } from '../../../../src/sources/artifacts/folder.ts';
import * as element from '../../normalize/artifacts/elements.ts';

/** What stands in an artifact. */
export type Content = { [key: string]: unknown };

export const metadata = (schema: string, invocation: string, more: Content = {}): Content => ({
  dbt_schema_version: `https://schemas.getdbt.com/dbt/${schema}.json`,
  dbt_version: '1.9.0',
  generated_at: `2026-03-01T0${invocation.length}:00:00.000000Z`,
  invocation_id: invocation,
  adapter_type: 'postgres',
  project_name: 'shop',
  env: {},
  ...more,
});

export const byId = (...elements: element.Raw[]) => Object.fromEntries(elements.map((one) => [one.unique_id, one]));

export const manifest = (content: Content = {}, more: Content = {}): Content => ({
  metadata: metadata('manifest/v12', 'one', more),
  nodes: byId(element.model(), element.dataTest()),
  sources: byId(element.source()),
  macros: {},
  unit_tests: {},
  disabled: { 'model.shop.old': [element.model({ unique_id: 'model.shop.old' })] },
  ...content,
});

export const row = (unique_id: string, status: string): Content => ({
  unique_id,
  status,
  timing: [],
  thread_id: 'Thread-1',
  execution_time: 1,
  adapter_response: {},
  message: null,
  failures: null,
});

export const runResults = (content: Content = {}): Content => ({
  metadata: metadata('run-results/v6', 'four'),
  results: [row('model.shop.orders', 'success'), row('test.shop.not_null_orders_id.abc1234567', 'fail')],
  elapsed_time: 60,
  args: { which: 'build' },
  ...content,
});

export const sources = (): Content => ({
  metadata: metadata('sources/v3', 'three'),
  results: [
    {
      unique_id: 'source.shop.raw.orders',
      max_loaded_at: '2026-03-01T00:00:00+00:00',
      snapshotted_at: '2026-03-01T05:00:00+00:00',
      max_loaded_at_time_ago_in_s: 18_000,
      status: 'pass',
      criteria: {},
    },
  ],
  elapsed_time: 1,
});

export const catalog = (): Content => ({
  metadata: metadata('catalog/v1', 'twenty'),
  nodes: { 'model.shop.orders': { columns: { ID: { type: 'int', index: 1 } }, stats: {} } },
  sources: {},
  errors: null,
});

export const SIGNAL = new AbortController().signal;

/** Gives every test of a file an empty folder of its own. */
export function useFolder() {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'artifacts-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const path = (name: string) => join(dir, name);
  return {
    path,
    write: (name: string, content: unknown) => {
      const isText = typeof content === 'string' || content instanceof Uint8Array;
      writeFileSync(path(name), isText ? content : JSON.stringify(content));
    },
    source: (more: { maxArtifactMb?: number } = {}) => createFolderSource({ dir, maxArtifactMb: 1, ...more }),
  };
}

/** Everything that a source tells, in the order in which it tells it. */
export async function readAll(source: Source, stored: Partial<Stored> = {}) {
  const pages: Page[] = [];
  for await (const page of source.pages(SIGNAL, { ...NOTHING_STORED, ...stored })) pages.push(page);
  const records: StoreRecord[] = pages.flatMap((page) => [...page.records]);
  const history: HistoryRecord[] = pages.flatMap((page) => [...(page.history ?? [])]);
  const incomplete = pages.flatMap((page) => [...page.incomplete]);
  const of = (kind: string) => records.filter((record) => record.kind === kind);
  return { pages, history, incomplete, of };
}
