import { describe, expect, it } from 'vitest';
import { FatalError } from '../../../src/domain/errors.ts';
import { discoveryUrl } from '../../../src/sources/hosts.ts';

describe('the Discovery endpoint of an access URL', () => {
  it.each([
    ...['us1', 'us2', 'us3', 'eu1', 'eu2', 'eu3', 'eu4', 'au1', 'au2', 'jp1'].map((region) => [
      `https://ab123.${region}.dbt.com`,
      `https://ab123.metadata.${region}.dbt.com/graphql`,
    ]),
    ['https://ab123.acme.dbt.com', 'https://ab123.metadata.acme.dbt.com/graphql'],
    ['https://ab123.eu-west.acme.dbt.com', 'https://ab123.metadata.eu-west.acme.dbt.com/graphql'],
    ['https://cloud.getdbt.com', 'https://metadata.cloud.getdbt.com/graphql'],
    ['https://emea.getdbt.com', 'https://metadata.emea.getdbt.com/graphql'],
    ['https://abc.getdbt.com', 'https://metadata.abc.getdbt.com/graphql'],
    ['https://emea.dbt.com', 'https://metadata.emea.dbt.com/graphql'],
    ['https://au.dbt.com', 'https://metadata.au.dbt.com/graphql'],
    ['https://dbt.corp.internal', 'https://metadata.dbt.corp.internal/graphql'],
    ['http://dbt.corp.internal:8443', 'http://metadata.dbt.corp.internal:8443/graphql'],
  ])('%s is %s', (access, discovery) => {
    expect(discoveryUrl(access)).toBe(discovery);
  });

  it.each([
    'https://AB123.US1.dbt.com',
    'https://ab123.us1.dbt.com/',
    'https://ab123.us1.dbt.com./',
    'https://ab123.us1.dbt.com:443',
    'https://ab123.us1.dbt.com/deploy/70403103966025/projects/1?tab=runs#top',
    ' https://ab123.us1.dbt.com ',
    'https://user:password@ab123.us1.dbt.com',
  ])('does not depend on how the address is written: %s', (access) => {
    expect(discoveryUrl(access)).toBe('https://ab123.metadata.us1.dbt.com/graphql');
  });

  it('takes no other host for one of dbt because of how it ends', () => {
    expect(discoveryUrl('https://ab123.notdbt.com')).toBe('https://metadata.ab123.notdbt.com/graphql');
  });
});

describe('an address that is no access URL', () => {
  it.each([
    'https://ab123.metadata.us1.dbt.com',
    'https://ab123.metadata.us1.dbt.com/graphql',
    'https://metadata.cloud.getdbt.com',
    'https://ab123.semantic-layer.us1.dbt.com',
    'https://semantic-layer.emea.dbt.com',
  ])('is refused when it is the host of an API: %s', (access) => {
    expect(() => discoveryUrl(access)).toThrow(FatalError);
    expect(() => discoveryUrl(access)).toThrow('discovery_url');
  });

  it.each([
    'https://us1.dbt.com',
    'https://eu4.dbt.com',
    'https://jp1.dbt.com',
    'https://login.dbt.com',
  ])('is refused when the prefix of the account is missing: %s', (access) => {
    expect(() => discoveryUrl(access)).toThrow(FatalError);
    expect(() => discoveryUrl(access)).toThrow('Account settings > Access URLs');
  });

  it.each([
    '',
    'no address',
    'https://',
    'ab123.us1.dbt.com:443',
    'ftp://ab123.us1.dbt.com',
    'mailto:a@us1.dbt.com',
  ])('is refused when it is no web address: %j', (access) => {
    expect(() => discoveryUrl(access)).toThrow(FatalError);
  });

  it.each(['http://127.0.0.1:8581', 'http://[::1]:8581'])('is refused when it is an IP address: %s', (access) => {
    expect(() => discoveryUrl(access)).toThrow(FatalError);
    expect(() => discoveryUrl(access)).toThrow('discovery_url');
  });

  it('shows no password that it holds', () => {
    expect(() => discoveryUrl('https://user:hunter2@us1.dbt.com')).toThrow(/^(?!.*hunter2).*$/s);
  });
});
