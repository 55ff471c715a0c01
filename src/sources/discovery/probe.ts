import { z } from 'zod';
import type { Probe } from '../../domain/source.ts';
import { ProbeDocument, type ProbeQuery } from '../../generated/discovery.ts';
import { nullableInstant, nullableText, read } from '../../normalize/scalars.ts';
import type { DiscoveryClient, QueryOptions } from './client.ts';
import { failure } from './failures.ts';

/** What the store keeps of the probe; checked like every node, for it goes into typed columns. */
const probeFields = z.object({
  adapterType: nullableText,
  dbtProjectName: nullableText,
  applied: z.object({ lastUpdatedAt: nullableInstant, latestGitSha: nullableText }).nullable(),
  definition: z.object({ lastUpdatedAt: nullableInstant }).nullable(),
});

export type DiscoveryProbe = Probe & {
  /** False when only what was built can be read. */
  readonly hasDefinition: boolean;
};

function readProbe(raw: unknown): z.output<typeof probeFields> {
  try {
    return read(probeFields, raw);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw failure(`The Discovery API says something unreadable of the environment (${why}): try again later.`, {
      kind: 'broken_answer',
      what: why,
    });
  }
}

function probeOf(answer: ProbeQuery, environmentId: number): DiscoveryProbe {
  if (answer.environment == null) {
    throw failure(`The Discovery API has no environment ${environmentId} for this token: check environment_id.`, {
      kind: 'no_environment',
      what: 'environment null',
    });
  }
  const environment = readProbe(answer.environment);
  const { applied, definition } = environment;
  if (applied === null) {
    throw failure(
      `Environment ${environmentId} has no applied state: no deploy job has built anything in it yet, or none within three months.`,
      { kind: 'nothing_built', what: 'applied null' },
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

const hasEnvironment = ({ environment }: Partial<ProbeQuery>) => environment !== undefined;

/** Asks the one small question of an environment: whether it is there, and whether it has moved. */
export async function probe(
  client: DiscoveryClient,
  environmentId: number,
  options: Omit<QueryOptions<ProbeQuery>, 'isWhole'>,
): Promise<DiscoveryProbe> {
  const answer = await client.query<ProbeQuery>(ProbeDocument, {}, { ...options, isWhole: hasEnvironment });
  return probeOf(answer, environmentId);
}
