import { expect, vi } from 'vitest';
import { type Ground, nextSync, type Step } from './process.ts';
import type { Expected } from './process-phases.ts';
import { differences, factsOf, leftovers, type SyncRun, syncRuns } from './stores.ts';

/** Which of both states of a step a store is in. */
export type State = 'before' | 'after';

const LEFT_BEHIND = 'The process ended before the pass did; the state before it stayed.';

/** Reads the state that the store is in, and checks that it is one, and the expected one. */
export async function stateOf(url: string, step: Step, expected: Expected): Promise<State> {
  const facts = await factsOf(url);
  const [fromBefore, fromAfter] = [differences(facts, step.before), differences(facts, step.after)];
  if (expected === 'after') expect(fromAfter).toEqual([]);
  if (expected === 'before') expect(fromBefore).toEqual([]);
  if (fromBefore.length > 0) expect(fromAfter, 'the store is between both states').toEqual([]);
  return fromBefore.length === 0 ? 'before' : 'after';
}

/** Waits until the server holds nothing of a dead process any more; gives the milliseconds that took. */
export async function sessionsEnded(url: string): Promise<number> {
  const start = performance.now();
  await vi.waitFor(async () => expect(await leftovers(url)).toEqual({ sessions: 0, locks: 0 }), {
    timeout: 15_000,
    interval: 10,
  });
  return Math.round(performance.now() - start);
}

/** What the list of passes says of one that could not say how it ended. */
export const UNENDED: SyncRun = { outcome: null, error: null, ended: false };

/**
 * Checks that the next sync ends well, brings the step's state, and tells what became of the one before, which left
 * the given entry. Gives the next one's outcome.
 */
export async function repairsNothing(ground: Ground, step: Step, url: string): Promise<string> {
  const left = (await syncRuns(url)).at(-1);
  const { code, err } = await nextSync(ground, step, url);
  expect(code, err).toBe(0);
  expect(differences(await factsOf(url), step.after)).toEqual([]);
  const [dead, next] = (await syncRuns(url)).slice(-2);
  const recognized = { outcome: 'interrupted', error: LEFT_BEHIND, ended: true };
  expect(dead).toEqual(left?.outcome === null ? recognized : left);
  expect(next).toEqual({ outcome: left?.outcome === 'done' ? 'unchanged' : 'done', error: null, ended: true });
  return next?.outcome ?? 'none';
}
