import { type Logger, pino } from 'pino';

export type { Logger };

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'pretty' | 'json';
  /** Takes whole lines, line break included. */
  readonly write: (line: string) => void;
}

/** Keys whose values are never logged, at the top and one and two levels below. */
const SECRET_KEYS = ['token', 'authorization', 'password', 'url', 'secret'];
const REDACTED = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** A logger of constant messages with data in fields. Secrets by the usual names read `***`. */
export function createLogger({ level, format, write }: LogOptions): Logger {
  const settings = {
    level,
    base: null,
    redact: { paths: REDACTED, censor: '***' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(settings, { write: format === 'json' ? write : (line) => write(prettyLine(line)) });
}

/** One log line for a person: `06:00:05 INFO  sync ended integration=shop outcome=done`. */
function prettyLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${shownValue(value)}`);
  return `${[String(time).slice(11, 19), String(level).toUpperCase().padEnd(5), msg, ...shown].join(' ')}\n`;
}

function shownValue(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}
