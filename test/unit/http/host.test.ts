import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Host, hostOf, PausedError, type Waiting } from '../../../src/http/host.ts';
import { createFetch } from '../../../src/http/http.ts';

let hosts = 0;
/** A host that nobody has asked yet. */
const newHost = (): Host => hostOf(new URL(`https://host-${++hosts}.example`));
const DAY = 86_400_000;
const HOUR = 3_600_000;
const never = new AbortController().signal;
const within = (ms: number, waiting: Partial<Waiting> = {}): Waiting => ({
  signal: never,
  deadline: Date.now() + ms,
  ...waiting,
});

describe('a host that is left alone', () => {
  it('is waited for when the pause ends before the deadline', async () => {
    const host = newHost();
    host.pause(30);
    await host.turn(within(60_000));
    expect(host.pausedFor()).toBe(0);
  });

  it('fails at once who must have ended before', async () => {
    const host = newHost();
    host.pause(HOUR);
    await expect(host.turn(within(HOUR - 1_000))).rejects.toBeInstanceOf(PausedError);
  });

  it('fails who waits for it already when the pause is prolonged beyond the deadline', async () => {
    const host = newHost();
    host.pause(20_000);
    const waiting = host.turn(within(60_000));
    host.pause(HOUR);
    await expect(waiting).rejects.toBeInstanceOf(PausedError);
  });

  it('is waited for with the reason of the signal', async () => {
    const host = newHost();
    host.pause(20_000);
    const controller = new AbortController();
    const waiting = host.turn(within(60_000, { signal: controller.signal }));
    controller.abort(new Error('stopped by SIGINT'));
    await expect(waiting).rejects.toThrow('stopped by SIGINT');
  });

  it('ends a wait by the time of a budget as a timeout', async () => {
    const host = newHost();
    host.pause(20_000);
    const waiting = host.turn(within(60_000, { signal: AbortSignal.timeout(20) }));
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it.each([Number.POSITIVE_INFINITY, 30 * DAY, DAY])('is so for a day at most: %s ms', (ms) => {
    const host = newHost();
    host.pause(ms);
    expect(host.pausedFor()).toBeGreaterThan(DAY - 60_000);
    expect(host.pausedFor()).toBeLessThanOrEqual(DAY);
  });

  it('is not asked earlier because of a shorter pause', () => {
    const host = newHost();
    host.pause(HOUR);
    host.pause(1);
    expect(host.pausedFor()).toBeGreaterThan(HOUR - 60_000);
  });

  it('tells who waits until when', async () => {
    const host = newHost();
    host.pause(20);
    const told: number[] = [];
    const before = Date.now();
    await host.turn(within(60_000, { onPause: (until) => told.push(until) }));
    expect(told[0]).toBeGreaterThan(before);
    expect(told[0]).toBeLessThanOrEqual(Date.now());
  });
});

describe('the limit of a minute', () => {
  it('counts every try, and whoever waits for his turn ends with the reason of his signal', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.writeHead(500).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const fetch = createFetch({ userAgent: 'x', retries: 2, retryDelayMs: () => 0 });
      await Promise.all(Array.from({ length: 150 }, () => fetch(url)));
      const controller = new AbortController();
      const one = fetch(url, { signal: controller.signal });
      setImmediate(() => controller.abort(new Error('stopped by SIGINT')));
      await expect(one).rejects.toThrow('stopped by SIGINT');
      expect(asked).toBe(450);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
