import { describe, expect, it } from 'vitest';
import { unknownNode } from '../../../src/cli/commands/lineage.ts';
import { lineageDot, lineageMermaid } from '../../../src/cli/lineage-graph.ts';
import { lineageTree } from '../../../src/cli/lineage-tree.ts';
import type { Lineage, LineageNode } from '../../../src/store/read/lineage.ts';

const node = (name: string, more: Partial<LineageNode> = {}): LineageNode => ({
  unique_id: `model.shop.${name}`,
  resource_type: 'model',
  name,
  distance: 0,
  status: null,
  test_status: null,
  ...more,
});

/** The lineage of the first node; an edge is written `parent>child`. */
function lineage(nodes: readonly LineageNode[], ...edges: string[]): Lineage {
  const ends = edges.map((edge) => edge.split('>').map((name) => `model.shop.${name}`));
  return {
    integration: 'shop',
    unique_id: nodes[0]?.unique_id ?? '',
    nodes,
    edges: ends.map(([parent = '', child = '']) => ({ parent, child })),
  };
}

describe('the tree', () => {
  it('shows every branch with its type, name and status', () => {
    const orders = node('orders', { status: 'success', test_status: 'fail' });
    const report = node('report', { status: 'skipped' });
    const tree = lineageTree(lineage([orders, report, node('board')], 'orders>report', 'orders>board'), 'down');
    expect(tree.split('\n')).toEqual([
      'model orders: success, tests fail is needed by',
      '├── model report: skipped',
      '└── model board',
      '',
    ]);
  });

  it('goes from children to parents upstream', () => {
    const tree = lineageTree(lineage([node('c'), node('b'), node('a')], 'a>b', 'b>c'), 'up');
    expect(tree.split('\n')).toEqual(['model c depends on', '└── model b', '    └── model a', '']);
  });

  it('shows the branches of a node with two ways to it once', () => {
    const nodes = [node('a'), node('b'), node('c'), node('d'), node('e')];
    const tree = lineageTree(lineage(nodes, 'a>b', 'a>c', 'b>d', 'c>d', 'd>e'), 'down');
    expect(tree.split('\n').slice(1, -1)).toEqual([
      '├── model b',
      '│   └── model d',
      '│       └── model e',
      '└── model c',
      '    └── model d (shown above)',
    ]);
  });

  it('ends in a cycle', () => {
    const tree = lineageTree(lineage([node('a'), node('b')], 'a>b', 'b>a'), 'down');
    expect(tree.split('\n').slice(1, -1)).toEqual(['└── model b', '    └── model a (shown above)']);
  });

  it('says so when there is nothing', () => {
    expect(lineageTree(lineage([node('a')]), 'up')).toBe('model a depends on nothing\n');
  });

  it('shows a chain of ten thousand nodes', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `n${index}`);
    const edges = names.slice(1).map((name, index) => `n${index}>${name}`);
    const tree = lineageTree(
      lineage(
        names.map((name) => node(name)),
        ...edges,
      ),
      'down',
    );
    expect(tree.split('\n').at(-2)).toMatch(/└── model n9999$/);
  });
});

describe('the graph languages', () => {
  const awkward = node('a', { name: 'say "hi" <b> #1' });

  it('quotes labels for Mermaid by entity codes', () => {
    expect(lineageMermaid(lineage([awkward, node('b')], 'a>b')).split('\n')).toEqual([
      'flowchart LR',
      '  n0["model say #quot;hi#quot; #lt;b> #35;1"]',
      '  n1["model b"]',
      '  n0 --> n1',
      '',
    ]);
  });

  it('quotes labels for Graphviz by backslashes', () => {
    const dot = lineageDot(lineage([awkward, node('b')], 'a>b'));
    expect(dot).toContain('  "model.shop.a" [label="model say \\"hi\\" <b> #1"];\n');
    expect(dot).toContain('  "model.shop.a" -> "model.shop.b";\n');
  });
});

describe('an id that no node has', () => {
  const known = ['orders', 'customers', 'order_lines'].map((name) => ({ unique_id: `model.shop.${name}`, name }));

  it('is answered with the node of a name close to it', () => {
    expect(unknownNode('model.shop.ordres', known)).toBe(
      'There is no node "model.shop.ordres". Did you mean model.shop.orders?',
    );
  });

  it('is answered with the nodes whose ids hold it, the shortest first', () => {
    expect(unknownNode('order', known)).toBe(
      'There is no node "order". Did you mean model.shop.orders or model.shop.order_lines?',
    );
  });

  it('is answered with where ids are found when nothing comes close', () => {
    expect(unknownNode('model.shop.zebra', known)).toBe(
      'There is no node "model.shop.zebra". The view dbt.nodes lists all of them.',
    );
  });
});
