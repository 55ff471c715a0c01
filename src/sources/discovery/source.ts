import type { ResourceType, StoreRecord } from '../../domain/records.ts';
import type { Page, Source } from '../../domain/source.ts';
import { type Normalizer, uniqueIdOf } from '../../normalize/normalized.ts';
import type { DiscoveryClient } from './client.ts';
import { failure } from './failures.ts';
import { createFetchPage } from './fetch-page.ts';
import { merge } from './merge.ts';
import { toPage } from './page.ts';
import { paginate } from './paginate.ts';
import { createPatience, type Patience } from './patience.ts';
import { type DiscoveryProbe, probe } from './probe.ts';
import { type ConnectionSpec, RESOURCES, type Resource } from './resources.ts';
import { groupedByReason } from './words.ts';

/** Unique ids in one filter: a request of theirs stays well under common limits of size. */
const FILTER_SIZE = 100;
const PATIENCE_MS = 600_000;

export interface DiscoverySourceOptions {
  readonly client: DiscoveryClient;
  readonly environmentId: number;
  /** Narrows results to those whose last job this is. */
  readonly jobId: number | null;
  /**
   * Time that requests which fail may cost one reading, added up over its connections, in milliseconds; then a page
   * that fails is not asked in smaller parts any more. Left out: ten minutes.
   */
  readonly patienceMs?: number;
}

interface Ask {
  readonly resourceType: ResourceType;
  readonly spec: ConnectionSpec;
  readonly normalize: Normalizer;
  readonly variables: Record<string, unknown>;
}

/** One reading of the whole state. */
interface Reading {
  readonly signal: AbortSignal;
  readonly patience: Patience;
  readonly hasDefinition: boolean;
}

/** Said once, so that a pass without definitions closes nothing that only they tell. */
const NO_DEFINITIONS: Page = {
  resourceType: 'model',
  received: 0,
  total: 0,
  records: [],
  rejects: [],
  incomplete: ['The environment has no definition state: only what was built could be read.'],
};

/**
 * The pages, but for why connections are not whole: that comes with a last page, once for each reason.
 * @throws SyncError when connections were lost and not a single node came.
 */
async function* withLossesTogether(pages: AsyncIterable<Page>, environmentId: number): AsyncGenerator<Page> {
  const lost: string[] = [];
  let received = 0;
  let last: Page | undefined;
  for await (const page of pages) {
    received += page.received;
    lost.push(...page.incomplete);
    last = page;
    yield { ...page, incomplete: [] };
  }
  const [first, ...more] = groupedByReason(lost);
  if (first === undefined || last === undefined) return;
  if (received === 0) {
    const message = `Nothing of environment ${environmentId} could be read; ${first}`;
    throw failure(message, { kind: 'service_error', what: `${lost.length} connections lost` });
  }
  const { resourceType, total } = last;
  yield { resourceType, total, received: 0, records: [], rejects: [], incomplete: [first, ...more] };
}

/**
 * Reads one environment's state through the Discovery API. A page that cannot be had leaves its connection incomplete
 * and the others go on; the reading fails when nothing comes from the service any more.
 */
export function createDiscoverySource(options: DiscoverySourceOptions): Source {
  const { client, environmentId, jobId, patienceMs = PATIENCE_MS } = options;
  const isWanted = (record: StoreRecord) =>
    jobId === null || (record.kind !== 'result' && record.kind !== 'freshness') || record.jobId === jobId;

  async function* pagesOf(ask: Ask, ids: Set<string>, { signal, patience }: Reading): AsyncGenerator<Page> {
    const { resourceType, spec, normalize, variables } = ask;
    const name = `${spec.state}.${spec.connection}`;
    const fetchPage = createFetchPage({ client, spec, variables, patience, signal });
    for await (const page of paginate(name, fetchPage)) {
      for (const node of page.nodes) {
        const id = uniqueIdOf(node);
        if (id !== undefined) ids.add(id);
      }
      yield await toPage({ resourceType, name, normalize, isWanted }, page);
    }
  }

  /** Definitions of the nodes that only the applied state knows, asked by their unique ids. */
  async function* missingDefinitions(ask: Ask, missing: readonly string[], reading: Reading): AsyncGenerator<Page> {
    for (let start = 0; start < missing.length; start += FILTER_SIZE) {
      const filter = { uniqueIds: missing.slice(start, start + FILTER_SIZE) };
      yield* pagesOf({ ...ask, variables: { filter, definition: true } }, new Set(), reading);
    }
  }

  async function* resourcePages(resourceType: ResourceType, resource: Resource, reading: Reading) {
    const defined = new Set<string>();
    const built = new Set<string>();
    const { definition, applied, appliedDefinition } = resource;
    const generators: AsyncGenerator<Page>[] = [];
    if (reading.hasDefinition) {
      const ask = { resourceType, spec: definition, normalize: definition.normalize, variables: {} };
      generators.push(pagesOf(ask, defined, reading));
    }
    if (applied !== undefined) {
      const ask = { resourceType, spec: applied, normalize: applied.normalize, variables: { definition: false } };
      generators.push(pagesOf(ask, built, reading));
    }
    yield* merge(generators);
    const missing = [...built].filter((id) => !defined.has(id));
    if (applied !== undefined && appliedDefinition !== undefined && missing.length > 0) {
      const ask = { resourceType, spec: applied, normalize: appliedDefinition, variables: {} };
      yield* missingDefinitions(ask, missing, reading);
    }
  }

  /** What the last probe said, as long as nothing else was asked since. */
  let latest: DiscoveryProbe | undefined;

  async function ask(signal: AbortSignal): Promise<DiscoveryProbe> {
    latest = undefined;
    latest = await probe(client, environmentId, { signal });
    return latest;
  }

  async function* pages(caller: AbortSignal): AsyncGenerator<Page> {
    // Requests under way must not outlive a reading that has ended, for whatever reason it did.
    const ended = new AbortController();
    const signal = AbortSignal.any([caller, ended.signal]);
    try {
      // That there are no definitions costs a pass so much that it is asked twice.
      const { hasDefinition } = latest?.hasDefinition ? latest : await ask(signal);
      latest = undefined;
      if (!hasDefinition) yield NO_DEFINITIONS;
      const isThere = () => probe(client, environmentId, { signal, retryTimeouts: false });
      const reading = { signal, hasDefinition, patience: createPatience({ limitMs: patienceMs, isThere }) };
      const entries = Object.entries(RESOURCES) as [ResourceType, Resource][];
      const read = merge(entries.map(([type, resource]) => resourcePages(type, resource, reading)));
      yield* withLossesTogether(read, environmentId);
    } finally {
      ended.abort();
    }
  }

  return {
    name: 'discovery',
    states: Object.keys(RESOURCES) as ResourceType[],
    limits: [],
    limitsWithoutRuns:
      jobId === null
        ? []
        : [`Only the last results whose job is ${jobId} were taken; earlier ones need the Admin API.`],
    probe: ask,
    pages,
    traffic: client.traffic,
  };
}
