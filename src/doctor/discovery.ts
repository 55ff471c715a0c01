import type { Secret } from '../domain/secret.ts';
import { DefinitionModelsDocument } from '../generated/discovery.ts';
import { createDiscoveryClient, type DiscoveryClient } from '../sources/discovery/client.ts';
import { type FailureKind, failureKind } from '../sources/discovery/failures.ts';
import { probe } from '../sources/discovery/probe.ts';
import type { Wire } from './host.ts';

/** What the Discovery API says of an environment. */
export interface EnvironmentState {
  readonly projectName: string | null;
  /** False when only what was built can be read. */
  readonly hasDefinition: boolean;
  /** When dbt last took in a run; null when it does not say. */
  readonly updatedAt: Date | null;
  /** The account and project it belongs to, where a model says so. */
  readonly accountId: number | null;
  readonly projectId: number | null;
}

export type DiscoveryFinding =
  | { readonly kind: 'state'; readonly state: EnvironmentState }
  /** It was not asked at all, for a reason that fits after "not tried:". */
  | { readonly kind: 'unasked'; readonly message: string }
  | { readonly kind: FailureKind; readonly message: string };

interface Asked {
  readonly endpoint: string;
  readonly token: Secret;
  readonly environmentId: number;
}

/** Asks the Discovery API for the environment, as a sync begins. Only an abort is thrown. */
export async function askDiscovery(
  { endpoint, token, environmentId }: Asked,
  { fetch, signal }: Wire,
): Promise<DiscoveryFinding> {
  const client = createDiscoveryClient({ url: endpoint, token, environmentId, fetch });
  try {
    const { environment, hasDefinition } = await probe(client, environmentId, { signal });
    const { projectName, updatedAt } = environment;
    const owner = hasDefinition ? await ownerOf(client, signal) : NOBODY;
    return {
      kind: 'state',
      state: { projectName, hasDefinition, updatedAt: updatedAt === null ? null : new Date(updatedAt), ...owner },
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return {
      kind: failureKind(error) ?? 'service_error',
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

const NOBODY = { accountId: null, projectId: null };

/** One model tells whose the environment is; that this cannot be read says nothing of what a sync needs. */
async function ownerOf(
  client: DiscoveryClient,
  signal: AbortSignal,
): Promise<Pick<EnvironmentState, 'accountId' | 'projectId'>> {
  try {
    const { environment } = await client.query(DefinitionModelsDocument, { first: 1, after: null }, { signal });
    const node = environment?.definition?.models?.edges?.[0]?.node;
    return { accountId: idOf(node?.accountId), projectId: idOf(node?.projectId) };
  } catch (error) {
    if (signal.aborted) throw error;
    return NOBODY;
  }
}

function idOf(value: unknown): number | null {
  const id = Number(value ?? Number.NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
