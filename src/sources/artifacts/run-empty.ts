import type { RunFiles, StepFile } from './run-files.ts';

const isTelling = ({ command }: StepFile) => command?.leaves === 'run_results' || command?.leaves === 'sources';

/**
 * Why a run has no results although none is missing: in one sentence, the same for all such runs. A run that never came
 * to a node has nothing that could be had.
 */
export function emptyReasonOf({ run, steps }: RunFiles): string {
  const telling = steps.filter(isTelling);
  if (steps.length > 0 && telling.length === 0) return 'None of its commands leaves results.';
  if (telling.some(({ file }) => file !== null)) return 'It executed no node.';
  const ended = run.status === 'cancelled' ? 'was cancelled' : 'failed';
  const isBegun = telling.some(({ step: { startedAt, status } }) => startedAt !== null && status === 'cancelled');
  return isBegun ? `It ${ended} before dbt wrote results.` : `It ${ended} before dbt executed anything.`;
}
