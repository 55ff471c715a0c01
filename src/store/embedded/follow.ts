import { readFileSync } from 'node:fs';
import { postmasterFile, readyPort } from './postmaster.ts';

/**
 * How a server is reached, told anew at each asking: whoever starts it again may give it another port. While it is down
 * that is what was told before. The file is read at once, because a connection is made without waiting for anything.
 * @param url the connection string of its server as it was reached the last time.
 */
export function followedUrl(url: string, dataDirectory: string): () => string {
  let last = url;
  return () => {
    const port = portIn(dataDirectory);
    if (port !== undefined) {
      const moved = new URL(last);
      moved.port = String(port);
      last = moved.href;
    }
    return last;
  };
}

function portIn(dataDirectory: string): number | undefined {
  try {
    return readyPort(readFileSync(postmasterFile(dataDirectory), 'utf8'));
  } catch {
    return undefined;
  }
}
