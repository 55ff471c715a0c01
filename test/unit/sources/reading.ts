import type { StoreRecord } from '../../../src/domain/records.ts';
import { NOTHING_STORED } from '../../../src/domain/source.ts';
import { createDiscoverySource } from '../../../src/sources/discovery/source.ts';
import { fakeService, type Service } from './fake-service.ts';

export const signal = new AbortController().signal;
export const ENVIRONMENT = 70403103966027;

export function sourceOf(service: Service, jobId: number | null = null) {
  const { client, asked } = fakeService(service);
  return { source: createDiscoverySource({ client, environmentId: ENVIRONMENT, jobId }), asked };
}

export async function read(service: Service, jobId: number | null = null) {
  const { source, asked } = sourceOf(service, jobId);
  const pages = await all(source.pages(signal, NOTHING_STORED));
  const records: StoreRecord[] = pages.flatMap((page) => page.records);
  return { asked, pages, records, incomplete: pages.flatMap((page) => page.incomplete) };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export const kindsOf = (records: readonly StoreRecord[], uniqueId: string) =>
  records.filter((record) => record.uniqueId === uniqueId).map(({ kind }) => kind);
