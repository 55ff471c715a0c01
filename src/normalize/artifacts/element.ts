import { RejectError } from '../../domain/errors.ts';
import type { ResourceType } from '../../domain/records.ts';
import { MAX_DEPTH, TOO_DEEP } from '../depth.ts';
import type { Normalized } from '../normalized.ts';

/** What an element of a manifest does not say of itself. */
export interface ManifestContext {
  /** Of the manifest's schema: 1 to 12, 20 for early Fusion, 0 before there were versions. */
  readonly version: number;
  /** When the manifest was generated; null when it does not tell. */
  readonly at: string | null;
  /** The run that wrote it; for dbt Core the invocation. */
  readonly runId: string | null;
  /** Its invocation built what it compiled; false where that is not known. */
  readonly isBuild: boolean;
}

/** Reads one element of a manifest. @throws RejectError */
export type ElementNormalizer = (uniqueId: string, raw: unknown, context: ManifestContext) => Normalized;

interface Found {
  readonly resourceType: ResourceType | null;
  readonly uniqueId: string;
  readonly depth: number;
}

/** Applies `normalize` to one element. What it refuses becomes a reject, and its unique id stays seen. */
export function elementOrReject(
  { resourceType, uniqueId, depth }: Found,
  raw: unknown,
  normalize: () => Normalized,
): Normalized {
  try {
    if (depth > MAX_DEPTH) throw new RejectError(TOO_DEEP);
    return normalize();
  } catch (error) {
    if (!(error instanceof RejectError)) throw error;
    const reject = { resourceType, uniqueId: uniqueId || null, reason: error.message, raw };
    return { records: uniqueId === '' ? [] : [{ kind: 'seen' as const, uniqueId }], rejects: [reject] };
  }
}
