/** What a sync does, the most specific first. */
export const ACTIVITIES = ['parse', 'normalize', 'publish', 'stage', 'fetch', 'rest'] as const;

export type Activity = (typeof ACTIVITIES)[number];
export type Shares = { readonly [activity in Activity]: number };

/**
 * Divides the wall clock between activities that overlap: each moment belongs to the first one of ACTIVITIES that is
 * under way, and to `rest` when none is, so that the shares add up to the whole.
 */
export class ActivityClock {
  readonly #underWay = new Map<Activity, number>();
  readonly #spent: Record<Activity, number> = { parse: 0, normalize: 0, publish: 0, stage: 0, fetch: 0, rest: 0 };
  #since = performance.now();

  /** Milliseconds per activity since the clock was made. */
  shares(): Shares {
    this.#settle();
    return { ...this.#spent };
  }

  run<Result>(activity: Activity, work: () => Result): Result {
    this.#move(activity, 1);
    try {
      return work();
    } finally {
      this.#move(activity, -1);
    }
  }

  async runAsync<Result>(activity: Activity, work: () => Promise<Result>): Promise<Result> {
    this.#move(activity, 1);
    try {
      return await work();
    } finally {
      this.#move(activity, -1);
    }
  }

  #move(activity: Activity, step: number): void {
    this.#settle();
    this.#underWay.set(activity, (this.#underWay.get(activity) ?? 0) + step);
  }

  #settle(): void {
    const now = performance.now();
    const current = ACTIVITIES.find((activity) => (this.#underWay.get(activity) ?? 0) > 0) ?? 'rest';
    this.#spent[current] += now - this.#since;
    this.#since = now;
  }
}
