import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { HistoryRecord, StoreRecord } from '../../../../src/domain/records.ts';
import { NOTHING_STORED, type Page, type Source, type Stored } from '../../../../src/domain/source.ts';
import { createRunSource } from '../../../../src/sources/artifacts/run-source.ts';
import * as element from '../../normalize/artifacts/elements.ts';
import { api, enveloped, NOT_FOUND, rawRun, refusal } from '../admin/builders.ts';
import { type Content, metadata, row } from './target-folder.ts';

export const ENVIRONMENT = 7;
export const DAILY = 40;
const CODES = { running: 3, success: 10, error: 20, cancelled: 30 };

/** What a file holds: JSON, or text and bytes as they are. */
type File = Content | string | Buffer;

export interface ServedStep {
  /** Null for a step of the platform; left out: `dbt build`. */
  readonly command?: string | null;
  readonly status?: keyof typeof CODES;
  readonly isStarted?: boolean;
  /** By name without `.json`. */
  readonly files?: { readonly [kind: string]: File };
}

export interface ServedRun {
  readonly id: number;
  readonly status?: keyof typeof CODES;
  /** It is in the list and nowhere else. */
  readonly isGone?: boolean;
  /** What its last step did not leave is not given without a step. */
  readonly isLastMissing?: boolean;
  /** Fields of the run as the service writes it. */
  readonly more?: Content;
  readonly steps?: readonly ServedStep[];
}

/** Run n ends on day n of March 2026 at 06:00, and was made a quarter of an hour before. */
export const dayOf = (id: number) => `2026-03-${String(id).padStart(2, '0')}`;

export function served({ id, status = 'success', more }: ServedRun): Content {
  return rawRun({
    id,
    project_id: 3,
    environment_id: ENVIRONMENT,
    job_definition_id: DAILY,
    status: CODES[status],
    git_sha: `sha-${id}`,
    created_at: `${dayOf(id)} 05:45:00.000000+00:00`,
    started_at: `${dayOf(id)} 05:46:00.000000+00:00`,
    finished_at: status === 'running' ? null : `${dayOf(id)} 06:00:00.000000+00:00`,
    ...more,
  });
}

function stepOf({ command = 'dbt build', status = 'success', isStarted = true }: ServedStep, index: number): Content {
  const time = isStarted ? '2026-03-01 05:50:00.000000+00:00' : null;
  const name = command === null ? 'Clone Git Repository' : `Invoke dbt with \`${command}\``;
  return { index: index + 1, name, status: CODES[status], started_at: time, finished_at: time };
}

/** What a path of the service gives: an envelope, a file, or nothing. */
type Answer = { status: number; body: unknown } | File | undefined;

const list = (rows: readonly unknown[]): Answer => ({ status: 200, body: enveloped(rows, rows.length) });

function artifactOf({ steps = [], isLastMissing }: ServedRun, name: string, step: string | null): Answer {
  if (name === '') {
    const names = steps.flatMap(({ files = {} }) => Object.keys(files).map((kind) => `${kind}.json`));
    return { status: 200, body: enveloped(names.length === 0 ? null : names) };
  }
  const kind = name.replace('.json', '');
  const files = steps.map((step) => step.files?.[kind]);
  if (step !== null) return files[Number(step) - 1];
  return isLastMissing ? files.at(-1) : files.findLast((file) => file !== undefined);
}

function withinRange(runs: readonly ServedRun[], range: string | null): ServedRun[] {
  if (range === null) return [...runs];
  const [from, to] = JSON.parse(range).map((bound: string) => Date.parse(`${bound}Z`));
  return runs.filter((run) => {
    const time = Date.parse(String(served(run).finished_at));
    return time >= from && time <= to;
  });
}

function answerOf(
  runs: readonly ServedRun[],
  { pathname, searchParams }: URL,
  { environments, keepsArtifacts }: Given,
): Answer {
  const path = pathname.replace('/api/v2/accounts/1/', '');
  if (path === 'environments/') return list(environments ?? [{ id: ENVIRONMENT, name: 'Production', project_id: 3 }]);
  if (path === 'jobs/') return list([{ id: DAILY, name: 'Daily', environment_id: ENVIRONMENT }]);
  if (path === 'runs/') {
    const found = withinRange(runs, searchParams.get('finished_at__range')).map(served);
    const job = searchParams.get('job_definition_id');
    const ofJob = found.filter((run) => job === null || String(run.job_definition_id) === job);
    const newestFirst = ofJob.toSorted((one, other) => Number(other.id) - Number(one.id));
    return list(newestFirst.slice(Number(searchParams.get('offset')), Number(searchParams.get('offset')) + 100));
  }
  const [, id, artifact] = /^runs\/(\d+)\/(?:artifacts\/(.*))?$/.exec(path) ?? [];
  const run = runs.find((one) => String(one.id) === id);
  if (run === undefined || (run.isGone && !(keepsArtifacts && artifact))) return undefined;
  if (artifact !== undefined) return artifactOf(run, artifact, searchParams.get('step'));
  return { status: 200, body: enveloped({ ...served(run), run_steps: (run.steps ?? []).map(stepOf) }) };
}

function send(response: ServerResponse, answer: Answer): void {
  if (typeof answer === 'string' || Buffer.isBuffer(answer)) response.end(answer);
  else if (answer !== undefined && 'status' in answer && 'body' in answer) {
    response.writeHead(Number(answer.status)).end(JSON.stringify(answer.body));
  } else response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? NOT_FOUND));
}

interface Given {
  readonly jobId?: number;
  readonly maxBytes?: number;
  readonly everyRun?: boolean;
  readonly maxArtifactMb?: number;
  /** Files of runs that are gone are still there. */
  readonly keepsArtifacts?: boolean;
  readonly environments?: readonly Content[];
  /** Paths that are refused, and with what. */
  readonly refuses?: { readonly path: RegExp; readonly status: number };
}

/** A platform on loopback with these runs, until the test ends, and a source that reads it. */
export async function serving(runs: readonly ServedRun[], given: Given = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(`${url.pathname.replace('/api/v2/accounts/1/', '')}${url.search.replace(/^\?include.*/, '')}`);
    const { path, status } = given.refuses ?? {};
    if (path?.test(url.pathname) && status !== undefined) {
      send(response, { status, body: refusal(status, 'No.') });
    } else send(response, answerOf(runs, url, given));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { jobId = null, everyRun = false, maxArtifactMb = 400, maxBytes } = given;
  const admin = api({ url, ...(maxBytes !== undefined && { maxBytes }) });
  const scope = { accountId: 1, projectId: 3, environmentId: ENVIRONMENT, jobId, everyRun };
  return { admin, asked, source: createRunSource({ api: admin, ...scope, maxArtifactMb }) };
}

/** Everything that a source tells, in the order in which it tells it. */
export async function readRuns(source: Source, stored: Partial<Stored> = {}) {
  const pages: Page[] = [];
  for await (const page of source.pages(new AbortController().signal, { ...NOTHING_STORED, ...stored })) {
    pages.push(page);
  }
  const records: StoreRecord[] = pages.flatMap((page) => [...page.records]);
  const history: HistoryRecord[] = pages.flatMap((page) => [...(page.history ?? [])]);
  return {
    pages,
    of: (kind: StoreRecord['kind']) => records.filter((record) => record.kind === kind),
    results: records.flatMap((record) => (record.kind === 'result' ? [`${record.runId} ${record.uniqueId}`] : [])),
    run: (id: number) => history.find((record) => record.kind === 'run' && record.runId === String(id)),
    steps: history.filter((record) => record.kind === 'step'),
    jobs: history.filter((record) => record.kind === 'job'),
    rejects: pages.flatMap(({ rejects }) => rejects),
    incomplete: pages.flatMap(({ incomplete }) => incomplete),
  };
}

/** Metadata of a file of the invocation, written on the day of the run whose number the invocation begins with. */
const said = (schema: string, invocation: string) =>
  metadata(schema, 'x', {
    invocation_id: invocation,
    generated_at: `${dayOf(Number.parseInt(invocation, 10))}T05:55:00.000000Z`,
  });

/** A manifest of these elements as an invocation named `<run>…` wrote it. */
export const manifestFile = (invocation: string, nodes: readonly Content[], more: Content = {}): Content => ({
  metadata: { ...said('manifest/v12', invocation), ...more },
  nodes: Object.fromEntries(nodes.map((node) => [String(node.unique_id), node])),
  sources: {},
  macros: {},
  unit_tests: {},
});

/** Results by unique id. */
export const resultsFile = (
  invocation: string,
  statuses: { readonly [uniqueId: string]: string },
  which = 'build',
): Content => ({
  metadata: said('run-results/v6', invocation),
  results: Object.entries(statuses).map(([id, status]) => row(id, status)),
  elapsed_time: 1,
  args: { which },
});

export const catalogFile = (invocation: string): Content => ({
  metadata: said('catalog/v1', invocation),
  nodes: { 'model.shop.orders': { columns: { ID: { type: 'int', index: 1 } }, stats: {} } },
  sources: {},
  errors: null,
});

export const ORDERS = 'model.shop.orders';

/** A step that built the orders, of the invocation `<run>-build`. */
export const built = (id: number, status = 'success', more: ServedStep['files'] = {}): ServedStep => ({
  files: {
    manifest: manifestFile(`${id}-build`, [element.model({ compiled_code: `select ${id}` })]),
    run_results: resultsFile(`${id}-build`, { [ORDERS]: status }),
    ...more,
  },
});

/** A run that built the orders. */
export const run = (id: number, status = 'success', more: Partial<ServedRun> = {}): ServedRun => ({
  id,
  steps: [{ command: null }, built(id, status)],
  ...more,
});
