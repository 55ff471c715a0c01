import { VIEW_KEYS } from '../e2e/differences.ts';
import type { Cell } from './matrix-columns.ts';
import { differences, type Facts } from './stores.ts';

/** One line of the facts, taken apart. */
interface FactRow {
  readonly view: string;
  readonly line: string;
  readonly row: { readonly [column: string]: unknown };
}

/** What a store must be compared with: the previous state, and that of a pass without faults. */
export interface States {
  readonly before: Facts;
  readonly right: Facts;
}

function rowsOf(facts: Facts): FactRow[] {
  return facts.map((line) => {
    const start = line.indexOf(' ');
    return { view: line.slice(0, start), line, row: JSON.parse(line.slice(start + 1)) };
  });
}

/** The row by what tells it apart from others; undefined for views that count or list what passes did. */
function identity({ view, row }: FactRow): string | undefined {
  const keys = (VIEW_KEYS as { readonly [view: string]: readonly string[] })[view];
  return keys && JSON.stringify([view, ...keys.map((key) => row[key])]);
}

const identities = (rows: readonly FactRow[]) => new Set(rows.map(identity).filter((one) => one !== undefined));

/** Rows of the previous state that dbt still states, and that are gone. */
export function lostRows(after: Facts, { before, right }: States): string[] {
  const [is, stated] = [identities(rowsOf(after)), identities(rowsOf(right))];
  return [...identities(rowsOf(before))].filter((one) => stated.has(one) && !is.has(one));
}

/** Nodes of the previous state that were closed. */
export function closedNodes(after: Facts, { before }: States): unknown[] {
  const nodes = (facts: Facts) => rowsOf(facts).flatMap(({ view, row }) => (view === 'nodes' ? [row.unique_id] : []));
  const open = new Set(nodes(after));
  return nodes(before).filter((id) => !open.has(id));
}

/** Views in which a row speaks of one node alone, with the column that says of what type it is. */
const OF_ONE_NODE: { readonly [view: string]: string } = {
  nodes: 'resource_type',
  lineage: 'child_resource_type',
  run_results: 'resource_type',
};

/** Rows of connections that came whole, and so must be as without faults: all but the one that was hit. */
export function missingFrom(after: Facts, { right }: States, { connection, row: { isAllThere } }: Cell): string[] {
  const is = new Set(after);
  return rowsOf(right)
    .filter(({ view, row }) => {
      const type = OF_ONE_NODE[view];
      return type !== undefined && (isAllThere || row[type] !== connection?.type);
    })
    .map(({ line }) => line)
    .filter((line) => !is.has(line));
}

/** Differences in all that is not about one node, and whether that node is as it was. */
export function differencesBeside(id: string, after: Facts, { right }: States): string[] {
  const others = (facts: Facts) =>
    rowsOf(facts)
      .filter(({ view, line }) => (view in OF_ONE_NODE || view === 'removed_nodes') && !line.includes(`"${id}"`))
      .map(({ line }) => line);
  return differences(others(after), others(right));
}

/** What passes did is not the same after one pass more. */
const OF_PASSES = new Set(['rejects']);
/** What is there now, whatever was seen before; a placeholder is what a result of the past was about. */
const OF_TODAY = new Set(['nodes', 'lineage']);

/** The facts in which a pass must end that follows a faulty one; those of today alone when that one saw other runs. */
export function lastingFacts(facts: Facts, { hasOtherPast }: { hasOtherPast: boolean }): Facts {
  return rowsOf(facts)
    .filter(({ view, row }) =>
      hasOtherPast ? OF_TODAY.has(view) && row.state !== 'placeholder' : !OF_PASSES.has(view),
    )
    .map(({ line }) => line);
}
