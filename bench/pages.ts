import { connectionsOf } from './environment.ts';
import { type Connection, generatedAt, PROJECT, type Size } from './environment-parts.ts';

/** Nodes of one page: the most that the Discovery API gives, and what we ask for. */
export const PAGE_SIZE = 500;

/** Ready answers by the name of the operation and the cursor that was sent. */
export type Pages = Map<string, Buffer>;

export const pageKey = (operation: string, after: string | null) => `${operation} ${after ?? ''}`;

/** An answer with something at a place under `environment`, such as `applied.models`. */
function answer(path: string, value: unknown): Buffer {
  const [state = '', connection = ''] = path.split('.');
  return Buffer.from(JSON.stringify({ data: { environment: { [state]: { [connection]: value } } } }));
}

function renderConnection(pages: Pages, { operation, path, total, node }: Connection): void {
  for (let start = 0; start === 0 || start < total; start += PAGE_SIZE) {
    const end = Math.min(start + PAGE_SIZE, total);
    const edges = Array.from({ length: end - start }, (_, offset) => ({ node: node(start + offset) }));
    const pageInfo = { endCursor: end === 0 ? null : String(end), hasNextPage: end < total };
    pages.set(
      pageKey(operation, start === 0 ? null : String(start)),
      answer(path, { totalCount: total, pageInfo, edges }),
    );
  }
}

function renderProbe(revision: number): Buffer {
  const lastUpdatedAt = generatedAt(revision);
  const applied = { lastUpdatedAt, latestGitSha: '6f1c9d2e4b8a70135792468ace013579bdf02468' };
  const environment = {
    adapterType: 'snowflake',
    dbtProjectName: PROJECT,
    applied,
    definition: { lastUpdatedAt },
  };
  return Buffer.from(JSON.stringify({ data: { environment } }));
}

/** Every answer of one revision of an environment, rendered before anybody asks. */
export function renderPages(size: Size, revision: number): Pages {
  const connections = connectionsOf(size, revision);
  const pages: Pages = new Map([[pageKey('Probe', null), renderProbe(revision)]]);
  for (const connection of connections) renderConnection(pages, connection);
  return pages;
}
