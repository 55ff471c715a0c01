const parsed = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};

// PostgreSQL clients take an empty host (a socket named by ?host=), which URLs with a user name do not have.
const databaseUrl = (text: string): URL | undefined => parsed(text) ?? parsed(text.replace('@/', '@localhost/'));

// An "@" after the host means that a password was not percent-encoded, so that its end cannot be known.
const isAmbiguous = (url: URL): boolean => `${url.pathname}${url.search}${url.hash}`.includes('@');

/** What is wrong with a PostgreSQL connection URL, or undefined; the URL itself is not repeated. */
export const databaseUrlProblem = (text: string): string | undefined => {
  if (text.trim() === '') return 'is empty: give it a value or leave it out';
  const url = databaseUrl(text);
  const scheme = url?.protocol;
  if (url && (scheme === 'postgres:' || scheme === 'postgresql:') && text.includes('://')) return undefined;
  return 'must be a URL such as postgresql://user:password@host:5432/database (special characters of the password percent-encoded)';
};

/** An address with the scheme it is asked with: `https` when the text has none. */
export const withScheme = (text: string): string => (text.includes('://') ? text : `https://${text}`).trim();

/** Hosts of this machine, which may be asked without encryption. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What is wrong with a web address, or undefined; the address itself is not repeated. */
export const webUrlProblem = (text: string): string | undefined => {
  const url = parsed(withScheme(text.trim()));
  const hasName = text.includes('://') || /^(localhost\b|\[|[^/?#]*\.)/.test(text.trim());
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isWeb || !hasName || /\s/.test(text.trim()))
    return 'must be a web address such as https://ab123.us1.dbt.com';
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return 'must begin with https://, or the token would cross the network in clear';
  return url.username || url.password ? 'must not hold a user name or password' : undefined;
};

/**
 * The URL as it may be shown: its password, and query parameters named like one, read `***`. Where the end of the
 * password cannot be told, everything after the scheme is masked.
 */
export const maskUrl = (text: string): string => {
  const url = databaseUrl(text);
  if (!url) return '***';
  if (isAmbiguous(url)) return `${url.protocol}//***`;
  const search = url.search.replace(/([?&][^=&]*(?:pass|secret|token)[^=&]*=)[^&]*/gi, '$1***');
  if (!url.password && search === url.search) return text;
  if (url.password) url.password = '***';
  url.search = search;
  return url.href;
};
