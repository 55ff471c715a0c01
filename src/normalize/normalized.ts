import { RejectError } from '../domain/errors.ts';
import type { Reject, ResourceType, StoreRecord } from '../domain/records.ts';
import type { ProjectFacts } from '../domain/source.ts';

/** What one raw node becomes. */
export interface Normalized {
  readonly records: readonly StoreRecord[];
  /** Parts of the node that could not be read, while the rest could. */
  readonly rejects?: readonly Reject[];
  readonly project?: ProjectFacts;
}

/** Reads one raw node, or throws a RejectError. */
export type Normalizer = (raw: unknown) => Normalized;

/** The unique id of a raw node, whatever else is wrong with it; undefined when it has none. */
export function uniqueIdOf(raw: unknown): string | undefined {
  const value = (raw as { uniqueId?: unknown } | null | undefined)?.uniqueId;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Applies a normalizer to one raw node. What it refuses becomes a reject, and its unique id stays seen. */
export function normalizeOrReject(resourceType: ResourceType, normalizer: Normalizer, raw: unknown): Normalized {
  try {
    return normalizer(raw);
  } catch (error) {
    if (!(error instanceof RejectError)) throw error;
    const uniqueId = uniqueIdOf(raw);
    const reject = { resourceType, uniqueId: uniqueId ?? null, reason: error.message, raw };
    return { records: uniqueId === undefined ? [] : [{ kind: 'seen', uniqueId }], rejects: [reject] };
  }
}

/** The package of a node whose type does not say it: the second segment of its unique id. */
export function packageOf(uniqueId: string): string | null {
  return uniqueId.split('.')[1] || null;
}
