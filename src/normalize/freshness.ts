import { z } from 'zod';
import type { FreshnessRecord } from '../domain/records.ts';
import { nullableId, nullableInstant, nullableText, seconds } from './scalars.ts';

const criterion = z.object({ count: z.int32().nullable(), period: nullableText }).nullable();

/** The freshness of a source as the Discovery API tells it. */
export const freshness = z.object({
  freshnessStatus: nullableText,
  maxLoadedAt: nullableInstant,
  maxLoadedAtTimeAgoInS: seconds,
  snapshottedAt: nullableInstant,
  freshnessRunId: nullableId,
  freshnessJobDefinitionId: nullableId,
  freshnessRunGeneratedAt: nullableInstant,
  criteria: z.object({ warnAfter: criterion, errorAfter: criterion }),
});

type Freshness = z.output<typeof freshness>;

const PERIOD_S: ReadonlyMap<string, number> = new Map([
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
]);

/** The limit that a criterion of freshness sets, in seconds; null when it sets none. */
export function inSeconds(found: { count?: number | null; period?: string | null } | null | undefined): number | null {
  const period = PERIOD_S.get(found?.period?.toLowerCase() ?? '');
  return found?.count == null || period === undefined ? null : found.count * period;
}

/** The limits of a source, in seconds; null where none is set. */
export function criteria({ criteria: found }: Freshness): { warnAfterS: number | null; errorAfterS: number | null } {
  return { warnAfterS: inSeconds(found.warnAfter), errorAfterS: inSeconds(found.errorAfter) };
}

/** The last check of a source; nothing when it was never checked. */
export function freshnessResult(uniqueId: string, found: Freshness): FreshnessRecord[] {
  const snapshottedAt = found.snapshottedAt ?? (found.freshnessRunId === null ? null : found.freshnessRunGeneratedAt);
  if (snapshottedAt === null) return [];
  return [
    {
      kind: 'freshness',
      uniqueId,
      snapshottedAt,
      status: found.freshnessStatus?.toLowerCase() ?? null,
      maxLoadedAt: found.maxLoadedAt,
      ageS: found.maxLoadedAtTimeAgoInS,
      ...criteria(found),
      runId: found.freshnessRunId === null ? null : String(found.freshnessRunId),
      jobId: found.freshnessJobDefinitionId,
    },
  ];
}
