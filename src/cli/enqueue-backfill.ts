import type { Config } from '../config/types.ts';
import type { RunWindow } from '../domain/runs.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { counted } from './format.ts';
import { answer, type Io } from './io.ts';
import { withApp } from './session.ts';

export interface EnqueuedBackfill {
  readonly config: Config;
  readonly name: string;
  readonly window: RunWindow;
}

/** Leaves a backfill to the workers, and says how many jobs it is. */
export async function enqueueBackfill(io: Io, { config, name, window }: EnqueuedBackfill): Promise<ExitCode> {
  const jobs = await withApp(io, config, async (app) => {
    await app.migrate();
    await app.queue.migrate();
    return app.queue.requestBackfill(name, window);
  });
  answer(io, { type: 'enqueued', integration: name, jobs }, () => {
    return `${name}: ${counted(jobs, 'job')} wait for a worker of serve; dbt-observer status ${name} shows them.\n`;
  });
  return EXIT.done;
}
