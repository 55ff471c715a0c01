import { appliedNodes } from './applied.ts';
import type { JsonObject } from './artifacts.ts';
import { type ConnectionArgs, connection, inOrder } from './connection.ts';
import { definitionNodes } from './definition.ts';
import type { ServedNode } from './facts.ts';
import { date } from './facts.ts';
import { counts, type EnvironmentState, emptyState, ingest } from './fold.ts';
import { artifactReader, type History, type HistoryRun } from './history.ts';

/** A history and how far the platform has come in it: the first `runs` of its runs have finished. */
export interface Progress {
  history: History;
  runs: number;
}

export function visibleRuns({ history, runs }: Progress): HistoryRun[] {
  return history.runs.slice(0, runs);
}

/** Folds the visible runs of an environment, once for each advance: going on adds the new ones, going back starts over. */
export class Environments {
  readonly #progress: Map<string, Progress>;
  readonly #folded = new Map<number, { upTo: number; state: EnvironmentState; view: JsonObject }>();

  constructor(progress: Map<string, Progress>) {
    this.#progress = progress;
  }

  /** The environment as the API resolves it, or null when no project has one of that id. */
  view(id: number): JsonObject | null {
    const progress = [...this.#progress.values()].find(({ history }) =>
      history.environments.some((environment) => environment.id === id),
    );
    if (!progress) return null;
    const before = this.#folded.get(id);
    if (before?.upTo === progress.runs) return before.view;
    const start = before && before.upTo < progress.runs ? before : { upTo: 0, state: emptyState() };
    const state = fold(progress, id, start);
    const view = environmentView(state, progress.history);
    this.#folded.set(id, { upTo: progress.runs, state, view });
    return view;
  }
}

function fold(progress: Progress, id: number, start: { upTo: number; state: EnvironmentState }): EnvironmentState {
  const { history } = progress;
  const read = artifactReader(history);
  for (const run of visibleRuns(progress).slice(start.upTo)) {
    if (run.environment_id === id && counts(history, run)) ingest(start.state, run, read);
  }
  return start.state;
}

function environmentView(state: EnvironmentState, history: History): JsonObject {
  const owner = { accountId: history.account.id, projectId: history.project.id };
  const metadata = state.manifest?.body.metadata;
  const lastUpdatedAt = date(state.lastUpdatedAt);
  const nothing = lastUpdatedAt === null;
  return {
    adapterType: metadata?.adapter_type ?? null,
    dbtProjectName: metadata?.project_name ?? (nothing ? null : history.project.name),
    applied: nothing
      ? null
      : { ...stateView(appliedNodes(state, owner), APPLIED), lastUpdatedAt, latestGitSha: state.latestGitSha },
    definition: nothing ? null : { ...stateView(definitionNodes(state, owner), DEFINITION), lastUpdatedAt },
  };
}

const APPLIED = ['models', 'seeds', 'snapshots', 'tests', 'sources', 'exposures'];
const DEFINITION = [...APPLIED, 'metrics', 'semanticModels', 'savedQueries', 'groups', 'macros'];

function stateView(nodes: Record<string, ServedNode[]>, connections: string[]): JsonObject {
  const view: JsonObject = {};
  const resourceCounts: Record<string, number> = {};
  for (const name of connections) {
    const ordered = inOrder(nodes[name] ?? []);
    view[name] = (args: ConnectionArgs) => connection(ordered, args);
    const kind = ordered[0]?.resourceType;
    if (kind) resourceCounts[String(kind)] = ordered.length;
  }
  return { ...view, resourceCounts };
}
