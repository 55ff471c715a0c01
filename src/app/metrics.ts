import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EventOutcome } from '../domain/webhook.ts';
import type { Delay, Told } from '../http/http.ts';
import type { SyncResult } from '../sync/sync.ts';
import { VERSION } from './version.ts';

/** What is counted in this process, and what is looked up when somebody asks. */
export interface Metrics {
  readonly contentType: string;
  /** Everything in the text format of Prometheus. */
  text(): Promise<string>;
  onRequest(request: Told): void;
  onDelay(delay: Delay): void;
  onSync(ended: EndedSync): void;
  onDelivery(outcome: string): void;
  onHandled(outcome: EventOutcome, events: number): void;
  /** Adds values that are looked up at each asking; what cannot be had in time is left out. */
  look(gauges: GaugeReader): void;
}

/** How a pass ended. */
export interface EndedSync extends Partial<Pick<SyncResult, 'source' | 'rowsWritten'>> {
  readonly outcome: string;
  readonly reason: string;
  readonly durationS: number;
}

/** One value with its labels. */
export interface GaugeValue {
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

/** Values of some gauges, by their names without the prefix. */
export interface GaugeReader {
  readonly gauges: { readonly [name: string]: { readonly help: string; readonly labels: readonly string[] } };
  /** Undefined when they cannot be had now. */
  read(): Promise<{ readonly [name: string]: readonly GaugeValue[] } | undefined>;
}

const PREFIX = 'dbt_observer_';
/** From an unchanged state to the first sync of a large project, in seconds. */
const BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800];

/** Metrics of this process; nothing is measured between askings. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const readers: (() => Promise<void>)[] = [];
  addProcess(registry);
  return {
    contentType: registry.contentType,
    async text() {
      await Promise.all(readers.map((read) => read()));
      return registry.metrics();
    },
    ...syncsIn(registry),
    ...requestsIn(registry),
    ...webhooksIn(registry),
    look: (reader) => void readers.push(gaugesIn(registry, reader)),
  };
}

const counterIn =
  (registry: Registry) =>
  <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] });

function syncsIn(registry: Registry): Pick<Metrics, 'onSync'> {
  const counter = counterIn(registry);
  const syncs = counter(
    'syncs_total',
    'Syncs that ended, by outcome, by the source that served them and by who wanted them.',
    ['outcome', 'source', 'reason'],
  );
  const rows = counter('rows_written_total', 'Rows that syncs wrote.', []);
  rows.inc(0);
  const durations = new Histogram({
    name: `${PREFIX}sync_duration_seconds`,
    help: 'How long syncs took.',
    labelNames: ['outcome'] as const,
    buckets: BUCKETS,
    registers: [registry],
  });
  return {
    onSync({ outcome, reason, source, rowsWritten = 0, durationS }) {
      syncs.inc({ outcome, reason, source: source ?? 'none' });
      durations.observe({ outcome }, durationS);
      rows.inc(rowsWritten);
    },
  };
}

function requestsIn(registry: Registry): Pick<Metrics, 'onRequest' | 'onDelay'> {
  const counter = counterIn(registry);
  const each = 'Requests to dbt, each try counted, by host and status ("none": no answer).';
  const requests = counter('requests_total', each, ['host', 'status']);
  const retries = counter('request_retries_total', 'Requests to dbt that were tried again.', ['host']);
  const waits = counter('rate_limit_waits_total', 'How often a host of dbt asked to be left alone for a while.', [
    'host',
  ]);
  const waited = counter('rate_limit_wait_seconds_total', 'For how long hosts of dbt asked to be left alone.', [
    'host',
  ]);
  return {
    onRequest: ({ host, status }) => requests.inc({ host, status: status === null ? 'none' : String(status) }),
    onDelay({ reason, host, ms }) {
      if (reason === 'retry') return retries.inc({ host });
      waits.inc({ host });
      waited.inc({ host }, ms / 1_000);
    },
  };
}

function webhooksIn(registry: Registry): Pick<Metrics, 'onDelivery' | 'onHandled'> {
  const counter = counterIn(registry);
  const told = 'Webhook deliveries, by what they were answered with.';
  const deliveries = counter('webhook_deliveries_total', told, ['outcome']);
  const done = 'Webhook events that were handled, by what was done about them.';
  const events = counter('webhook_events_total', done, ['outcome']);
  return {
    onDelivery: (outcome) => deliveries.inc({ outcome }),
    onHandled: (outcome, number) => events.inc({ outcome }, number),
  };
}

/** What every program tells of itself. Only what costs nothing while nobody asks. */
function addProcess(registry: Registry): void {
  const registers = [registry];
  const build = { name: `${PREFIX}build_info`, help: 'The version, as a label.', labelNames: ['version'] as const };
  new Gauge({ ...build, registers }).set({ version: VERSION }, 1);
  const start = { name: 'process_start_time_seconds', help: 'When the process began, in seconds since 1970.' };
  new Gauge({ ...start, registers }).set(Date.now() / 1_000 - process.uptime());
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

/** What is not told any more is forgotten, so that nobody takes an old value for a new one. */
function gaugesIn(registry: Registry, { gauges, read }: GaugeReader): () => Promise<void> {
  const made = new Map(
    Object.entries(gauges).map(([name, { help, labels: labelNames }]) => [
      name,
      new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] }),
    ]),
  );
  return async () => {
    const found = await read().catch(() => undefined);
    for (const [name, gauge] of made) {
      gauge.reset();
      for (const { labels, value } of found?.[name] ?? []) gauge.set(labels, value);
    }
  };
}
