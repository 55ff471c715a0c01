import { expect, it, vi } from 'vitest';
import { createNudge } from '../../../src/server/nudge.ts';

const silent = () => undefined;

it('asks once for everything that is wanted at the same time', async () => {
  const asked: string[] = [];
  const nudge = createNudge(async (name) => void asked.push(name), silent);
  for (let times = 0; times < 100; times++) nudge('shop');
  await nudge.idle();
  expect(asked).toEqual(['shop']);
});

it('asks once more for everything that is wanted while it asks', async () => {
  const asked: string[] = [];
  let free = () => {};
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const nudge = createNudge(async (name) => {
    asked.push(name);
    if (asked.length === 1) {
      for (let times = 0; times < 100; times++) nudge('shop');
      free();
    }
    await held;
  }, silent);
  nudge('shop');
  await nudge.idle();
  expect(asked).toEqual(['shop', 'shop']);
});

it('asks once for everything that is wanted in the moment after it asked', async () => {
  const asked: string[] = [];
  let go = () => {};
  const moments: Promise<void>[] = [];
  const pause = () => {
    moments.push(
      new Promise((resolve) => {
        go = resolve;
      }),
    );
    return moments.at(-1) ?? Promise.resolve();
  };
  const nudge = createNudge(async (name) => void asked.push(name), silent, pause);
  nudge('shop');
  await vi.waitUntil(() => moments.length === 1);
  for (let times = 0; times < 100; times++) nudge('shop');
  expect(asked).toEqual(['shop']);
  go();
  await vi.waitUntil(() => moments.length === 2);
  go();
  await nudge.idle();
  expect(asked).toEqual(['shop', 'shop']);
});

it('asks for each name on its own', async () => {
  const asked: string[] = [];
  const nudge = createNudge(async (name) => void asked.push(name), silent);
  nudge('shop');
  nudge('stock');
  await nudge.idle();
  expect(asked).toEqual(['shop', 'stock']);
});

it('goes on after a failure, which it tells', async () => {
  const told: string[] = [];
  let isBroken = true;
  const nudge = createNudge(
    async () => {
      if (isBroken) throw new Error('gone');
    },
    (name, error) => void told.push(`${name}: ${(error as Error).message}`),
  );
  nudge('shop');
  await nudge.idle();
  isBroken = false;
  nudge('shop');
  await nudge.idle();
  expect(told).toEqual(['shop: gone']);
});
