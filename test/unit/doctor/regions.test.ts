import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../../src/doctor/access-url.ts';
import { otherRegionHint } from '../../../src/doctor/regions.ts';

describe('a token that its host does not know', () => {
  it.each([
    ['ab123.us1.dbt.com', 'of another region than North America (AWS)', 'https://ab123.<region>.dbt.com'],
    ['cloud.getdbt.com', 'the old shared address of North America (AWS)', 'https://<prefix>.us1.dbt.com'],
    ['emea.dbt.com', 'the old shared address of Europe, Frankfurt (AWS)', 'https://<prefix>.eu1.dbt.com'],
    ['au.dbt.com', 'the old shared address of Australia (AWS)', 'https://<prefix>.au1.dbt.com'],
    ['acme.getdbt.com', 'an address that dbt has given up', 'https://<prefix>.<subdomain>.dbt.com'],
    ['ab123.us9.dbt.com', '"us9" is not one of the regions us1, us2', 'compare access_url'],
    ['dbt.acme.internal', 'of another account', 'compare access_url'],
  ])('at %s may be one that is told', (host, is, instead) => {
    expect(otherRegionHint(host)).toContain(is);
    expect(otherRegionHint(host)).toContain(instead);
  });

  it('has its whole access URL told where the account has told its prefix', () => {
    expect(otherRegionHint('emea.dbt.com', 'ab123')).toContain('https://ab123.eu1.dbt.com,');
  });
});

describe('an access URL', () => {
  it.each([
    ['https://ab123.us1.dbt.com', 'ok', 'https://ab123.metadata.us1.dbt.com/graphql'],
    ['https://dbt.acme.internal', 'ok', 'https://metadata.dbt.acme.internal/graphql'],
    ['https://ab123.us1.dbt.com/deploy/1/projects/2', 'warning', 'https://ab123.metadata.us1.dbt.com/graphql'],
    ['https://emea.dbt.com', 'warning', 'https://metadata.emea.dbt.com/graphql'],
    ['https://cloud.getdbt.com', 'warning', 'https://metadata.cloud.getdbt.com/graphql'],
    ['https://us1.dbt.com', 'failed', undefined],
    ['https://10.0.0.7', 'failed', undefined],
    ['https://ab123.metadata.us1.dbt.com/graphql', 'failed', undefined],
    ['https://ab123.semantic-layer.us1.dbt.com/api/graphql', 'failed', undefined],
  ])('%s is %s', (accessUrl, status, endpoint) => {
    const { verdict, discovery } = addressesOf({ accessUrl });
    expect([verdict.status, discovery]).toEqual([status, endpoint]);
  });

  it.each([
    ['https://ab123.metadata.us1.dbt.com/graphql', 'Write access_url: https://ab123.us1.dbt.com ('],
    ['https://metadata.emea.dbt.com/graphql', 'Write access_url: https://emea.dbt.com ('],
    ['https://ab123.semantic-layer.eu1.dbt.com', 'Write access_url: https://ab123.eu1.dbt.com ('],
    ['https://ab123.us1.dbt.com/deploy/1', 'Write access_url: https://ab123.us1.dbt.com'],
    ['https://10.0.0.7', 'Give discovery_url, too, or write the access URL'],
    ['https://eu1.dbt.com', 'Write the whole address'],
    ['https://login.dbt.com', 'such as https://ab123.us1.dbt.com'],
  ])('%s is mended', (accessUrl, mend) => {
    expect(addressesOf({ accessUrl }).verdict.mend).toContain(mend);
  });

  it.each([
    'https://us1.dbt.com',
    'https://10.0.0.7',
  ])('%s is refused in words that are not said twice', (accessUrl) => {
    const { message, mend = '' } = addressesOf({ accessUrl }).verdict;
    expect(message).not.toMatch(/discovery_url|Access URLs/);
    expect(mend).not.toBe('');
  });

  it.each([
    ['https://ab123.metadata.us1.dbt.com', 'warning', undefined],
    ['https://us1.dbt.com', 'warning', undefined],
    ['https://emea.dbt.com', 'warning', 'https://emea.dbt.com'],
    ['http://127.0.0.1:8581', 'ok', 'http://127.0.0.1:8581'],
    ['https://ab123.us1.dbt.com', 'ok', 'https://ab123.us1.dbt.com'],
  ])('%s beside a discovery_url is %s', (accessUrl, status, origin) => {
    const { verdict, discovery, admin } = addressesOf({ accessUrl, discoveryUrl: 'https://a.example/graphql' });
    expect([verdict.status, discovery, admin]).toEqual([status, 'https://a.example/graphql', origin]);
  });

  it('may be left out where the endpoint is given', () => {
    const { verdict, discovery, admin } = addressesOf({ discoveryUrl: 'https://a.example/graphql' });
    expect([verdict.status, discovery, admin]).toEqual(['ok', 'https://a.example/graphql', undefined]);
  });
});
