import { readFileSync } from 'node:fs';
import { print } from 'graphql';
import { DEFAULT_TOKEN, startPlatform } from '../../demo/platform/platform.ts';
import type { ResourceType } from '../../src/domain/records.ts';
import type { Normalizer } from '../../src/normalize/normalized.ts';
import { type ConnectionSpec, RESOURCES, type Resource } from '../../src/sources/discovery/resources.ts';

/** A node as a platform really answered it, and what reads it. */
export interface RecordedNode {
  readonly resourceType: ResourceType;
  readonly name: string;
  readonly normalize: Normalizer;
  readonly node: Record<string, unknown>;
}

const HEADERS = { authorization: `Bearer ${DEFAULT_TOKEN}`, 'content-type': 'application/json' };

interface Answer {
  readonly data: {
    readonly environment: Record<string, Record<string, { edges: { node: Record<string, unknown> }[] }>>;
  };
}

/** The first nodes of each connection after all runs of a history. */
export async function recordNodes(folder: string, perConnection: number): Promise<RecordedNode[]> {
  const { environments } = JSON.parse(readFileSync(`${folder}/history.json`, 'utf8'));
  const platform = await startPlatform({ histories: [folder] });
  try {
    const connections = Object.entries(RESOURCES).flatMap(([type, resource]) =>
      specsOf(resource).map((spec) => ({ resourceType: type as ResourceType, spec })),
    );
    const nodes: RecordedNode[] = [];
    for (const { resourceType, spec } of connections) {
      const variables = { environmentId: environments[0].id, first: perConnection, definition: true };
      const body = JSON.stringify({ query: print(spec.document), variables });
      const response = await fetch(`${platform.url}/graphql`, { method: 'POST', headers: HEADERS, body });
      const { data } = (await response.json()) as Answer;
      const { edges } = data.environment[spec.state]?.[spec.connection] ?? { edges: [] };
      const named = { resourceType, name: `${spec.state} ${spec.connection}`, normalize: spec.normalize };
      nodes.push(...edges.map(({ node }) => ({ ...named, node })));
    }
    return nodes;
  } finally {
    await platform.close();
  }
}

function specsOf({ definition, applied }: Resource): ConnectionSpec[] {
  return applied === undefined ? [definition] : [definition, applied];
}
