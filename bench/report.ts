import { cpus } from 'node:os';
import { ACTIVITIES } from './clock.ts';
import type { Size } from './environment-parts.ts';
import type { SyncPart } from './sync-part.ts';

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

const HOW = `Each sync and each floor ran in a process of its own; the best of the tries counts. RSS is the process's peak.
floor: the same pages at the same concurrency, JSON.parse, then COPY of the final rows into tables with the primary keys.
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

/** The part as text: a table of the measurements, the floor's own figures, and how it was measured. */
export function describeSyncPart({ pages, bytes, rows, floor, syncs }: SyncPart, size: Size): string {
  const head = [
    'part',
    'ms',
    'x floor',
    'rows',
    'RSS MB',
    'requests',
    'cpu ms',
    ...ACTIVITIES.map((name) => `${name} %`),
  ];
  const floorRow = [
    'floor',
    whole(floor.ms),
    '1.00',
    whole(rows),
    whole(floor.rssMb),
    whole(floor.requests),
    whole(floor.cpuMs),
  ];
  const syncRows = Object.entries(syncs).map(([name, { ms, rssMb, rowsWritten, requests, cpuMs, shares }]) => [
    name,
    whole(ms),
    (ms / floor.ms).toFixed(2),
    whole(rowsWritten),
    whole(rssMb),
    whole(requests),
    whole(cpuMs),
    ...ACTIVITIES.map((activity) => whole((shares[activity] / ms) * 100)),
  ]);
  const { models, tests, sources, columnsPerModel } = size;
  return [
    `sync: ${models} models, ${tests} tests, ${sources} sources, ${columnsPerModel} columns each; ${pages} pages, ${(bytes / 1e6).toFixed(1)} MB`,
    table([head, [...floorRow, ...ACTIVITIES.map(() => '')], ...syncRows]),
    `floor: fetch and parse ${whole(floor.fetchAndParseMs)} ms, copy ${whole(floor.copyMs)} ms`,
    HOW,
  ].join('\n');
}
