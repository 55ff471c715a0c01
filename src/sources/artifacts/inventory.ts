import type { DefinitionRecord, ResultRecord, StoreRecord } from '../../domain/records.ts';
import type { Page } from '../../domain/source.ts';

/** dbt's words for a node that was passed over, or of whose code nothing came. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['skipped', 'no-op', 'reused', 'error']);

/** `success` of a test says that it was compiled. */
const SUCCESS: ReadonlySet<string> = new Set(['pass', 'success', 'warn', 'partial success']);

const isTest = (uniqueId: string) => /^(unit_)?test\./.test(uniqueId);

function isExecutable({ resourceType, state, facts }: DefinitionRecord): boolean {
  if (state !== 'defined') return false;
  if (resourceType === 'model') return facts.materialization !== 'ephemeral';
  return resourceType === 'seed' || resourceType === 'snapshot' || resourceType === 'test';
}

/** Seeds and unit tests have no code of which another could be compiled. */
function hasCode({ resourceType, uniqueId }: DefinitionRecord): boolean {
  return resourceType === 'model' || resourceType === 'snapshot' || uniqueId.startsWith('test.');
}

/** What a manifest defines and what is still unknown of it, as the pages of a pass go by. */
export interface Inventory {
  /** Looks at a page of the manifest. */
  define(page: Page): void;
  /** Looks at a page of results or freshness checks. Gives the results of nodes that were built or tested with unknown code. */
  note(page: Page): ResultRecord[];
  /** Gives those of the nodes the code of whose last build is still unknown; from now on it counts as looked for. */
  claim(uniqueIds: Iterable<string>): string[];
  /** Nodes that dbt can execute and of which no success was seen. */
  readonly withoutSuccess: number;
  /** Of those, the ones of which nothing was seen. */
  readonly withoutResult: number;
  /** Sources have limits of freshness, and no check of any was seen. */
  readonly lacksFreshness: boolean;
}

export function createInventory(): Inventory {
  const unseen = new Set<string>();
  const unsuccessful = new Set<string>();
  const withoutCode = new Set<string>();
  let hasLimits = false;
  let isChecked = false;

  function define(record: StoreRecord): void {
    if (record.kind === 'build') {
      const { compiledCode, warnAfterS, errorAfterS } = record.facts;
      if (compiledCode != null) withoutCode.delete(record.uniqueId);
      hasLimits ||= warnAfterS != null || errorAfterS != null;
    }
    if (record.kind !== 'definition' || !isExecutable(record)) return;
    unseen.add(record.uniqueId);
    unsuccessful.add(record.uniqueId);
    if (hasCode(record)) withoutCode.add(record.uniqueId);
  }

  function note(record: StoreRecord): ResultRecord[] {
    if (record.kind === 'freshness') isChecked = true;
    if (record.kind === 'compiled' && record.isBuilt) withoutCode.delete(record.uniqueId);
    if (record.kind !== 'result') return [];
    const { uniqueId, status } = record;
    unseen.delete(uniqueId);
    if (SUCCESS.has(status) && !(status === 'success' && isTest(uniqueId))) unsuccessful.delete(uniqueId);
    return WITHOUT_EFFECT.has(status) ? [] : [record];
  }

  return {
    define: ({ records }) => records.forEach(define),
    note: ({ records }) => records.flatMap(note).filter(({ uniqueId }) => withoutCode.has(uniqueId)),
    claim: (uniqueIds) => [...uniqueIds].filter((uniqueId) => withoutCode.delete(uniqueId)),
    get withoutSuccess() {
      return unsuccessful.size;
    },
    get withoutResult() {
      return unseen.size;
    },
    get lacksFreshness() {
      return hasLimits && !isChecked;
    },
  };
}
