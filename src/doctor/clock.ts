import { ok, skipped, span, type Verdict, warning } from './check.ts';

/** More than requests take, and more than the whole seconds of an HTTP date hide. */
const TOLERANCE_MS = 60_000;

/** By how many milliseconds other clocks are ahead of ours; undefined for one that could not be read. */
export interface Clocks {
  readonly database: number | undefined;
  readonly dbt: number | undefined;
}

const isOff = (aheadMs: number) => Math.abs(aheadMs) > TOLERANCE_MS;
const side = (aheadMs: number) => `${span(aheadMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;

/** Whose clock is wrong: dbt's may be trusted, so who differs from it has to be mended. */
function wrongClock({ dbt }: Clocks): string {
  if (dbt === undefined) return "this machine and the database's server";
  return isOff(dbt) ? 'this machine' : "the database's server";
}

/** Compares the clock of this machine with the database's and dbt's. */
export function clockVerdict(clocks: Clocks): Verdict {
  const others = [
    { name: "the database's", aheadMs: clocks.database },
    { name: "dbt's", aheadMs: clocks.dbt },
  ].flatMap(({ name, aheadMs }) => (aheadMs === undefined ? [] : [{ name, aheadMs }]));
  if (others.length === 0) return skipped('there is no other clock to compare with');
  const wrong = others.filter(({ aheadMs }) => isOff(aheadMs));
  if (wrong.length === 0) return ok(`within a minute of ${others.map(({ name }) => name).join(' and ')}`);
  const said = wrong.map(({ name, aheadMs }) => `${name} is ${side(aheadMs)} this machine's`).join(', ');
  const message = `The clocks differ (${said}): ages, lags and staleness are told wrongly.`;
  return warning(message, `Let ${wrongClock(clocks)} take the time from the network (NTP).`);
}
