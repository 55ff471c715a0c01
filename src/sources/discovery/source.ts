import { z } from 'zod';
import { FatalError, SyncError } from '../../domain/errors.ts';
import type { Reject, ResourceType, StoreRecord } from '../../domain/records.ts';
import type { Page, Probe, ProjectFacts, Source } from '../../domain/source.ts';
import { ProbeDocument, type ProbeQuery } from '../../generated/discovery.ts';
import { type Normalizer, normalizeOrReject, uniqueIdOf } from '../../normalize/normalized.ts';
import { nullableInstant, nullableText, read } from '../../normalize/scalars.ts';
import type { DiscoveryClient } from './client.ts';
import { merge } from './merge.ts';
import { type NodePage, paginate } from './paginate.ts';
import { type ConnectionSpec, connectionOf, RESOURCES, type Resource } from './resources.ts';

/** The largest page that the service gives (docs.getdbt.com, "Query the Discovery API"). */
const PAGE_SIZE = 500;
/** Unique ids in one filter: a request of theirs stays well under common limits of size. */
const FILTER_SIZE = 100;

export interface DiscoverySourceOptions {
  readonly client: DiscoveryClient;
  readonly environmentId: number;
  /** Narrows results to those whose last job this is. */
  readonly jobId: number | null;
}

interface Ask {
  readonly resourceType: ResourceType;
  readonly spec: ConnectionSpec;
  readonly normalize: Normalizer;
  readonly variables: Record<string, unknown>;
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

/** What the store keeps of the probe; checked like every node, for it goes into typed columns. */
const probeFields = z.object({
  adapterType: nullableText,
  dbtProjectName: nullableText,
  applied: z.object({ lastUpdatedAt: nullableInstant, latestGitSha: nullableText }).nullable(),
  definition: z.object({ lastUpdatedAt: nullableInstant }).nullable(),
});

function readProbe(raw: unknown): z.output<typeof probeFields> {
  try {
    return read(probeFields, raw);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SyncError(`The Discovery API says something unreadable of the environment (${why}): try again later.`, {
      cause: error,
    });
  }
}

function probeOf(answer: ProbeQuery, environmentId: number): Probe & { readonly hasDefinition: boolean } {
  if (answer.environment == null) {
    throw new FatalError(`The Discovery API has no environment ${environmentId} for this token: check environment_id.`);
  }
  const environment = readProbe(answer.environment);
  const { applied, definition } = environment;
  if (applied === null) {
    throw new SyncError(
      `Environment ${environmentId} has no applied state: no deploy job has built anything in it yet, or none within three months.`,
    );
  }
  const times = [applied.lastUpdatedAt ?? '', definition?.lastUpdatedAt ?? ''];
  return {
    token: applied.lastUpdatedAt === null ? null : times.join(' '),
    hasDefinition: definition !== null,
    environment: {
      adapterType: environment.adapterType,
      projectName: environment.dbtProjectName,
      gitSha: applied.latestGitSha,
      updatedAt: applied.lastUpdatedAt,
    },
  };
}

/** Reads one environment's state through the Discovery API. */
export function createDiscoverySource({ client, environmentId, jobId }: DiscoverySourceOptions): Source {
  const isWanted = (record: StoreRecord) =>
    jobId === null || (record.kind !== 'result' && record.kind !== 'freshness') || record.jobId === jobId;

  function toPage({ resourceType, spec, normalize }: Ask, { nodes, total, incomplete }: NodePage): Page {
    const records: StoreRecord[] = [];
    const rejects: Reject[] = [];
    const nameless = nodes.filter((node) => uniqueIdOf(node) === undefined).length;
    let project: ProjectFacts | undefined;
    for (const node of nodes) {
      const normalized = normalizeOrReject(resourceType, normalize, node);
      for (const record of normalized.records) if (isWanted(record)) records.push(record);
      rejects.push(...(normalized.rejects ?? []));
      project = normalized.project?.dbtVersion == null ? (project ?? normalized.project) : normalized.project;
    }
    const unknown =
      nameless === 0 ? [] : [`${spec.state}.${spec.connection}: nodes without a unique id came: ${nameless}.`];
    return {
      resourceType,
      received: nodes.length,
      total,
      records,
      rejects,
      incomplete: [...incomplete, ...unknown],
      ...(project === undefined ? {} : { project }),
    };
  }

  async function* pagesOf(ask: Ask, ids: Set<string>, signal: AbortSignal): AsyncGenerator<Page> {
    const { spec, variables } = ask;
    const fetchPage = async (after: string | null) => {
      const answer = await client.query(spec.document, { first: PAGE_SIZE, after, ...variables }, signal);
      return connectionOf(answer, spec);
    };
    for await (const page of paginate(`${spec.state}.${spec.connection}`, fetchPage)) {
      for (const node of page.nodes) {
        const id = uniqueIdOf(node);
        if (id !== undefined) ids.add(id);
      }
      yield toPage(ask, page);
    }
  }

  /** Definitions of the nodes that only the applied state knows, asked by their unique ids. */
  async function* missingDefinitions(ask: Ask, missing: readonly string[], signal: AbortSignal): AsyncGenerator<Page> {
    for (let start = 0; start < missing.length; start += FILTER_SIZE) {
      const filter = { uniqueIds: missing.slice(start, start + FILTER_SIZE) };
      yield* pagesOf({ ...ask, variables: { filter, definition: true } }, new Set(), signal);
    }
  }

  async function* resourcePages(
    resourceType: ResourceType,
    resource: Resource,
    hasDefinition: boolean,
    signal: AbortSignal,
  ) {
    const defined = new Set<string>();
    const built = new Set<string>();
    const { definition, applied, appliedDefinition } = resource;
    const generators: AsyncGenerator<Page>[] = [];
    if (hasDefinition) {
      const ask = { resourceType, spec: definition, normalize: definition.normalize, variables: {} };
      generators.push(pagesOf(ask, defined, signal));
    }
    if (applied !== undefined) {
      const variables = { definition: false };
      generators.push(pagesOf({ resourceType, spec: applied, normalize: applied.normalize, variables }, built, signal));
    }
    yield* merge(generators);
    const missing = [...built].filter((id) => !defined.has(id));
    if (applied !== undefined && appliedDefinition !== undefined && missing.length > 0) {
      yield* missingDefinitions(
        { resourceType, spec: applied, normalize: appliedDefinition, variables: {} },
        missing,
        signal,
      );
    }
  }

  async function ask(signal: AbortSignal) {
    return probeOf(await client.query<ProbeQuery>(ProbeDocument, {}, signal), environmentId);
  }

  async function* pages(signal: AbortSignal): AsyncGenerator<Page> {
    const { hasDefinition } = await ask(signal);
    if (!hasDefinition) yield NO_DEFINITIONS;
    const entries = Object.entries(RESOURCES) as [ResourceType, Resource][];
    yield* merge(entries.map(([type, resource]) => resourcePages(type, resource, hasDefinition, signal)));
  }

  return {
    name: 'discovery',
    states: Object.keys(RESOURCES) as ResourceType[],
    limits:
      jobId === null
        ? []
        : [`Only the last results whose job is ${jobId} were taken; earlier ones need the Admin API.`],
    probe: ask,
    pages,
    traffic: client.traffic,
  };
}
