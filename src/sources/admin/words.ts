import { z } from 'zod';
import { FINAL_STATUSES, STATUS_WORDS } from '../../domain/run-status.ts';

/** What tells the status of a run or step (Admin API v2, "List runs", `status__in`). */
export const statusFields = {
  status: z.int(),
  status_humanized: z.string().nullish(),
};

interface RawStatus {
  readonly status: number;
  readonly status_humanized?: string | null | undefined;
}

/** The word of a status code. For a code unknown to us it is the service's own word in lower case, else the code. */
export function statusWord({ status, status_humanized }: RawStatus): string {
  return STATUS_WORDS[status] ?? (status_humanized?.trim().toLowerCase() || String(status));
}

/** Whether nothing follows this status; of a word unknown to us the end tells. */
export function isFinished(word: string, finishedAt: string | null): boolean {
  return FINAL_STATUSES.has(word) || (!Object.values(STATUS_WORDS).includes(word) && finishedAt !== null);
}
