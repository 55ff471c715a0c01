import { z } from 'zod';
import type { AdminAnswer, AdminClient } from './client.ts';

const account = z.object({
  id: z.number(),
  name: z.string().nullish(),
  /** The account's prefix in its access URL. */
  static_subdomain: z.string().nullish(),
  vanity_subdomain: z.string().nullish(),
});

export type Account = z.output<typeof account>;

/** The account of an id (Admin API v2, "Retrieve account"). */
export function getAccount(client: AdminClient, id: number, signal: AbortSignal): Promise<AdminAnswer<Account>> {
  return client.get(`/api/v2/accounts/${id}/`, account, signal);
}

/** Every account that the token sees (Admin API v2, "List accounts"). */
export function listAccounts(client: AdminClient, signal: AbortSignal): Promise<AdminAnswer<Account[]>> {
  return client.get('/api/v2/accounts/', z.array(account), signal);
}
