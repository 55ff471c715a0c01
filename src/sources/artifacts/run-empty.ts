import type { RunFiles, StepFile } from './run-files.ts';

const isTelling = ({ command }: StepFile) => command?.leaves === 'run_results' || command?.leaves === 'sources';

/**
 * Why a run has no results although none is missing: in a few words, the same for all such runs. A run that never came
 * to a node has nothing that could be had.
 */
export function emptyReasonOf({ run, steps }: RunFiles): string {
  const telling = steps.filter(isTelling);
  if (telling.some(({ file }) => file !== null)) return 'executed no node';
  if (run.status === 'success') return 'ran no command that leaves results';
  // What comes after the end of a run may not even be listed.
  if (run.status !== 'cancelled') return 'failed before dbt executed anything';
  const isBegun = telling.some(({ step }) => step.startedAt !== null);
  return isBegun ? 'cancelled before dbt wrote results' : 'cancelled before dbt executed anything';
}
