import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NOTHING_STORED } from '../../../../src/domain/source.ts';
import { createScratch } from '../../../../src/sources/artifacts/scratch.ts';
import { readRuns, run, serving } from './run-service.ts';
import { useFolder } from './target-folder.ts';

const signal = new AbortController().signal;

describe('the downloads of a pass', () => {
  const folder = useFolder();
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['is read to its end', Number.POSITIVE_INFINITY],
    ['is left after its first page', 1],
    ['is left in the middle', 3],
  ])('are gone when it %s', async (_, pages) => {
    vi.stubEnv('TMPDIR', folder.path('.'));
    expect(tmpdir()).toBe(folder.path('.'));
    const { source } = await serving([1, 2, 3, 4].map((id) => run(id)));
    let left = 0;
    let most = 0;
    for await (const _page of source.pages(signal, NOTHING_STORED)) {
      most = Math.max(most, readdirSync(folder.path('.')).length);
      left++;
      if (left === pages) break;
    }
    expect([most, readdirSync(folder.path('.'))]).toEqual([1, []]);
  });

  it('are gone when it is called off, which ends it with the reason', async () => {
    vi.stubEnv('TMPDIR', folder.path('.'));
    const { source } = await serving([1, 2, 3, 4].map((id) => run(id)));
    const stop = new AbortController();
    const reading = (async () => {
      for await (const { records } of source.pages(stop.signal, NOTHING_STORED)) {
        if (records.length > 0) stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(readdirSync(folder.path('.'))).toEqual([]);
  });

  it('are gone when it fails', async () => {
    vi.stubEnv('TMPDIR', folder.path('.'));
    const { source } = await serving([run(1, 'success', { steps: [] })]);
    await expect(readRuns(source)).rejects.toThrow('left no manifest.json');
    expect(readdirSync(folder.path('.'))).toEqual([]);
  });
});

describe('downloads that a killed process left behind', () => {
  const folder = useFolder();
  afterEach(() => vi.unstubAllEnvs());

  const SCRATCH = /^dbt-observer-([A-Za-z0-9]+)-(\d+)-\w{6}$/;

  /** The number of a process that is gone. */
  async function goneProcess(): Promise<number> {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    return Number(child.pid);
  }

  function leave(...names: string[]): void {
    for (const name of names) {
      mkdirSync(folder.path(name));
      writeFileSync(join(folder.path(name), '1'), '{}');
    }
  }

  it('go with the first download of the next one, and those of others stay', async () => {
    vi.stubEnv('TMPDIR', folder.path('.'));
    const machine = hostname().replaceAll(/[^A-Za-z0-9]/g, '');
    const name = (ofMachine: string, pid: number) => `dbt-observer-${ofMachine}-${pid}-abcdef`;
    const gone = await goneProcess();
    const others = [name(machine, process.ppid), name(`${machine}x`, gone), 'dbt-observer-abcdef', 'something'];
    leave(name(machine, gone), name(machine, process.pid), ...others);
    const scratches = [await createScratch(), ...(await Promise.all([createScratch(), createScratch()]))];
    const left = readdirSync(folder.path('.'));
    expect(left).toEqual(expect.arrayContaining(others));
    const mine = left.filter((one) => !others.includes(one));
    expect(mine.map((one) => SCRATCH.exec(one)?.slice(1))).toEqual(Array(3).fill([machine, String(process.pid)]));
    await Promise.all(scratches.map((scratch) => scratch.remove()));
    expect(readdirSync(folder.path('.')).sort()).toEqual(others.sort());
  });
});
