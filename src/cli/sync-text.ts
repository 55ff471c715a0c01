import { RESOURCE_TYPES } from '../domain/records.ts';
import type { SyncResult } from '../sync/sync.ts';
import { counted, countedType, duration, plain, size } from './format.ts';

/** What a sync did, with how long it took in seconds. */
export interface TimedSync extends SyncResult {
  readonly durationS: number;
  readonly dryRun: boolean;
}

/** A sync as `--json` shows it; the names are those of `dbt.sync_runs` where it has them. */
export function syncJson(sync: TimedSync): Record<string, unknown> {
  return {
    integration: sync.integration,
    // What a dry run numbered is rolled back with the rest.
    sync_run_id: sync.dryRun ? null : sync.syncRunId,
    outcome: sync.outcome,
    source: sync.source,
    fallback_reason: sync.fallbackReason,
    dry_run: sync.dryRun,
    duration_s: sync.durationS,
    counts: sync.counts,
    results: sync.results,
    changes: sync.changes,
    rows_written: sync.rowsWritten,
    rejects: sync.rejects,
    requests: sync.requests,
    bytes: sync.bytes,
    partial_reasons: sync.partialReasons,
    warnings: sync.warnings,
  };
}

/** A sync in a few lines for a person. */
export function syncText(sync: TimedSync): string {
  const took = `${counted(sync.requests, 'request')}, ${size(sync.bytes)}, ${duration(sync.durationS)}`;
  if (sync.outcome === 'unchanged') {
    const because = sync.fallbackReason === null ? '' : lineOf('source', sourceText(sync));
    return `${sync.integration}: unchanged, nothing moved in dbt since the last sync (${took})\n${because}`;
  }
  const dry = sync.dryRun ? ' (dry run: nothing was kept)' : '';
  const lines = [
    ['nodes', nodesText(sync.counts)],
    ['results', `${counted(sync.results, 'new result')}`],
    ['changes', changesText(sync.changes)],
    ['written', `${counted(sync.rowsWritten, 'row')} (${took})`],
    ...(sync.fallbackReason === null ? [] : [['source', sourceText(sync)]]),
    ...(sync.rejects === 0 ? [] : [['rejected', `${counted(sync.rejects, 'record')}, see dbt.rejects`]]),
    ...sync.partialReasons.map((reason, index) => [index === 0 ? 'partial' : '', plain(reason)]),
    ...sync.warnings.map((warning) => ['note', plain(warning)]),
  ];
  const body = lines.map(([label = '', text = '']) => lineOf(label, text));
  return `${sync.integration}: ${sync.outcome}${dry}\n${body.join('')}`;
}

const lineOf = (label: string, text: string) => `  ${label.padEnd(9)}${text}\n`;

/** Who served although somebody else was asked first, and why. */
const sourceText = ({ source, fallbackReason }: SyncResult) => `${source}: ${plain(fallbackReason ?? '')}`;

function nodesText(counts: SyncResult['counts']): string {
  const known = RESOURCE_TYPES.filter((type) => (counts[type] ?? 0) > 0);
  const total = known.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
  const parts = known.map((type) => countedType(counts[type] ?? 0, type));
  return parts.length === 0 ? '0' : `${total.toLocaleString('en-US')}: ${parts.join(', ')}`;
}

function changesText(changes: SyncResult['changes']): string {
  const entries = Object.entries(changes).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return entries.length === 0 ? 'none' : entries.map(([aspect, count]) => `${aspect} ${count}`).join(', ');
}
