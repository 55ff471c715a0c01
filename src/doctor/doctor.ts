import type { ProxySettings } from '../config/proxy.ts';
import type { FilesIntegration, PlatformIntegration } from '../config/types.ts';
import { createFetch, type Fetch } from '../http/http.ts';
import type { Check } from './check.ts';
import { clockVerdict } from './clock.ts';
import { type DatabaseFinding, type DatabaseSubject, examineDatabase } from './database.ts';
import { checkFolder } from './folder.ts';
import type { Wire } from './host.ts';
import { checkIntegration, type Subject, type Tell } from './integration.ts';
import { lastSyncVerdict } from './last-sync.ts';
import { isHanging } from './network.ts';

/** A whole configured integration; its own token is not looked at. */
export type ConfiguredSubject =
  | (Subject & { readonly config: PlatformIntegration })
  | { readonly config: FilesIntegration };

export interface DoctorOptions {
  readonly integrations: readonly ConfiguredSubject[];
  readonly database: DatabaseSubject;
  /** How we call ourselves towards dbt. */
  readonly userAgent: string;
  readonly proxies: ProxySettings | undefined;
  readonly signal: AbortSignal;
  readonly tell: Tell;
  /** Receives single lines about the embedded PostgreSQL that a person should read. */
  readonly onNotice: (line: string) => void;
}

/** Who waits before a terminal wants an answer soon: one more try, and little patience with each. */
const QUICK = { timeoutMs: 10_000, budgetMs: 20_000, retries: 1, pauseMs: 0 };

/** How the doctor asks dbt. A host that asks to be left alone is left alone for the rest of the examination. */
export function quickWire({
  userAgent,
  proxies,
  signal,
}: Pick<DoctorOptions, 'userAgent' | 'proxies' | 'signal'>): Wire {
  const fetch = createFetch({ userAgent, proxies, ...QUICK });
  const throttled = new Set<string>();
  const asking: Fetch = Object.assign(
    async (...[input, init]: Parameters<Fetch>) => {
      const { host } = new URL(input instanceof Request ? input.url : input);
      if (throttled.has(host)) return new Response(null, { status: 429 });
      const response = await fetch(input, { ...init, retryTimeouts: false });
      if (response.status === 429) throttled.add(host);
      return response;
    },
    { traffic: fetch.traffic },
  );
  return { fetch: asking, proxies, signal };
}

/** A host that was waited for in vain is not waited for again: integrations often share one. */
function patientOnce(wire: Wire): Wire {
  const hanging = new Map<string, unknown>();
  const asking: Fetch = Object.assign(
    async (...[input, init]: Parameters<Fetch>) => {
      const { host } = new URL(input instanceof Request ? input.url : input);
      if (hanging.has(host)) throw hanging.get(host);
      try {
        return await wire.fetch(input, init);
      } catch (error) {
        if (isHanging(error)) hanging.set(host, error);
        throw error;
      }
    },
    { traffic: wire.fetch.traffic },
  );
  return { ...wire, fetch: asking };
}

/**
 * Examines every integration and the database; each check is told as soon as it is known. Nothing is written that stays.
 * @throws only the signal's reason.
 */
export async function examine(options: DoctorOptions): Promise<Check[]> {
  const { integrations, signal } = options;
  const wire = patientOnce(quickWire(options));
  const now = new Date();
  const checks: Check[] = [];
  const tell: Tell = (check) => {
    checks.push(check);
    options.tell(check);
  };
  const examined = examineDatabase(options.database, options);
  // Whoever is interrupted elsewhere never comes to wait for it.
  examined.catch(() => undefined);
  let dbt: number | undefined;
  for (const subject of integrations) {
    signal.throwIfAborted();
    const aheadMs = await checkSubject(subject, { wire, now, tell });
    dbt ??= aheadMs;
    const { synced } = await examined;
    const verdict = lastSyncVerdict(subject.config, synced, now);
    tell({ integration: subject.config.name, check: 'last_sync', ...verdict });
  }
  tellShared(await examined, dbt, tell);
  return checks;
}

/** Gives by how many milliseconds dbt's clock is ahead of ours, where anything of dbt's was asked. */
async function checkSubject(subject: ConfiguredSubject, asking: { wire: Wire; now: Date; tell: Tell }) {
  if ('token' in subject) return (await checkIntegration(subject, asking)).aheadMs;
  const { config } = subject;
  await checkFolder(config, asking.now, (check, verdict) => {
    asking.tell({ integration: config.name, check, ...verdict });
  });
  return undefined;
}

function tellShared({ verdicts, aheadMs }: DatabaseFinding, dbt: number | undefined, tell: Tell): void {
  for (const check of ['database', 'schema', 'writable', 'pooler'] as const) {
    tell({ integration: null, check, ...verdicts[check] });
  }
  tell({ integration: null, check: 'clock', ...clockVerdict({ database: aheadMs, dbt }) });
}
