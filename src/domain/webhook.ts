import type { Instant } from './records.ts';

/** What a webhook of dbt tells of a run, as far as it could be read (docs.getdbt.com, "Webhooks for your jobs"). */
export interface WebhookEvent {
  /** dbt's own, or made of what was sent where it has none: the same delivery has the same. */
  readonly id: string;
  /** `job.run.started`, `job.run.completed`, `job.run.errored`, or a word unknown to us; null of a test delivery. */
  readonly type: string | null;
  readonly sentAt: Instant | null;
  readonly accountId: number | null;
  readonly projectId: number | null;
  readonly environmentId: number | null;
  readonly jobId: number | null;
  readonly runId: number | null;
  /** In the words of a run's status; a word unknown to us is kept as it is. */
  readonly status: string | null;
  readonly startedAt: Instant | null;
  /** When the run ended or, of an error, when it was met. */
  readonly finishedAt: Instant | null;
  /** Why the run was begun, its e-mail addresses masked. */
  readonly reason: string | null;
  /** Why it ended as it did, its e-mail addresses masked. */
  readonly message: string | null;
  readonly dbtVersion: string | null;
}

/** An event as it came. */
export interface ReceivedEvent extends Pick<WebhookEvent, 'id' | 'type' | 'sentAt'> {
  /** What was sent, fit to be kept. */
  readonly body: unknown;
}

/** What came of an event that was to be kept. */
export type Delivery = 'stored' | 'duplicate';

/** What was done about an event. */
export type EventOutcome = 'synced' | 'noted' | 'ignored' | 'failed';

/** What is known of a run by webhooks alone. */
export interface RunNews {
  readonly runId: string;
  readonly jobId: number | null;
  readonly environmentId: number | null;
  readonly status: string | null;
  readonly reason: string | null;
  readonly dbtVersion: string | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly url: string | null;
  readonly errorMessage: string | null;
}
