import type { PlatformIntegration } from '../../config/types.ts';
import { FatalError } from '../../domain/errors.ts';
import type { EventOutcome, WebhookEvent } from '../../domain/webhook.ts';
import { webhookEvent } from '../../normalize/webhook-event.ts';
import type { Pool } from '../../store/pool.ts';
import { findStored } from '../../store/read/stored-scope.ts';
import { noteForeignRuns, storedChecks, writeRunNews } from '../../store/run-news.ts';
import { markHandled, type WaitingEvent, waitingEvents } from '../../store/webhook-events.ts';
import type { SyncResult } from '../../sync/sync.ts';
import { loggedAsking, type Telling } from '../asking.ts';
import type { Metrics } from '../metrics.ts';
import { type Platform, platform } from '../sources.ts';
import { PATIENCE, type Patience, type Standing, settle } from './settle.ts';
import { type EventScope, newestNews, newsOf, verdictOn } from './verdict.ts';

export interface HandleOptions extends Telling {
  readonly pool: Pool;
  readonly integration: PlatformIntegration;
  /** One pass over the integration, because of a webhook. */
  readonly sync: () => Promise<Pick<SyncResult, 'syncRunId' | 'outcome'>>;
  readonly signal: AbortSignal;
  readonly metrics?: Metrics | undefined;
  readonly patience?: Patience;
}

/** Events that are read together; there is one sync for all of them. */
const TOGETHER = 5_000;
/** The newest runs are looked at one by one; those before them are there, for they were complete before. */
const LOOKED_AT = 20;

type RunEvent = WebhookEvent & { readonly runId: number };

/** What is done about some events. */
interface Done {
  readonly outcome: EventOutcome;
  readonly reason: string | null;
  readonly syncRunId?: number | undefined;
}

/** Marks events, and tells of it. */
type Mark = (events: readonly WebhookEvent[], done: Done) => Promise<void>;

/**
 * Does what the waiting events of an integration ask for, until none waits, however many came meanwhile. Whatever ends
 * it early, each event is either done with or still waits, and doing it again changes nothing.
 * @throws SyncError when the pass failed in a way that may pass; the events that asked for it then still wait.
 */
export async function handleEvents(options: HandleOptions): Promise<void> {
  const { pool, integration, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    const waiting = await waitingEvents(pool, integration.name, TOGETHER);
    const [first] = waiting;
    if (first === undefined) return;
    await handle(options, waiting, first.integrationId);
  }
}

async function handle(options: HandleOptions, waiting: readonly WaitingEvent[], integrationId: number): Promise<void> {
  const { pool, logger, integration, metrics } = options;
  const events = waiting.map(({ id, body }) => ({ ...webhookEvent(body as Record<string, unknown>, id), id }));
  const mark: Mark = async (of, done) => {
    if (of.length === 0) return;
    const marked = await markHandled(pool, { integrationId, ids: of.map(({ id }) => id), ...done });
    if (marked === 0) return;
    metrics?.onHandled(done.outcome, marked);
    const { outcome, reason, syncRunId } = done;
    const told = { integration: integration.name, events: marked, outcome, reason, sync_run_id: syncRunId };
    logger.info(told, 'webhook events handled');
  };
  try {
    const known = await platformOf(options);
    const completed = await note(options, events, { known, integrationId, mark });
    const ours = await withoutForeign(options, completed, { known, integrationId, mark });
    if (ours.length === 0) return;
    const { syncRunId, outcome } = await options.sync();
    await mark(
      ours.filter(({ standing }) => standing !== 'late').map(({ event }) => event),
      { outcome: 'synced', reason: outcome, syncRunId },
    );
    const late = `${outcome}; the end of the run or its artifacts had not appeared in time, so that a later sync takes them`;
    await mark(
      ours.filter(({ standing }) => standing === 'late').map(({ event }) => event),
      { outcome: 'synced', reason: late, syncRunId },
    );
  } catch (error) {
    // Nothing of it can succeed before a person acts, and the sync by schedule says so again.
    if (!(error instanceof FatalError)) throw error;
    await mark(events, { outcome: 'failed', reason: error.message });
  }
}

function platformOf({ pool, integration, signal, ...telling }: HandleOptions): Promise<Platform> {
  const asking = loggedAsking(telling, () => ({ integration: integration.name }));
  return platform(integration, { ...asking, stored: () => findStored(pool, integration.name), signal });
}

interface Noting {
  readonly known: Platform;
  readonly integrationId: number;
  readonly mark: Mark;
}

/** Writes what is told of runs of ours. Gives the events of those that are complete; all others are done with. */
async function note(
  { pool, integration }: HandleOptions,
  events: readonly WebhookEvent[],
  { known, integrationId, mark }: Noting,
): Promise<RunEvent[]> {
  const { accountId, projectId, jobId, accessUrl } = integration;
  const stored = accountId === undefined ? await findStored(pool, integration.name) : null;
  const scope: EventScope = {
    accountId: accountId ?? stored?.accountId ?? null,
    projectId: projectId ?? null,
    environmentId: known.environmentId,
    jobId: jobId ?? null,
    accessUrl: accessUrl ?? null,
  };
  const jobs = [...new Set(events.flatMap((event) => event.jobId ?? []))];
  const checks = await storedChecks(pool, integrationId, jobs);
  const ignored = new Map<string, WebhookEvent[]>();
  const [noted, completed]: [RunEvent[], RunEvent[]] = [[], []];
  for (const event of events) {
    const verdict = checks.has(event.jobId ?? 0) ? CHECK : verdictOn(event, scope);
    if (verdict.kind === 'ignored') ignored.set(verdict.reason, [...(ignored.get(verdict.reason) ?? []), event]);
    else (verdict.kind === 'noted' ? noted : completed).push(event as RunEvent);
  }
  await writeRunNews(pool, integrationId, newestNews([...noted, ...completed].map((event) => newsOf(event, scope))));
  for (const [reason, of] of ignored) await mark(of, { outcome: 'ignored', reason });
  await mark(noted, { outcome: 'noted', reason: null });
  return completed;
}

const FOREIGN = 'A run that says nothing of the state: a check of a proposal, or one into another schema.';
const CHECK = { kind: 'ignored', reason: FOREIGN } as const;

interface Settled {
  readonly event: RunEvent;
  readonly standing: Standing;
}

/** Waits for the newest runs to be there. Gives all but those that turn out to say nothing of the state. */
async function withoutForeign(
  { pool, signal, patience = PATIENCE }: HandleOptions,
  completed: readonly RunEvent[],
  { known: { admin, environmentId }, integrationId, mark }: Noting,
): Promise<Settled[]> {
  const runIds = [...new Set(completed.map(({ runId }) => runId))].toSorted((a, b) => b - a).slice(0, LOOKED_AT);
  const standings = new Map<number, Standing>();
  const looks = runIds.map(async (runId) => {
    if (admin !== null) standings.set(runId, await settle({ admin, environmentId, runId, patience, signal }));
  });
  await Promise.allSettled(looks);
  await Promise.all(looks);
  const settled = completed.map((event) => ({ event, standing: standings.get(event.runId) ?? 'unknown' }));
  const foreign = settled.filter(({ standing }) => standing === 'foreign').map(({ event }) => event);
  await noteForeignRuns(pool, integrationId, [...new Set(foreign.map(({ runId }) => String(runId)))]);
  await mark(foreign, { outcome: 'ignored', reason: FOREIGN });
  return settled.filter(({ standing }) => standing !== 'foreign');
}
