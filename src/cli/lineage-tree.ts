import type { Lineage, LineageNode } from '../store/read/lineage.ts';
import { plain } from './format.ts';

interface Walk {
  readonly nodes: ReadonlyMap<string, LineageNode>;
  readonly next: ReadonlyMap<string, readonly string[]>;
  readonly shown: Set<string>;
}

interface Branch {
  readonly id: string;
  /** What stands before the lines of the branch's own branches. */
  readonly prefix: string;
}

/** Either side of a node as a tree of text. Each node has its branches once, so that cycles and diamonds end. */
export function lineageTree(lineage: Lineage, direction: 'up' | 'down'): string {
  const nodes = new Map(lineage.nodes.map((node) => [node.unique_id, node]));
  const root = nodes.get(lineage.unique_id);
  if (root === undefined) return '';
  const next = new Map<string, string[]>();
  for (const { parent, child } of lineage.edges) {
    const [from, to] = direction === 'up' ? [child, parent] : [parent, child];
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const walk = { nodes, next, shown: new Set([root.unique_id]) };
  const lines = branches(walk, { id: root.unique_id, prefix: '' });
  const heading = direction === 'up' ? 'depends on' : 'is needed by';
  return [`${nodeText(root)} ${heading}${lines.length === 0 ? ' nothing' : ''}`, ...lines, ''].join('\n');
}

/** `model orders: success, tests fail` */
export function nodeText({ resource_type: type, name, status, test_status: tests }: LineageNode): string {
  const said = [...(status === null ? [] : [plain(status)]), ...(tests === null ? [] : [`tests ${tests}`])];
  return `${type.replaceAll('_', ' ')} ${plain(name)}${said.length === 0 ? '' : `: ${said.join(', ')}`}`;
}

/** Depth first with a stack of its own, since chains of thousands of nodes exist. */
function branches({ nodes, next, shown }: Walk, root: Branch): string[] {
  const lines: string[] = [];
  const open: { branch: Branch; isLast: boolean }[] = [];
  const push = ({ id, prefix }: Branch) => {
    const ids = (next.get(id) ?? []).filter((other) => nodes.has(other));
    ids.reverse().forEach((other, index) => {
      open.push({ branch: { id: other, prefix }, isLast: index === 0 });
    });
  };
  push(root);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { id, prefix } = at.branch;
    const node = nodes.get(id);
    if (node === undefined) continue;
    const again = shown.has(id);
    shown.add(id);
    lines.push(`${prefix}${at.isLast ? '└── ' : '├── '}${nodeText(node)}${again ? ' (shown above)' : ''}`);
    if (!again) push({ id, prefix: `${prefix}${at.isLast ? '    ' : '│   '}` });
  }
  return lines;
}
