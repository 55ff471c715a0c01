import { CronExpressionParser } from 'cron-parser';

/**
 * When a schedule is due for the second time after an instant. An integration that succeeded then and not again
 * until that tick is stale: one missed tick may be a slow pass, two are not.
 */
export function secondTickAfter(schedule: string, timeZone: string, from: Date): Date {
  const ticks = CronExpressionParser.parse(schedule, { currentDate: from, tz: timeZone });
  ticks.next();
  return ticks.next().toDate();
}
