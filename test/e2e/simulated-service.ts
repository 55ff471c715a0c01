import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { enveloped, failure, listOf, notFound, type Reply } from '../../demo/platform/envelope.ts';
import { artifactJson, fileOf, jobJson, runJson, stepJson } from './simulated-json.ts';
import { leavesManifest, manifestAt } from './simulated-manifest.ts';
import type { Micros } from './simulated-project.ts';
import { ACCOUNT, ENVIRONMENT, JOBS, OTHER_ENVIRONMENT, PROJECT, type SimRun, type SimStep } from './simulated-runs.ts';

/** The Admin API of a simulated environment on loopback. */
export interface Service {
  readonly url: string;
  /** Paths below the account that were asked for, with their queries, in order. */
  readonly asked: string[];
  /** Only what has happened by then is told; null: everything. */
  setClock(now: Micros | null): void;
  /** After so many requests (of these paths) from now on every further one is answered with this status. */
  fail(status: number, after?: number, of?: RegExp): void;
  /** After so many requests the next one is told to come again after so many seconds; then all goes on. */
  slowDown(after: number, seconds: number): void;
  /** After so many requests from now on every further one waits until {@link Service.heal}. Settles when one waits. */
  hold(after: number): Promise<void>;
  heal(): void;
  close(): Promise<void>;
}

interface Trouble {
  readonly status: number | 'held';
  readonly of: RegExp;
  readonly retryAfter: number | null;
  left: number;
  readonly waiting: (() => void)[];
  readonly reached: () => void;
}

/** What can be asked for over and over is made once. */
const files = new WeakMap<SimStep, Buffer>();

function fileBytes(step: SimStep): Buffer | null {
  if (step.left === null) return null;
  const bytes = files.get(step) ?? Buffer.from(JSON.stringify(artifactJson(step.left)));
  files.set(step, bytes);
  return bytes;
}

/** A step that left no such file shows that of one before it, or none. */
function artifact(run: SimRun, name: string, index: string | null): Reply {
  const { kind, steps } = run;
  if (kind === 'lost' || kind === 'gone' || kind === 'unsaved') return notFound();
  const hasManifest = steps.some((step) => leavesManifest(run, step));
  const names = [
    ...steps.flatMap(({ left }) => (left === null ? [] : fileOf(left))),
    ...(hasManifest ? ['manifest.json'] : []),
  ];
  if (name === 'manifest.json') {
    const manifest = manifestAt(run, index);
    return manifest === null ? notFound() : { status: 200, bytes: Buffer.from(JSON.stringify(manifest)) };
  }
  if (name === '') return enveloped(names.length === 0 ? null : names);
  const has = ({ left }: SimStep) => left !== null && fileOf(left) === name;
  const asked = steps.findIndex((step) => String(step.index) === index);
  const upTo = index === null ? steps : steps.slice(0, asked + 1);
  const own = upTo.at(-1);
  const step = own && (has(own) || index === null || own.showsLeftover) ? upTo.findLast(has) : undefined;
  const bytes = step && fileBytes(step);
  return bytes ? { status: 200, bytes } : notFound();
}

function one(run: SimRun, name: string | undefined, url: URL): Reply {
  if (name !== undefined) return artifact(run, name, url.searchParams.get('step'));
  return run.kind === 'gone' ? notFound() : enveloped({ ...runJson(run), run_steps: run.steps.map(stepJson) });
}

function at(run: SimRun, now: Micros): SimRun[] {
  if (run.createdAt > now) return [];
  if (run.finishedAt === null || run.finishedAt <= now) return [run];
  return [{ ...run, status: 'running', finishedAt: null, steps: [] }];
}

function reply(path: string, url: URL, runs: readonly SimRun[]): Reply {
  if (path === 'runs/') return listOf(runs.map(runJson), url);
  if (path === 'jobs/') {
    const jobs = Object.values(JOBS).map((id) => jobJson(id, id === JOBS.elsewhere ? OTHER_ENVIRONMENT : ENVIRONMENT));
    return listOf(jobs, url);
  }
  if (path === 'environments/') {
    const named = { project_id: PROJECT, type: 'deployment' };
    const production = { ...named, id: ENVIRONMENT, name: 'Production', deployment_type: 'production' };
    return listOf([production, { ...named, id: OTHER_ENVIRONMENT, name: 'Staging', deployment_type: null }], url);
  }
  const [, id, name] = /^runs\/(\d+)\/(?:artifacts\/(.*))?$/.exec(path) ?? [];
  const run = runs.find((found) => String(found.id) === id);
  return run === undefined ? notFound() : one(run, name, url);
}

function send(response: ServerResponse, told: Reply): void {
  if ('bytes' in told) response.writeHead(told.status).end(told.bytes);
  else response.writeHead(told.status, { 'content-type': 'application/json' }).end(JSON.stringify(told.body));
}

/** Serves these runs until it is closed. */
export async function serveRuns(runs: readonly SimRun[]): Promise<Service> {
  const asked: string[] = [];
  let clock: Micros | null = null;
  let trouble: Trouble | null = null;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname.replace(`/api/v2/accounts/${ACCOUNT}/`, '');
    asked.push(`${path}${url.search}`);
    const met = trouble;
    if (met?.of.test(`${path}${url.search}`) && --met.left < 0) {
      met.reached();
      if (met.retryAfter !== null) {
        trouble = null;
        response.setHeader('retry-after', String(met.retryAfter));
      }
      if (met.status !== 'held') return send(response, failure(met.status, 'No.'));
      await new Promise<void>((resolve) => met.waiting.push(resolve));
    }
    const now = clock;
    send(response, reply(path, url, now === null ? runs : runs.flatMap((run) => at(run, now))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const meet = (status: Trouble['status'], after: number, { of = /^/, retryAfter = null }: Partial<Trouble> = {}) =>
    new Promise<void>((reached) => {
      trouble = { status, of, retryAfter, left: after, waiting: [], reached };
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    setClock(now) {
      clock = now;
    },
    fail: (status, after = 0, of = /^/) => void meet(status, after, { of }),
    slowDown: (after, retryAfter) => void meet(429, after, { retryAfter }),
    hold: (after) => meet('held', after),
    heal() {
      for (const resume of trouble?.waiting ?? []) resume();
      trouble = null;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
