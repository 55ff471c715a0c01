import { cpus } from 'node:os';
import type { ArtifactsPart } from './artifacts-part.ts';
import type { BackfillPart } from './backfill-part.ts';
import type { Measured } from './children.ts';
import { ACTIVITIES } from './clock.ts';
import type { Size } from './environment-parts.ts';
import type { ReadersPart, Reading } from './readers-part.ts';
import type { Round, ServePart } from './serve-part.ts';
import type { SyncPart } from './sync-part.ts';
import type { WebhookPart } from './webhook-part.ts';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly node: string;
  readonly postgres: string;
}

export function machine(postgres: string): Machine {
  const found = cpus();
  return { cores: found.length, processor: found[0]?.model ?? 'unknown', node: process.version, postgres };
}

const HOW = `Each sync and each reference ran in a process of its own; the best of the tries counts. RSS is the process's peak,
cores its processor time by the clock's. Ratios, each against what it must not exceed many times:
first / floor: the same pages at the same concurrency, JSON.parse, then COPY of the final rows into tables with the primary keys.
full / staging: the same pages, JSON.parse, then COPY of the rows that a source tells into temporary tables without keys.
one-changed, run-again / full: the publishing alone of both. unchanged: milliseconds beyond the requests.
shares: of the wall clock. Each moment counts once, for the first of parse (JSON.parse), normalize (the normalizers),
publish, stage (Pass.publish and Pass.stage) and fetch (until the body is there) that was under way; rest is between.`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}

const whole = (value: number) => String(Math.round(value));

const ratio = (value: number, to: number | undefined) => (to === undefined ? '' : (value / to).toFixed(2));

/** What each sync is measured by. */
function ratios({ floor, staging, syncs }: SyncPart): { readonly [name: string]: string } {
  const { first, unchanged, full } = syncs;
  return {
    first: first === undefined ? '' : `${ratio(first.ms, floor?.ms)} floor`,
    unchanged: unchanged === undefined ? '' : `${whole(unchanged.ms - unchanged.shares.fetch)} ms beyond`,
    full: full === undefined ? '' : `${ratio(full.ms, staging?.ms)} staging`,
    ...Object.fromEntries(
      ['one-changed', 'run-again'].map((name) => {
        const found = syncs[name];
        return [name, found === undefined ? '' : `${ratio(found.shares.publish, full?.shares.publish)} full publish`];
      }),
    ),
  };
}

function measuredCells(
  name: string,
  compared: string,
  rows: number,
  { ms, rssMb, requests, cpuMs }: Measured & { readonly requests: number },
) {
  return [name, whole(ms), compared, whole(rows), whole(rssMb), whole(requests), whole(cpuMs), (cpuMs / ms).toFixed(2)];
}

/** The parts as text: a table of the measurements, the references' own figures, and how it was measured. */
export function describeSyncPart(part: SyncPart, size: Size): string {
  const { pages, bytes, rows, floor, staging, syncs } = part;
  const measured = ['part', 'ms', 'ratio', 'rows', 'RSS MB', 'requests', 'cpu ms', 'cores'];
  const head = [...measured, 'publish ms', ...ACTIVITIES.map((name) => `${name} %`)];
  const references = Object.entries({ floor, staging }).flatMap(([name, found]) =>
    found === undefined ? [] : [[...measuredCells(name, '', rows, found), '', ...ACTIVITIES.map(() => '')]],
  );
  const compared = ratios(part);
  const syncRows = Object.entries(syncs).map(([name, found]) => [
    ...measuredCells(name, compared[name] ?? '', found.rowsWritten, found),
    whole(found.shares.publish),
    ...ACTIVITIES.map((activity) => whole((found.shares[activity] / found.ms) * 100)),
  ]);
  const { models, tests, sources, columnsPerModel } = size;
  const bare = Object.entries({ floor, staging }).flatMap(([name, found]) =>
    found === undefined
      ? []
      : [`${name}: fetch and parse ${whole(found.fetchAndParseMs)} ms, copy ${whole(found.copyMs)} ms`],
  );
  return [
    `sync: ${models} models, ${tests} tests, ${sources} sources, ${columnsPerModel} columns each; ${pages} pages, ${(bytes / 1e6).toFixed(1)} MB`,
    table([head, ...references, ...syncRows]),
    ...bare,
    HOW,
  ].join('\n');
}

/** The first sync of a folder of artifacts beside its floor. */
export function describeArtifactsPart({ folder, rows, floor, first }: ArtifactsPart): string {
  const head = ['part', 'ms', 'ratio', 'rows', 'RSS MB', 'cpu ms', 'publish ms'];
  const cells = (name: string, compared: string, { ms, rssMb, cpuMs }: Measured) => {
    return [name, whole(ms), compared, whole(rows), whole(rssMb), whole(cpuMs)];
  };
  const text = table([
    head,
    [...cells('floor', '', floor), ''],
    [...cells('artifacts', `${ratio(first.ms, floor.ms)} floor`, first), whole(first.shares.publish)],
  ]);
  return [
    `artifacts: a folder of ${folder.nodes} nodes, ${(folder.bytes / 1e6).toFixed(1)} MB; its first sync`,
    text,
    `floor: JSON.parse ${whole(floor.fetchAndParseMs)} ms, COPY of the final rows into tables with the primary keys ${whole(floor.copyMs)} ms`,
  ].join('\n');
}

/** Two backfills, the second beside the first and the first beside its floor. */
export function describeBackfillPart({ runs, results, rows, floor, first, second }: BackfillPart): string {
  const head = ['part', 'ms', 'ratio', 'results', 'RSS MB', 'requests', 'cpu ms'];
  const cells = (name: string, compared: string, found: Measured & { readonly requests: number }, told: number) => {
    return [
      name,
      whole(found.ms),
      compared,
      whole(told),
      whole(found.rssMb),
      whole(found.requests),
      whole(found.cpuMs),
    ];
  };
  return [
    `backfill: ${runs} runs of ${results} results, and as many again`,
    table([
      head,
      cells('floor', '', floor, rows),
      cells('backfill', `${ratio(first.ms, floor.ms)} floor`, first, first.results),
      cells('second', `${ratio(second.ms, first.ms)} backfill`, second, second.results),
    ]),
    `floor: fetch and parse ${whole(floor.fetchAndParseMs)} ms, COPY of the final rows into tables with the primary keys ${whole(floor.copyMs)} ms`,
  ].join('\n');
}

/** Many integrations that are due together, beside the queue alone. */
export function describeServePart({
  integrations,
  workers,
  empty,
  ours,
  first,
  unchanged,
  atOnce,
  idle,
}: ServePart): string {
  const cells = (name: string, { perSecond, p50S, p99S, cores }: Round) => [
    name,
    perSecond.toFixed(1),
    (perSecond / empty).toFixed(3),
    p50S.toFixed(1),
    p99S.toFixed(1),
    cores.toFixed(2),
  ];
  const rate = (name: string, perSecond: number) => [
    name,
    perSecond.toFixed(0),
    (perSecond / empty).toFixed(3),
    '',
    '',
  ];
  return [
    `serve: ${integrations} integrations due in the same minute, ${workers} jobs at once; spread over half a minute`,
    table([
      ['part', 'jobs/s', 'ratio', 'p50 s', 'p99 s', 'cores'],
      rate("empty jobs of the queue's library", empty),
      rate('empty jobs of our worker', ours),
      cells('first syncs', first),
      cells('unchanged', unchanged),
      cells('all at once', atOnce),
    ]),
    `idle: ${whole(idle.rssMb)} MB, ${whole(idle.cpuMs)} ms of processor time and ${idle.transactions} transactions in ${idle.seconds} s`,
  ].join('\n');
}

/** How soon webhooks are answered. */
export function describeWebhookPart({ perSecond, deliveries, failures, p50Ms, p99Ms, maxMs }: WebhookPart): string {
  const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, at most ${maxMs.toFixed(1)} ms`;
  return `webhooks: ${deliveries} deliveries, ${perSecond} a second: answered after ${times}; ${failures} without success`;
}

/** What readers wait for. */
const READERS_BAR_MS = 300;

/** How soon views and questions are answered; those above the bar are marked. */
export function describeReadersPart({ size, results, fillS, readings }: ReadersPart): string {
  const cells = ({ name, rows, p50Ms, p95Ms }: Reading) => [
    name,
    whole(rows),
    p50Ms.toFixed(1),
    p95Ms.toFixed(1),
    p95Ms > READERS_BAR_MS ? 'slow' : '',
  ];
  return [
    `readers: ${size.models} models, ${size.tests} tests, ${size.sources} sources, ${results} results; one integration, 30 days, at most 1,000 rows, warm`,
    table([['read', 'rows', 'p50 ms', 'p95 ms', ''], ...readings.map(cells)]),
    `statuses and rollups of all results: ${whole(fillS)} s`,
  ].join('\n');
}
