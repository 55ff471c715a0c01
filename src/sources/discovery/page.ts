import { setImmediate as turn } from 'node:timers/promises';
import type { Reject, ResourceType, StoreRecord } from '../../domain/records.ts';
import type { Page, ProjectFacts } from '../../domain/source.ts';
import { type Normalized, type Normalizer, normalizeOrReject, uniqueIdOf } from '../../normalize/normalized.ts';
import { UnservableNode } from './fetch-page.ts';
import type { NodePage } from './paginate.ts';

/** So many nodes are read before the event loop turns: what else is under way must not wait for a whole page. */
const SLICE = 64;

export interface PageOptions {
  readonly resourceType: ResourceType;
  /** The connection, as sentences call it. */
  readonly name: string;
  readonly normalize: Normalizer;
  readonly isWanted: (record: StoreRecord) => boolean;
}

/** A node that could not be had is there all the same: it is told, and nothing that is stored of it is closed. */
function unservable(resourceType: ResourceType, { uniqueId, reason }: UnservableNode): Normalized {
  const why = `The service cannot give this node, even alone: ${reason}`;
  return {
    records: [{ kind: 'seen', uniqueId }],
    rejects: [{ resourceType, uniqueId, reason: why, raw: { uniqueId } }],
  };
}

/** A node may be nested deeper than anybody can write it down again; then its unique id is kept of it. */
function writable(reject: Reject): Reject {
  try {
    JSON.stringify(reject.raw);
    return reject;
  } catch {
    return { ...reject, raw: { uniqueId: reject.uniqueId } };
  }
}

/** What the store is to do with the nodes of a page. */
export async function toPage(options: PageOptions, { nodes, total, incomplete }: NodePage): Promise<Page> {
  let read = 0;
  const { resourceType, name, normalize, isWanted } = options;
  const records: StoreRecord[] = [];
  const rejects: Reject[] = [];
  let project: ProjectFacts | undefined;
  for (const node of nodes) {
    if (++read % SLICE === 0) await turn();
    const normalized =
      node instanceof UnservableNode
        ? unservable(resourceType, node)
        : normalizeOrReject(resourceType, normalize, node);
    for (const record of normalized.records) if (isWanted(record)) records.push(record);
    for (const reject of normalized.rejects ?? []) rejects.push(writable(reject));
    project = normalized.project?.dbtVersion == null ? (project ?? normalized.project) : normalized.project;
  }
  const nameless = nodes.filter((node) => uniqueIdOf(node) === undefined).length;
  const unknown = nameless === 0 ? [] : [`${name}: nodes without a unique id came: ${nameless}.`];
  return {
    resourceType,
    received: nodes.length,
    total,
    records,
    rejects,
    incomplete: [...incomplete, ...unknown],
    ...(project === undefined ? {} : { project }),
  };
}
