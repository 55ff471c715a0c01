import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchArtifact } from '../../../../src/sources/admin/artifact-files.ts';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { ACCOUNT, api, failureOf, never } from './builders.ts';

/** Longer than one chunk, so that there is a middle to break off in, and too long to stay in memory. */
const WHOLE = Buffer.alloc(700_000, 'x');
const HALF = 600_000;

type Respond = (response: ServerResponse) => void;

const whole: Respond = (response) => response.writeHead(200, { 'content-length': WHOLE.length }).end(WHOLE);
const half: Respond = (response) => {
  response.writeHead(200, { 'content-length': WHOLE.length });
  response.write(WHOLE.subarray(0, HALF));
};
const brokenOff: Respond = (response) => {
  response.writeHead(200, { 'content-length': WHOLE.length });
  response.write(WHOLE.subarray(0, HALF), () => response.socket?.resetAndDestroy());
};

/** A service on loopback that answers each request by the next of `responds`. */
async function serving(...responds: Respond[]): Promise<string> {
  const server = createServer((_, response) => (responds.shift() ?? brokenOff)(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'downloads-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const artifact = (folder: string) => ({
  accountId: ACCOUNT,
  runId: 7,
  path: 'manifest.json',
  to: join(folder, 'manifest.json'),
});

describe('a download', () => {
  it('that breaks off is made again from its beginning', async () => {
    const url = await serving(brokenOff, whole);
    const folder = newFolder();
    const kept = await fetchArtifact(api({ url }), artifact(folder), never);
    expect(readdirSync(folder)).toEqual(['manifest.json']);
    expect([kept?.size, (await kept?.take())?.equals(WHOLE)]).toEqual([WHOLE.length, true]);
  });

  it('that is large lies in its file until it is taken', async () => {
    const folder = newFolder();
    const kept = await fetchArtifact(api({ url: await serving(whole) }), artifact(folder), never);
    await kept?.take();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is small needs no file', async () => {
    const url = await serving((response) => response.writeHead(200).end('{"small": true}'));
    const folder = newFolder();
    const kept = await fetchArtifact(api({ url }), artifact(folder), never);
    expect(readdirSync(folder)).toEqual([]);
    expect(String(await kept?.take())).toBe('{"small": true}');
  });

  it('that stands still is given up and made again', async () => {
    const url = await serving(half, whole);
    const folder = newFolder();
    const kept = await fetchArtifact(api({ url, timeoutMs: 300 }), artifact(folder), never);
    expect([kept?.size, (await kept?.take())?.equals(WHOLE)]).toEqual([WHOLE.length, true]);
  });

  it('that breaks off every time fails, and leaves nothing behind', async () => {
    const url = await serving(brokenOff, brokenOff);
    const folder = newFolder();
    expect(failureKind(await failureOf(fetchArtifact(api({ url }), artifact(folder), never)))).toBe('down');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is aborted passes the reason on, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const reason = new Error('interrupted');
    const url = await serving((response) => {
      half(response);
      controller.abort(reason);
    });
    const folder = newFolder();
    expect(await failureOf(fetchArtifact(api({ url }), artifact(folder), controller.signal))).toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is larger than it may be is refused before it has come, by what its head says', async () => {
    const url = await serving(half);
    const folder = newFolder();
    const { message } = await failureOf(fetchArtifact(api({ url, maxBytes: 650_000 }), artifact(folder), never));
    expect(message).toMatch(/is not read/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
