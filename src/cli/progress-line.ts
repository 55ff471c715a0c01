import type { Progress } from '../sync/read.ts';
import type { Io } from './io.ts';
import { shortened } from './table.ts';

/** Shows how far a sync is; to be cleared before anything else is written. */
export interface ProgressLine {
  update(progress: Progress): void;
  clear(): void;
}

/** Often enough for the eye, seldom enough for a slow terminal. */
const REDRAW_MS = 80;

/** One line on the terminal, drawn again and again. Where there is no terminal, or nobody looks at it, it shows nothing. */
export function progressLine(io: Io, integration: string): ProgressLine {
  if (!io.isTerminal || io.json) return { update: () => undefined, clear: () => undefined };
  const latest = new Map<string, Progress>();
  let drawnAt = 0;
  return {
    update(progress) {
      const total = Math.max(progress.total, latest.get(progress.resourceType)?.total ?? 0);
      latest.set(progress.resourceType, { ...progress, total });
      if (performance.now() - drawnAt < REDRAW_MS) return;
      drawnAt = performance.now();
      io.err(`\r\u001b[2K${shortened(progressText(integration, [...latest.values()]), io.errColumns - 1)}`);
    },
    clear() {
      if (drawnAt > 0) io.err('\r\u001b[2K');
    },
  };
}

/** `shop [#####.....] 120 of 240: model 120/120, test 0/120` */
export function progressText(integration: string, types: readonly Progress[]): string {
  const received = types.reduce((sum, type) => sum + Math.min(type.received, type.total), 0);
  const total = types.reduce((sum, type) => sum + type.total, 0);
  const filled = total === 0 ? 0 : Math.floor((10 * received) / total);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(10 - filled)}]`;
  const parts = types
    .filter((type) => type.total > 0)
    .map((type) => `${type.resourceType} ${type.received}/${type.total}`);
  return `${integration} ${bar} ${received} of ${total}: ${parts.join(', ')}`;
}
