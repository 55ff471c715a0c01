import { createInterface } from 'node:readline/promises';
import { FatalError, SyncError } from '../domain/errors.ts';

/** Asks the person at the terminal. Everything is asked on standard error: standard output is for the result. */
export interface Questions {
  /** The answer without blanks around it; the fallback for an empty one. */
  ask(question: string, fallback?: string): Promise<string>;
  /** Anything but a yes is a no. */
  confirm(question: string): Promise<boolean>;
  /** The index of one of the options. */
  choose(question: string, options: readonly string[]): Promise<number>;
  /** Shows a line between two questions. */
  say(line: string): void;
  /** Aborted by Ctrl-C, by the end of the input, and with the signal given. */
  readonly signal: AbortSignal;
  close(): void;
}

/** Somebody who may be asked; undefined when nobody sits at a terminal. */
export function questionsAtTerminal(outer: AbortSignal): Questions | undefined {
  const { stdin, stderr } = process;
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
  const terminal = createInterface({ input: stdin, output: stderr });
  const ended = new AbortController();
  const signal = AbortSignal.any([outer, ended.signal]);
  let isClosing = false;
  terminal.on('SIGINT', () => ended.abort(new SyncError('Interrupted: nothing was written.')));
  terminal.on('close', () => {
    if (!isClosing) ended.abort(new FatalError('The answers ended too early: nothing was written.'));
  });

  async function ask(question: string, fallback = ''): Promise<string> {
    signal.throwIfAborted();
    const shown = fallback === '' ? question : `${question} [${fallback}]`;
    const answer = await terminal.question(`${shown}: `, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
    return answer.trim() || fallback;
  }

  async function choose(question: string, options: readonly string[]): Promise<number> {
    for (const [index, option] of options.entries()) stderr.write(`  ${index + 1}  ${option}\n`);
    for (;;) {
      const answer = await ask(question, '1');
      const index = /^\d+$/.test(answer) ? Number(answer) - 1 : -1;
      if (options[index] !== undefined) return index;
      stderr.write(`  Give a number from 1 to ${options.length}.\n`);
    }
  }

  return {
    ask,
    choose,
    confirm: async (question) => /^y(es)?$/i.test(await ask(`${question} [y/N]`)),
    say: (line) => void stderr.write(`${line}\n`),
    signal,
    close: () => {
      isClosing = true;
      terminal.close();
    },
  };
}
