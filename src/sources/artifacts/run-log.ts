import type { Reject } from '../../domain/records.ts';
import type { Run, RunPage } from '../../domain/runs.ts';

/** Runs with the newest first. They are listed as far as somebody looks, and only once. */
export interface RunLog {
  /** The first page of the list. */
  latest(): Promise<readonly Run[]>;
  /** From the newest on, as often as somebody goes through them. */
  runs(): AsyncGenerator<Run>;
  /** Runs that could not be read, as far as the list was read. */
  readonly rejects: readonly Reject[];
}

/** @param pages of a list with the newest run first. */
export function runLog(pages: AsyncGenerator<RunPage>): RunLog {
  const found: Run[] = [];
  const rejects: Reject[] = [];
  let isBegun = false;
  let firstPage: number | undefined;
  let isWhole = false;

  async function more(): Promise<void> {
    isBegun = true;
    const { done, value } = await pages.next();
    if (done) {
      isWhole = true;
      return;
    }
    found.push(...value.runs);
    firstPage ??= value.runs.length;
    rejects.push(...value.rejects);
  }

  return {
    async latest() {
      if (!isBegun) await more();
      return found.slice(0, firstPage);
    },
    async *runs() {
      for (let at = 0; ; at++) {
        while (at >= found.length && !isWhole) await more();
        const run = found[at];
        if (run === undefined) return;
        yield run;
      }
    },
    rejects,
  };
}
