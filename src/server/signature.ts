import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../domain/secret.ts';

const HEX = /^[0-9a-f]{64}$/i;

/** Whether a header can be a signature at all, which is told without reading the body. */
export const isSignatureLike = (header: string | undefined): header is string =>
  header !== undefined && HEX.test(header);

/**
 * Whether one of the secrets signed these bytes: the header is the hex HMAC-SHA256 of the raw body, without any prefix
 * (docs.getdbt.com, "Validate a webhook"). How long it takes tells nothing of the secrets nor of which one fits.
 */
export function isSigned(body: Uint8Array, header: string | undefined, secrets: readonly Secret[]): boolean {
  if (!isSignatureLike(header)) return false;
  const told = Buffer.from(header, 'hex');
  let fits = false;
  for (const secret of secrets) {
    const mac = createHmac('sha256', secret.reveal()).update(body).digest();
    fits = timingSafeEqual(mac, told) || fits;
  }
  return fits;
}
