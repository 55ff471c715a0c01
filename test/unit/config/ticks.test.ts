import { expect, it } from 'vitest';
import { secondTickAfter } from '../../../src/config/ticks.ts';

const second = (schedule: string, timeZone: string, from: string) =>
  secondTickAfter(schedule, timeZone, new Date(from)).toISOString();

it('skips the tick right after the instant and gives the one after that', () => {
  expect(second('*/15 * * * *', 'UTC', '2026-11-21T10:07:00Z')).toBe('2026-11-21T10:30:00.000Z');
});

it('does not count a tick that falls on the instant itself', () => {
  expect(second('0 * * * *', 'UTC', '2026-11-21T10:00:00Z')).toBe('2026-11-21T12:00:00.000Z');
});

it('reads the schedule in its time zone, across the end of summer time', () => {
  expect(second('0 6 * * *', 'Europe/Berlin', '2026-10-24T10:00:00Z')).toBe('2026-10-26T05:00:00.000Z');
});
