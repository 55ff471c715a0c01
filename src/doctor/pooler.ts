/**
 * What to write instead of an address at which a transaction pooler answers. Services that are known by their host or
 * port have a second address (Supabase and Neon: "Connect to your database"; DigitalOcean, Azure: "PgBouncer").
 */
export function poolerMend(url: string): string {
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '' };
  const say = (what: string) => `In database.url, ${what}.`;
  if (hostname.endsWith('.pooler.supabase.com'))
    return say('write port 5432 instead of 6543: the session mode of the same pooler');
  if (/-pooler\./.test(hostname)) return say(`write the host without "-pooler": ${hostname.replace('-pooler.', '.')}`);
  if (port === '25061') return say('write port 25060, the server itself, instead of 25061');
  if (port === '6543' || port === '6432') {
    return say(
      `write the port of the server itself, usually 5432, instead of ${port}, or set pool_mode=session for this database in the pooler`,
    );
  }
  return say('name the server itself, usually at port 5432, or set pool_mode=session for this database in the pooler');
}
