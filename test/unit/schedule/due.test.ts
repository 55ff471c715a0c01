import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTick } from '../../../src/config/ticks.ts';
import { due, type TickRows } from '../../../src/schedule/due.ts';

const QUARTERLY = { schedule: '*/15 * * * *', timeZone: 'UTC' };
const at = (time: string) => new Date(`2026-05-05T${time}Z`);
const rows = ({ claimed, succeeded }: { claimed?: string; succeeded?: string }): TickRows => ({
  claimed: claimed === undefined ? null : at(claimed),
  succeeded: succeeded === undefined ? null : at(succeeded),
});
const dueAt = (now: string, known: Parameters<typeof rows>[0]) => due(rows(known), QUARTERLY, at(now));

describe('a sync is due', () => {
  it.each([
    ['when there never was one', {}, '12:07:00', '12:00:00'],
    ['when a tick has come since the last one', { claimed: '12:00:00', succeeded: '12:00:01' }, '12:15:00', '12:15:00'],
    [
      'for the newest of many ticks that were missed',
      { claimed: '03:00:00', succeeded: '03:00:01' },
      '12:29:59',
      '12:15:00',
    ],
    ['when the last success is older, although ticks were claimed', { claimed: '12:00:00' }, '12:15:01', '12:15:00'],
    ['when a claimed tick lies in the future', { claimed: '15:00:00', succeeded: '11:00:00' }, '12:07:00', '12:00:00'],
    ['when a success lies in the future', { succeeded: '15:00:00' }, '12:07:00', '12:00:00'],
  ])('%s', (_, known, now, tick) => {
    expect(dueAt(now, known)).toEqual(at(tick));
  });
});

describe('no sync is due', () => {
  it.each([
    ['when the tick is claimed, although nothing has succeeded yet', { claimed: '12:00:00' }, '12:14:59'],
    ['when another sync succeeded that began after the tick', { succeeded: '12:03:00' }, '12:14:00'],
    ['when one succeeded that began at the tick', { succeeded: '12:00:00' }, '12:14:00'],
    ['when a scheduler with a clock a little ahead claimed the next tick', { claimed: '12:15:00' }, '12:14:50'],
    ['when the clock went back a little', { claimed: '12:15:00', succeeded: '12:15:02' }, '12:13:00'],
  ])('%s', (_, known, now) => {
    expect(dueAt(now, known)).toBeNull();
  });
});

it('a local time that clocks skip is due once', () => {
  const berlin = { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' };
  const before = { claimed: new Date('2026-03-28T01:30:00Z'), succeeded: new Date('2026-03-28T01:30:02Z') };
  expect(due(before, berlin, new Date('2026-03-29T01:29:00Z'))).toBeNull();
  expect(due(before, berlin, new Date('2026-03-29T01:31:00Z'))).toEqual(new Date('2026-03-29T01:30:00Z'));
  const claimed = { ...before, claimed: new Date('2026-03-29T01:30:00Z') };
  expect(due(claimed, berlin, new Date('2026-03-29T23:00:00Z'))).toBeNull();
});

it('a local time that comes twice is due once', () => {
  const berlin = { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' };
  const claimed = { claimed: new Date('2026-10-25T00:30:00Z'), succeeded: null };
  for (const time of ['00:45', '01:30', '01:31', '05:00']) {
    expect(due(claimed, berlin, new Date(`2026-10-25T${time}:00Z`))).toBeNull();
  }
});

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const SCHEDULES = ['*/15 * * * *', '0 * * * *', '30 2 * * *', '45 1,2 * * *', '0 6 * * 1-5', '15 2 1 * *'];

it('claims no tick twice and always the newest, whenever it wakes and whatever succeeds between', () => {
  const wake = fc.record({ afterS: fc.integer({ min: 1, max: 500_000 }), succeeds: fc.boolean() });
  // The weeks around the changes of spring and autumn on both halves of the earth.
  const start = fc.constantFrom('2026-03-05', '2026-03-27', '2026-04-03', '2026-10-01', '2026-10-23', '2026-10-30');
  const cron = fc.record({ schedule: fc.constantFrom(...SCHEDULES), timeZone: fc.constantFrom(...ZONES) });
  fc.assert(
    fc.property(start, cron, fc.array(wake, { minLength: 1, maxLength: 60 }), (from, given, wakes) => {
      let now = new Date(from);
      let known: TickRows = { claimed: null, succeeded: null };
      const claims: number[] = [];
      for (const { afterS, succeeds } of wakes) {
        now = new Date(now.getTime() + afterS * 1_000);
        const tick = due(known, given, now);
        if (tick !== null) {
          claims.push(tick.getTime());
          expect(tick <= now).toBe(true);
          const next = nextTick(given, tick);
          expect(next === null || next > now).toBe(true);
          known = { claimed: tick, succeeded: succeeds ? now : known.succeeded };
        }
        expect(due(known, given, now)).toBeNull();
      }
      expect(claims).toEqual([...new Set(claims)].sort((a, b) => a - b));
    }),
  );
});
