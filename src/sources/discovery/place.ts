import type { Secret } from '../../domain/secret.ts';

/** Where a request went, for the sentence that says what is wrong. */
export interface Place {
  readonly url: string;
  readonly environmentId: number;
  /** Taken out of whatever others say of the request. */
  readonly token: Secret;
  /** The setting that the URL comes from. */
  readonly setting: 'access_url' | 'discovery_url';
}
