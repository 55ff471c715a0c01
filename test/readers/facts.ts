/** What a test knows of a project and its past without the store: questions are answered from it. */
export interface Facts {
  /** The moment of reading, as ISO text. */
  readonly now: string;
  readonly nodes: readonly FactNode[];
  /** Models that were there once, with the owner they had. */
  readonly removedModels: readonly Pick<FactNode, 'id' | 'owner'>[];
  readonly runs: readonly FactRun[];
  readonly results: readonly FactResult[];
  readonly checks: readonly FactCheck[];
  readonly changes: readonly FactChange[];
  /** The nodes at the end of each day until now; null when only those of now are known. */
  readonly days: readonly { readonly day: string; readonly nodes: readonly FactNode[] }[] | null;
}

export interface FactNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly packageName: string;
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
  readonly layer: string | null;
  readonly group: string | null;
  readonly owner: string | null;
  readonly description: string | null;
  readonly url: string | null;
  /** Its page in dbt. */
  readonly dbtUrl: string | null;
  readonly tested: string | null;
  readonly column: string | null;
  readonly parents: readonly string[];
  readonly columns: readonly { readonly name: string; readonly description: string | null }[];
  readonly contract: boolean;
  readonly isDeprecated: boolean;
}

export interface FactRun {
  readonly id: string;
  readonly jobId: string;
  readonly job: string;
  readonly status: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly gitSha: string;
  readonly retryOf: string | null;
  /** Its results are the environment's state. */
  readonly counts: boolean;
}

export interface FactResult {
  readonly id: string;
  readonly runId: string;
  readonly step: number;
  readonly status: string;
  readonly failures: number | null;
  readonly at: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly seconds: number | null;
}

export interface FactCheck {
  readonly id: string;
  readonly at: string;
  readonly status: string;
  readonly loadedAt: string | null;
  readonly ageS: number | null;
}

export interface FactChange {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly aspect: string;
  readonly item: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** Of a test's results, whether they pass; of a build's, whether it succeeded. Null is neither: it was not executed. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'error' | null;

const VERDICTS: { readonly [status: string]: Verdict } = {
  success: 'ok',
  pass: 'ok',
  warn: 'warn',
  'partial success': 'warn',
  fail: 'fail',
  error: 'error',
};
const NOT_EXECUTED = ['skipped', 'no-op', 'reused'];

export const isTest = (id: string): boolean => /^(unit_)?test\./.test(id);

/** A test that a step only compiled is told as `success`. */
export function verdictOf({ id, status }: Pick<FactResult, 'id' | 'status'>): Verdict {
  return isTest(id) && status === 'success' ? null : (VERDICTS[status] ?? null);
}

export const isExecuted = ({ id, status }: Pick<FactResult, 'id' | 'status'>): boolean =>
  !NOT_EXECUTED.includes(status) && !(isTest(id) && status === 'success');

export const isBad = (verdict: Verdict): boolean => verdict === 'fail' || verdict === 'error';
