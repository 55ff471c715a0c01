import { CommanderError } from 'commander';
import type { Logger } from '../log.ts';

/** Where a command writes. Results go to `out`, everything else to `err`. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** One JSON document as the only result. */
  readonly json: boolean;
  /** Whether `err` is a terminal on which a line can be redrawn. */
  readonly isTerminal: boolean;
  /** Width that lines of `out` should keep to; undefined when nobody is looking. */
  readonly columns: number | undefined;
  /** Width of the terminal behind `err`. */
  readonly errColumns: number;
  /** Stack traces are wanted; set when the configuration says `log.level: debug`. */
  debug: boolean;
  /** What `err` is while a command writes its log for machines there: all else that is said is a line of that log. */
  log?: Logger | undefined;
}

/** The streams of this process. */
export function processIo(argv: readonly string[]): Io {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    json: argv.includes('--json'),
    isTerminal: stderr.isTTY === true,
    columns: (stdout.isTTY && stdout.columns) || undefined,
    errColumns: stderr.columns || 80,
    debug: false,
  };
}

/** Writes a result: as one JSON document, or as text. */
export function answer(io: Io, json: unknown, text: () => string): void {
  io.out(io.json ? `${JSON.stringify(json, null, 2)}\n` : text());
}

/** An error as `--json` shows it: its sentence, and the class that says what follows from it. */
export function errorJson(error: unknown): { message: string; type: string } {
  if (error instanceof CommanderError) return { message: messageOf(error), type: 'UsageError' };
  return { message: messageOf(error), type: error instanceof Error ? error.name : 'Error' };
}

/** The sentence of an error, without the prefix that the argument parser gives its own. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CommanderError)) return message || 'unknown error';
  return message.replace(/^error: /, '').replaceAll('\n', ' ');
}

/** One clear sentence on standard error; a stack trace only for who debugs. */
export function printError(io: Io, error: unknown, subject?: string): void {
  const stack = io.debug && error instanceof Error ? error.stack : undefined;
  if (io.log !== undefined) {
    io.log.error({ error: messageOf(error), ...(stack !== undefined && { stack }) }, 'ended with an error');
    return;
  }
  io.err(`error: ${subject === undefined ? '' : `${subject}: `}${messageOf(error)}\n`);
  if (stack !== undefined) io.err(`${stack}\n`);
}
