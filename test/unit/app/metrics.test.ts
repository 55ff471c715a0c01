import { describe, expect, it } from 'vitest';
import { createMetrics, type GaugeReader } from '../../../src/app/metrics.ts';

/** The lines of a metric, without what is said about it. */
const linesOf = async (metrics: { text(): Promise<string> }, name: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(`dbt_observer_${name}`));

it('syncs are counted by outcome and source, with what they wrote and how long they took', async () => {
  const metrics = createMetrics();
  metrics.onSync({ outcome: 'done', reason: 'schedule', source: 'discovery', rowsWritten: 7, durationS: 0.2 });
  metrics.onSync({ outcome: 'done', reason: 'schedule', source: 'discovery', rowsWritten: 5, durationS: 40 });
  metrics.onSync({ outcome: 'failed', reason: 'webhook', durationS: 1 });
  expect(await linesOf(metrics, 'syncs_total')).toEqual([
    'dbt_observer_syncs_total{outcome="done",reason="schedule",source="discovery"} 2',
    'dbt_observer_syncs_total{outcome="failed",reason="webhook",source="none"} 1',
  ]);
  expect(await linesOf(metrics, 'rows_written_total')).toEqual(['dbt_observer_rows_written_total 12']);
  expect(await linesOf(metrics, 'sync_duration_seconds_bucket')).toContain(
    'dbt_observer_sync_duration_seconds_bucket{le="0.25",outcome="done"} 1',
  );
});

it('requests are counted by host and status, and waits with their length', async () => {
  const metrics = createMetrics();
  for (const status of [200, 200, 429, null]) metrics.onRequest({ host: 'a.example.com', status });
  metrics.onDelay({ reason: 'pause', host: 'a.example.com', ms: 1_500 });
  metrics.onDelay({ reason: 'retry', host: 'a.example.com', ms: 100, retry: 1, why: 'status 503' });
  expect(await linesOf(metrics, 'requests_total')).toEqual([
    'dbt_observer_requests_total{host="a.example.com",status="200"} 2',
    'dbt_observer_requests_total{host="a.example.com",status="429"} 1',
    'dbt_observer_requests_total{host="a.example.com",status="none"} 1',
  ]);
  expect(await linesOf(metrics, 'rate_limit_wait')).toEqual([
    'dbt_observer_rate_limit_waits_total{host="a.example.com"} 1',
    'dbt_observer_rate_limit_wait_seconds_total{host="a.example.com"} 1.5',
  ]);
  expect(await linesOf(metrics, 'request_retries_total')).toHaveLength(1);
});

describe('gauges', () => {
  const reader = (read: GaugeReader['read']): GaugeReader => ({
    gauges: { lag_seconds: { help: 'x', labels: ['integration'] } },
    read,
  });

  it('are looked up at each asking, and what is not told any more is gone', async () => {
    const metrics = createMetrics();
    const values = [
      [
        { labels: { integration: 'a' }, value: 1 },
        { labels: { integration: 'b' }, value: 2 },
      ],
      [{ labels: { integration: 'b' }, value: 3 }],
    ];
    metrics.look(reader(async () => ({ lag_seconds: values.shift() ?? [] })));
    expect(await linesOf(metrics, 'lag_seconds')).toHaveLength(2);
    expect(await linesOf(metrics, 'lag_seconds')).toEqual(['dbt_observer_lag_seconds{integration="b"} 3']);
  });

  it('that cannot be had leave everything else as it is', async () => {
    const metrics = createMetrics();
    metrics.look(reader(async () => Promise.reject(new Error('away'))));
    expect(await linesOf(metrics, 'lag_seconds')).toEqual([]);
    expect(await linesOf(metrics, 'build_info')).toHaveLength(1);
  });
});

it('every metric says what it is', async () => {
  const text = await createMetrics().text();
  const types = text.match(/^# TYPE (\S+)/gm)?.map((line) => line.slice(7)) ?? [];
  expect(types.length).toBeGreaterThan(10);
  for (const type of types) expect(text).toContain(`# HELP ${type} `);
});
