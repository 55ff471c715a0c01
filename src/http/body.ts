/** An answer is larger than we are willing to hold; asking for less of it may help. */
export class OversizedError extends Error {
  override readonly name = 'OversizedError';
  constructor(limit: number) {
    super(`The answer is larger than ${Math.round(limit / 1_000_000)} MB.`);
  }
}

/**
 * The chunks of a body, but never more than `limit` bytes of them.
 * @throws OversizedError as soon as that is clear; whatever breaks the connection otherwise.
 */
export async function* chunksOf(response: Response, limit: number): AsyncGenerator<Uint8Array> {
  if (Number(response.headers.get('content-length') ?? 0) > limit) {
    await response.body?.cancel();
    throw new OversizedError(limit);
  }
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > limit) throw new OversizedError(limit);
    yield chunk;
  }
}

/** Reads a whole body, in the manner of {@link chunksOf}. */
export async function readBody(response: Response, limit: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(response, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
