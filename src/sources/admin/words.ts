import { z } from 'zod';

const WORDS: { readonly [code: number]: string } = {
  1: 'queued',
  2: 'starting',
  3: 'running',
  10: 'success',
  20: 'error',
  30: 'cancelled',
};

const FINISHED = new Set(['success', 'error', 'cancelled']);

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
  return WORDS[status] ?? (status_humanized?.trim().toLowerCase() || String(status));
}

/** Whether nothing follows this status; of a word unknown to us the end tells. */
export function isFinished(word: string, finishedAt: string | null): boolean {
  return FINISHED.has(word) || (!Object.values(WORDS).includes(word) && finishedAt !== null);
}
