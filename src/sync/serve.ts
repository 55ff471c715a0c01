import type { Probe, Source } from '../domain/source.ts';
import type { IntegrationScope, Pass } from '../domain/store.ts';
import { NORMALIZER_VERSION } from '../normalize/version.ts';
import { bothFailed, type FallbackOptions, lagOf, notInstead } from './fallback.ts';
import { type HistoryOptions, leftOut, lookAtRuns, type Past, readRuns } from './history.ts';
import { type Followed, probed, readState, SourceFailure, type State } from './read.ts';

/** What decides which source serves a pass, and whether anything has to be read at all. */
export interface Serving extends Followed {
  readonly source: Source;
  /** Serves when the source cannot; left out: nobody does. */
  readonly fallback?: FallbackOptions;
  /** Tells the runs beside the first source; the fallback tells them itself. Left out: nobody does. */
  readonly history?: HistoryOptions;
  readonly scope: IntegrationScope;
  /** Reads everything, even when nothing moved since the last complete pass. */
  readonly full: boolean;
}

/** The source that served a pass, and what it said. */
export interface Served {
  readonly source: Source;
  /** Why the first choice did not serve, or did although it should not; null when nothing was against it. */
  readonly fallbackReason: string | null;
  readonly state: State;
  /** What came of asking for runs beside the state; null when nobody was asked. */
  readonly past: Past | null;
}

type Told = Pick<Served, 'state' | 'past'>;

/** How the first source did. */
type Attempt =
  | { readonly kind: 'served'; readonly told: Told }
  | { readonly kind: 'lags'; readonly reason: string; readonly probe: Probe }
  | { readonly kind: 'failed'; readonly reason: string; readonly error: unknown };

function isUnchanged({ token }: Probe, { lastComplete }: Pass, configHash: string): boolean {
  return (
    token !== null &&
    lastComplete?.token === token &&
    lastComplete.configHash === configHash &&
    lastComplete.normalizerVersion === NORMALIZER_VERSION
  );
}

async function stateOf(serving: Serving, pass: Pass, asked: { source: Source; probe: Probe }): Promise<State> {
  const { scope, full } = serving;
  const { source, probe } = asked;
  if (!full && isUnchanged(probe, pass, scope.configHash)) return { reading: null, probe };
  const stored = leftOut(await pass.stored(), full);
  return readState({ source, pass, stored }, probe, serving);
}

/** The runs beside a state, after it: a state that moved is read again from its beginning. */
async function pastOf(serving: Serving, pass: Pass): Promise<Past | null> {
  const { history, scope, full, signal } = serving;
  if (history === undefined) return null;
  const isSameQuestion = !full && pass.lastComplete?.configHash === scope.configHash;
  const { probe, past } = await lookAtRuns(history, isSameQuestion ? pass.lastHistory : null, signal);
  return past ?? readRuns(history, { pass, probe, full }, serving);
}

async function toldBy(serving: Serving, pass: Pass, asked: { source: Source; probe: Probe }): Promise<Told> {
  const state = await stateOf(serving, pass, asked);
  return { state, past: asked.source === serving.source ? await pastOf(serving, pass) : null };
}

async function tryFirst(serving: Serving, pass: Pass, fallback: FallbackOptions): Promise<Attempt> {
  const { source, signal } = serving;
  try {
    const probe = await probed(source, signal);
    const reason = await lagOf(fallback, { probe, stored: await pass.stored() }, signal);
    if (reason !== null) return { kind: 'lags', reason, probe };
    return { kind: 'served', told: await toldBy(serving, pass, { source, probe }) };
  } catch (error) {
    const reason = error instanceof SourceFailure && !signal.aborted ? fallback.reasonFor(error.cause) : null;
    if (reason === null || !(error instanceof SourceFailure)) throw error;
    return { kind: 'failed', reason, error: error.cause };
  }
}

/** A source that lags is still better than none. */
async function serveLagging(serving: Serving, pass: Pass, { probe, reason }: { probe: Probe; reason: string }) {
  const { source } = serving;
  await pass.restart({ source: source.name, reason });
  return { source, fallbackReason: reason, ...(await toldBy(serving, pass, { source, probe })) };
}

/**
 * Lets the first source serve the pass, or the other one when the first cannot or lags.
 * @throws SourceFailure around what a source threw when nobody served; what the pass throws as it is.
 */
export async function serve(serving: Serving, pass: Pass): Promise<Served> {
  const { source, fallback, signal, onPhase } = serving;
  onPhase?.('probe');
  if (fallback === undefined) {
    const probe = await probed(source, signal);
    return { source, fallbackReason: null, ...(await toldBy(serving, pass, { source, probe })) };
  }
  const first = await tryFirst(serving, pass, fallback);
  if (first.kind === 'served') return { source, fallbackReason: null, ...first.told };
  const { reason } = first;
  const other = fallback.source;
  await pass.restart({ source: other.name, reason });
  try {
    const probe = await probed(other, signal);
    return { source: other, fallbackReason: reason, ...(await toldBy(serving, pass, { source: other, probe })) };
  } catch (error) {
    if (!(error instanceof SourceFailure) || signal.aborted) throw error;
    const second = error.cause;
    if (first.kind === 'failed') throw bothFailed({ reason, first: first.error, second }, fallback);
    return serveLagging(serving, pass, { probe: first.probe, reason: `${reason} ${notInstead(second)}` });
  }
}
