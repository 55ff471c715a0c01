import { describe, expect, it } from 'vitest';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { getRun, runsNewestFirst, runsOldestFirst } from '../../../../src/sources/admin/run-list.ts';
import { useNock } from '../../http/nock.ts';
import { ACCOUNT, all, api, enveloped, failureOf, never, rawRun, service } from './builders.ts';

useNock();

const PATH = '/api/v2/accounts/1/runs/';
const numbered = (from: number, to: number) =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => rawRun({ id: from + Math.sign(to - from) * index }));

/** Answers a request whose query holds all of `wanted`. */
function page(wanted: Record<string, unknown>, rows: unknown[], total?: number) {
  service()
    .get(PATH)
    .query((query) => Object.entries(wanted).every(([name, value]) => query[name] === value))
    .reply(200, enveloped(rows, total));
}

const scope = { accountId: ACCOUNT };
const idsOf = (pages: { runs: readonly { id: number }[] }[]) => pages.map(({ runs }) => runs.map(({ id }) => id));
const oldest = (more = {}) => all(runsOldestFirst(api(), { ...scope, ...more }, never));
const newest = (more = {}) => all(runsNewestFirst(api(), { ...scope, ...more }, never));

describe('runs with the oldest first', () => {
  it('go on behind the last id of each page', async () => {
    page({ order_by: 'id', limit: '100', id__gt: undefined }, numbered(1, 100), 101);
    page({ order_by: 'id', id__gt: '100' }, numbered(101, 101), 1);
    expect(idsOf(await oldest())).toEqual([numbered(1, 100).map(({ id }) => id), [101]]);
  });

  it('begin behind a known run', async () => {
    page({ id__gt: '41' }, numbered(42, 43), 2);
    expect(idsOf(await oldest({ after: 41 }))).toEqual([[42, 43]]);
  });

  it('go by the rows that come, not by the number that was asked for', async () => {
    page({ id__gt: undefined }, numbered(1, 2), 3);
    page({ id__gt: '2' }, numbered(3, 3), 1);
    expect(idsOf(await oldest())).toEqual([[1, 2], [3]]);
  });

  it('end at a short page when nobody counts them', async () => {
    page({ id__gt: undefined }, numbered(1, 100));
    page({ id__gt: '100' }, numbered(101, 102));
    expect((await oldest()).length).toBe(2);
  });

  it('are none when there are none', async () => {
    page({}, [], 0);
    expect(await oldest()).toEqual([]);
  });

  it('fail rather than run in circles when the service ignores where to go on', async () => {
    page({ id__gt: undefined }, numbered(1, 100), 200);
    page({ id__gt: '100' }, numbered(1, 100), 200);
    const error = await failureOf(oldest());
    expect([failureKind(error), error.message]).toEqual(['broken_answer', expect.stringMatching(/do not go on/)]);
  });

  it('pass over a run that cannot be read, and keep it without logs and addresses', async () => {
    const broken = rawRun({
      id: 2,
      status: 'Succeeded',
      trigger: { cause: 'by jane@example.com' },
      run_steps: [{ name: 'a', logs: 'hunter2', debug_logs: 'hunter2', truncated_debug_logs: 'hunter2' }],
    });
    page({}, [rawRun({ id: 1 }), broken, rawRun({ id: 3 })], 3);
    const [{ runs, rejects } = { runs: [], rejects: [] }] = await oldest();
    expect(runs.map(({ id }) => id)).toEqual([1, 3]);
    expect(rejects).toEqual([
      {
        resourceType: null,
        uniqueId: null,
        reason: expect.stringMatching(/^run 2: status: /),
        raw: { ...broken, trigger: { cause: 'by ***@***' }, run_steps: [{ name: 'a' }] },
      },
    ]);
  });

  it('go on behind a page whose runs cannot be read', async () => {
    page({ id__gt: undefined }, [{ id: 1 }, { id: 2 }], 3);
    page({ id__gt: '2' }, [rawRun({ id: 3 })], 1);
    expect(idsOf(await oldest())).toEqual([[], [3]]);
  });
});

describe('runs with the newest first', () => {
  it('go on by offset, and come once although new ones push them to the next page', async () => {
    page({ order_by: '-id', offset: '0' }, numbered(200, 101), 150);
    page({ order_by: '-id', offset: '100' }, [...numbered(102, 101), ...numbered(100, 51)], 152);
    expect(idsOf(await newest()).map((ids) => [ids[0], ids.at(-1), ids.length])).toEqual([
      [200, 101, 100],
      [100, 51, 50],
    ]);
  });

  it('are asked for no further than somebody takes them', async () => {
    page({ offset: '0' }, numbered(200, 101), 200);
    for await (const { runs } of runsNewestFirst(api(), scope, never)) {
      expect(runs[0]?.id).toBe(200);
      break;
    }
  });

  it('fail rather than run in circles when the service ignores the offset', async () => {
    page({ offset: '0' }, numbered(200, 101));
    page({ offset: '100' }, numbered(200, 101));
    expect(failureKind(await failureOf(newest()))).toBe('broken_answer');
  });
});

describe('what is asked of a list of runs', () => {
  it('says its filters, the range as naive UTC in JSON, and what else is needed of a run', async () => {
    const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-02T00:00:00Z') };
    page(
      {
        project_id: '2',
        environment_id: '5',
        job_definition_id: '3',
        finished_at__range: '["2026-01-01T00:00:00","2026-01-02T00:00:00"]',
        include_related: 'trigger,job',
      },
      [],
      0,
    );
    expect(await oldest({ projectId: 2, environmentId: 5, jobId: 3, window })).toEqual([]);
  });

  it('is checked in the answer, to the millisecond and with both ends', async () => {
    const ended = (id: number, finished_at: string | null) => rawRun({ id, finished_at });
    const window = { from: new Date('2026-01-01T00:00:00.500Z'), to: new Date('2026-01-01T00:00:02Z') };
    page(
      {},
      [
        ended(1, '2026-01-01 00:00:00.499999+00:00'),
        ended(2, '2026-01-01 00:00:00.500000+00:00'),
        ended(3, '2026-01-01 00:00:02.000000+00:00'),
        ended(4, '2026-01-01 00:00:02.001000+00:00'),
        ended(5, null),
      ],
      5,
    );
    expect(idsOf(await oldest({ window }))).toEqual([[2, 3]]);
  });

  it.each([
    ['projectId', 'project_id'],
    ['environmentId', 'environment_id'],
    ['jobId', 'job_definition_id'],
  ])('leaves out the runs of another %s, should the service ignore the filter', async (name, field) => {
    page({}, [rawRun({ id: 1, [field]: 8 }), rawRun({ id: 2, [field]: 9 })], 2);
    expect(idsOf(await oldest({ [name]: 9 }))).toEqual([[2]]);
  });
});

describe('one run', () => {
  const RUN = `${PATH}7/?include_related=trigger,job,run_steps`;
  const one = () => getRun(api(), { accountId: ACCOUNT, runId: 7 }, never);

  it('has its steps in their order, and those that cannot be read apart', async () => {
    const run_steps = [
      { index: 2, name: 'b', status: 10 },
      { index: 1, name: 'a', status: 10 },
      { name: 'c', status: 10, logs: 'hunter2' },
    ];
    service()
      .get(RUN)
      .reply(200, enveloped(rawRun({ id: 7, run_steps })));
    const found = await one();
    expect(found?.steps.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(found?.rejects).toEqual([
      expect.objectContaining({
        reason: expect.stringMatching(/^step of run 7 .*index/),
        raw: { name: 'c', status: 10 },
      }),
    ]);
  });

  it('that cannot be read itself is refused by its number', async () => {
    service()
      .get(RUN)
      .reply(200, enveloped(rawRun({ id: 7, status: null })));
    expect((await failureOf(one())).message).toMatch(/^run 7: status/);
  });
});
