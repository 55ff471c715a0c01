import type { Lineage } from '../store/read/lineage.ts';
import { nodeText } from './lineage-tree.ts';

/** The lineage as a Mermaid flowchart. Entity codes are Mermaid's own way of quoting (mermaid.js.org, "Flowcharts"). */
export function lineageMermaid(lineage: Lineage): string {
  const number = numbers(lineage);
  const quoted = (text: string) => text.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;');
  const nodes = lineage.nodes.map((node) => `  ${number(node.unique_id)}["${quoted(nodeText(node))}"]`);
  const edges = lineage.edges.map(({ parent, child }) => `  ${number(parent)} --> ${number(child)}`);
  return `${['flowchart LR', ...nodes, ...edges].join('\n')}\n`;
}

/** The lineage in Graphviz' language. */
export function lineageDot(lineage: Lineage): string {
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const nodes = lineage.nodes.map((node) => `  ${quoted(node.unique_id)} [label=${quoted(nodeText(node))}];`);
  const edges = lineage.edges.map(({ parent, child }) => `  ${quoted(parent)} -> ${quoted(child)};`);
  return `${['digraph lineage {', '  rankdir=LR;', '  node [shape=box];', ...nodes, ...edges, '}'].join('\n')}\n`;
}

function numbers({ nodes }: Lineage): (id: string) => string {
  const index = new Map(nodes.map((node, position) => [node.unique_id, `n${position}`]));
  return (id) => index.get(id) ?? 'unknown';
}
