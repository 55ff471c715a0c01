/** `ok` and `warning` let a sync go on, `failed` does not; `skipped` could not be tried because of an earlier one. */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** What is checked, in the order in which it is told; a name stays what it is, because machines read it. */
export type CheckName =
  | 'access_url'
  | 'host'
  | 'token'
  | 'discovery'
  | 'admin'
  | 'folder'
  | 'artifacts'
  | 'project'
  | 'environment'
  | 'last_run'
  | 'freshness'
  | 'last_sync'
  | 'database'
  | 'schema'
  | 'writable'
  | 'pooler'
  | 'clock';

/** How one check ended: what was found, and for what is not well what to do about it. */
export interface Verdict {
  readonly status: CheckStatus;
  readonly message: string;
  readonly mend?: string;
}

export interface Check extends Verdict {
  /** The integration it is about; null for what all of them share. */
  readonly integration: string | null;
  readonly check: CheckName;
}

export const ok = (message: string): Verdict => ({ status: 'ok', message });
export const skipped = (message: string): Verdict => ({ status: 'skipped', message });
export const warning = (message: string, mend: string): Verdict => ({ status: 'warning', message, mend });
export const failed = (message: string, mend: string): Verdict => ({ status: 'failed', message, mend });

/** An age or a distance in time for a sentence, rounded down to its largest unit: `3 days`, `1 hour`, `40 seconds`. */
export function span(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1_000);
  const units = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const;
  const [size, name] = units.find(([length]) => seconds >= length) ?? ([1, 'second'] as const);
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** An instant to the minute: `2026-11-04 06:00 UTC`. */
export function minute(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
