import { expect, it } from 'vitest';
import type { Run } from '../../../../src/domain/runs.ts';
import { stepCommand } from '../../../../src/sources/admin/step-command.ts';
import { emptyReasonOf } from '../../../../src/sources/artifacts/run-empty.ts';
import type { StepFile } from '../../../../src/sources/artifacts/run-files.ts';

const NOTHING = { size: 0, take: async () => Buffer.alloc(0) };

interface Given {
  readonly command: string | null;
  readonly isBegun?: boolean;
  readonly hasFile?: boolean;
}

const stepOf = ({ command, isBegun = true, hasFile = false }: Given, at: number): StepFile => {
  const times = { startedAt: isBegun ? '2026-03-01T06:00:00Z' : null, finishedAt: null, durationS: null };
  return {
    step: { index: at + 1, name: '', command, status: isBegun ? 'success' : 'cancelled', ...times },
    command: command === null ? null : stepCommand(command),
    file: hasFile ? { kind: 'run_results', name: '', kept: NOTHING } : null,
    isExpected: false,
  };
};

const clone = { command: null };
const deps = { command: 'dbt deps' };

it.each([
  ['failed at its clone', 'error', [clone], 'failed before dbt executed anything'],
  ['failed without a step', 'error', [], 'failed before dbt executed anything'],
  ['failed at its packages', 'error', [clone, deps], 'failed before dbt executed anything'],
  ['could not be parsed', 'error', [clone, deps, { command: 'dbt build' }], 'failed before dbt executed anything'],
  ['was cancelled after its packages', 'cancelled', [clone, deps], 'cancelled before dbt executed anything'],
  ['never began', 'cancelled', [{ command: 'dbt build', isBegun: false }], 'cancelled before dbt executed anything'],
  ['was cancelled while it built', 'cancelled', [deps, { command: 'dbt build' }], 'cancelled before dbt wrote results'],
  ['parses alone', 'success', [deps, { command: 'dbt parse' }], 'ran no command that leaves results'],
  ['selected nothing', 'success', [{ command: 'dbt build -s none', hasFile: true }], 'executed no node'],
] as const)('a run that %s says so', (_, status, steps: readonly Given[], reason) => {
  expect(emptyReasonOf({ run: { status } as Run, steps: steps.map(stepOf), rejects: [], missing: [] })).toBe(reason);
});
