import { afterAll, describe, expect, it, vi } from 'vitest';
import { randomFrom } from '../e2e/simulated-project.ts';
import { FULL } from '../size.ts';
import { query } from '../store/database.ts';
import { backfillGround, type Ground, goesOn, newStore, startBackfill, wholeRuns } from './backfill-process.ts';
import { phasesIn } from './process.ts';
import { tableText } from './process-table.ts';
import { syncRuns } from './stores.ts';

const KILLS = FULL ? 20 : 1;
const PROMISED_MS = 10_000;

interface Kill {
  readonly place: string;
  readonly last: string;
  readonly stored: number;
}

const kills: Kill[] = [];
let ground: Promise<Ground> | undefined;
const opened = () => (ground ??= backfillGround());

afterAll(async () => {
  await (await ground)?.close();
  const rows = kills.map(({ place, last, stored }) => [place, last, stored]);
  process.stdout.write(tableText('kill -9 of a backfill', ['killed at', 'last phase', 'runs stored then'], rows));
});

const random = randomFrom(12);
const places = Array.from({ length: KILLS }, (_, index) => ({
  number: index + 1,
  share: random(),
  isAsking: index % 2 === 0,
}));

/** Waits until the process has said so many times that it begins to publish. */
async function publishes({ child, ended }: ReturnType<typeof startBackfill>, times: number): Promise<void> {
  let said = 0;
  const reached = new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: string) => {
      said += text.split('"phase":"publish"').length - 1;
      if (said >= times) resolve();
    });
  });
  await Promise.race([reached, ended]);
}

describe('a backfill that is killed', { timeout: 120_000 }, () => {
  it.each(places)('$number: leaves whole runs, and the same command takes the others', async ({ share, isAsking }) => {
    const all = await opened();
    const url = await newStore();
    const asked = Math.floor(share * all.requests);
    const nth = 1 + Math.floor(share * 4);
    const held = isAsking ? all.service.hold(asked) : undefined;
    const running = startBackfill(all, url);
    await (held === undefined ? publishes(running, nth) : Promise.race([held, running.ended]));
    running.child.kill('SIGKILL');
    const ended = await running.ended;
    expect(running.child.signalCode).toBe('SIGKILL');
    const stored = await wholeRuns(url);
    const place = isAsking ? `request ${asked} of ${all.requests}` : `publishing, the ${nth}. time`;
    kills.push({ place, last: phasesIn(ended).at(-1) ?? 'none', stored: stored.length });
    await goesOn(all, url, stored);
  });
});

describe('a backfill in the middle', { timeout: 60_000 }, () => {
  /** Lets two thirds of the requests pass. */
  const middle = ({ requests }: Ground) => Math.floor((2 * requests) / 3);

  it('that is asked to stop ends soon with code 130, keeps what was taken, and goes on', async () => {
    const all = await opened();
    const url = await newStore();
    const held = all.service.hold(middle(all));
    const running = startBackfill(all, url);
    await Promise.race([held, running.ended]);
    const runs = () => query(url, 'select from dbt.runs');
    await vi.waitFor(async () => expect(await runs()).not.toEqual([]), { timeout: 20_000 });
    const start = performance.now();
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(performance.now() - start).toBeLessThan(PROMISED_MS);
    const error = 'Interrupted by SIGTERM: what was taken stays, and the same command goes on where it was.';
    expect(await syncRuns(url)).toEqual([{ outcome: 'interrupted', error, ended: true }]);
    const stored = await wholeRuns(url);
    expect(stored.length).toBeGreaterThan(0);
    await goesOn(all, url, stored);
  });

  it.each([
    { name: 'of which the token expires', status: 401, code: 2 },
    { name: 'of which the service goes down', status: 500, code: 1 },
  ])('$name ends with code $code, keeps what was taken, and goes on', async ({ status, code }) => {
    const all = await opened();
    const url = await newStore();
    all.service.fail(status, middle(all));
    const ended = await startBackfill(all, url).ended;
    expect(ended).toMatchObject({ code });
    expect(await syncRuns(url)).toMatchObject([{ outcome: 'failed', ended: true }]);
    const stored = await wholeRuns(url);
    expect(stored.length).toBeGreaterThan(20);
    await goesOn(all, url, stored);
  });
});
