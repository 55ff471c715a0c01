import { iso, type Micros, NODES, type SimNode } from './simulated-project.ts';
import { JOBS, type SimRun, type SimStep } from './simulated-runs.ts';

type Json = Record<string, unknown>;

/** What a manifest says of a node, in the simulation's own words. */
export interface Named {
  readonly name: string;
  readonly testType: string | null;
  readonly testName: string | null;
  readonly columnName: string | null;
  readonly sourceName: string | null;
}

/** The name that its manifest gives a node, which is not the end of its id. */
export function namedOf({ id, type }: SimNode): Named {
  const [kind, , third = '', fourth = ''] = id.split('.');
  const none = { testType: null, testName: null, columnName: null, sourceName: null };
  if (type === 'source') return { ...none, name: fourth, sourceName: third };
  if (kind === 'unit_test') return { ...none, name: fourth, testType: 'unit' };
  if (type !== 'test') return { ...none, name: third };
  const testName = third.startsWith('unique') ? 'unique' : 'not_null';
  return { ...none, name: third, testType: 'generic', testName, columnName: 'id' };
}

function elementOf(node: SimNode): Json {
  const { id, type, parents } = node;
  const { name, testName, columnName, sourceName } = namedOf(node);
  const base = { unique_id: id, resource_type: type, name, package_name: 'shop', depends_on: { nodes: parents } };
  const metadata = { name: testName, namespace: null, kwargs: { column_name: columnName } };
  return {
    ...base,
    ...(sourceName !== null && { source_name: sourceName }),
    ...(testName !== null && { test_metadata: metadata, column_name: columnName, attached_node: parents[0] }),
  };
}

const entries = (nodes: readonly SimNode[]) => Object.fromEntries(nodes.map((node) => [node.id, elementOf(node)]));

/** Nodes of the project as it was when the run was made. */
const nodesOf = ({ isLate }: SimRun) => NODES.filter(({ isOld }) => !(isOld && isLate));

function manifestJson(run: SimRun, { startedAt, left }: SimStep): Json {
  const nodes = nodesOf(run);
  const of = (isOf: (node: SimNode) => boolean) => entries(nodes.filter(isOf));
  const isUnit = ({ id }: SimNode) => id.startsWith('unit_test.');
  const at: Micros = left?.generatedAt ?? startedAt ?? run.startedAt;
  return {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
      dbt_version: '1.10.1',
      generated_at: iso(at),
      invocation_id: left?.id ?? `${run.id} manifest`,
      project_name: 'shop',
      env: {},
    },
    nodes: of((node) => node.type !== 'source' && !isUnit(node)),
    sources: of(({ type }) => type === 'source'),
    unit_tests: of(isUnit),
    macros: {},
    exposures: {},
    metrics: {},
    disabled: {},
  };
}

/** dbt writes a manifest as soon as it has read the project. */
export const leavesManifest = ({ kind, jobId }: SimRun, { command, startedAt }: SimStep): boolean =>
  kind !== 'unparsed' && jobId !== JOBS.elsewhere && command !== null && startedAt !== null;

/** The manifest of this step, or the last one before it; null when there is none. */
export function manifestAt(run: SimRun, index: string | null): Json | null {
  const upTo = index === null ? run.steps : run.steps.filter((step) => step.index <= Number(index));
  const step = upTo.findLast((one) => leavesManifest(run, one));
  return step === undefined ? null : manifestJson(run, step);
}
