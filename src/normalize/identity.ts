import { z } from 'zod';
import type { ProjectFacts } from '../domain/source.ts';
import { keyText, nullableId, nullableInstant, nullableJson, nullableText, uniqueId } from './scalars.ts';

/** What every node of the Discovery API says of itself. */
export const identity = {
  uniqueId,
  name: nullableText,
  accountId: nullableId,
  projectId: nullableId,
  dbtVersion: nullableText.optional(),
};

/** What every definition says. In the applied state it is asked only of nodes that no definition names. */
export const described = {
  description: nullableText,
  tags: z.array(keyText),
  meta: nullableJson,
  filePath: nullableText,
};

/** When and by which run a definition was made. */
export const dated = {
  runGeneratedAt: nullableInstant.optional(),
  runId: nullableId.optional(),
};

type Identity = { accountId: number | null; projectId: number | null; dbtVersion?: string | null | undefined };

export function projectOf({ accountId, projectId, dbtVersion }: Identity): ProjectFacts {
  return { accountId, projectId, dbtVersion: dbtVersion ?? null };
}

/** The run and the time of a definition. */
export function datedAt({
  runGeneratedAt,
  runId,
}: {
  runGeneratedAt?: string | null | undefined;
  runId?: number | null | undefined;
}): {
  at: string | null;
  runId: string | null;
} {
  return { at: runGeneratedAt ?? null, runId: runId === null || runId === undefined ? null : String(runId) };
}
