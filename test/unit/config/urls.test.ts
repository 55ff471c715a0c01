import { describe, expect, test } from 'vitest';
import { databaseUrlProblem, maskUrl, webUrlProblem } from '../../../src/config/urls.ts';

describe('a database URL', () => {
  test.each([
    'postgres://localhost/app',
    'postgresql://user:pw@db.example:6432/app?sslmode=verify-full',
    'postgresql:///app?host=/var/run/postgresql',
    'postgresql://user:pw@/app?host=/var/run/postgresql',
    'postgresql://user:p%40ss@[::1]:5432/app',
  ])('may be %s', (url) => {
    expect(databaseUrlProblem(url)).toBeUndefined();
  });

  test.each([
    'mysql://u:hunter2@h/d',
    'u:hunter2@h/d',
    'postgres:hunter2',
    'postgresql://u:hunter2/3@h/d',
    'hunter2',
  ])('is refused without being repeated: %s', (url) => {
    const problem = databaseUrlProblem(url);
    expect(problem).toContain('must be a URL such as postgresql://');
    expect(problem).not.toContain('hunter2');
  });

  test('is refused when it is empty', () => {
    expect(databaseUrlProblem(' ')).toContain('is empty');
  });
});

describe('a web address', () => {
  test.each([
    'https://ab123.us1.dbt.com',
    'http://127.0.0.1:8581/graphql',
    'ab123.us1.dbt.com',
    'localhost:8080',
    'https://metadata/graphql',
    ' https://ab123.us1.dbt.com ',
  ])('may be %s', (url) => {
    expect(webUrlProblem(url)).toBeUndefined();
  });

  test.each([
    '',
    'ftp://ab123.us1.dbt.com',
    'https://',
    'dbtc_hunter2',
    'two words.com',
    'javascript:alert(1)',
  ])('is refused without being repeated: %j', (url) => {
    expect(webUrlProblem(url)).toBe('must be a web address such as https://ab123.us1.dbt.com');
  });

  test.each(['https://user:pw@ab123.us1.dbt.com', 'token@ab123.us1.dbt.com'])('may not hold credentials: %s', (url) => {
    expect(webUrlProblem(url)).toBe('must not hold a user name or password');
  });
});

describe('a masked URL', () => {
  test.each([
    ['postgresql://user:hunter2@db:5432/app', 'postgresql://user:***@db:5432/app'],
    ['postgresql://user@db/app?sslmode=require', 'postgresql://user@db/app?sslmode=require'],
    ['postgresql://db/app?user=u&password=hunter2&x=1', 'postgresql://db/app?user=u&password=***&x=1'],
    ['postgresql://db/app?sslpassword=hunter2', 'postgresql://db/app?sslpassword=***'],
    ['https://host/graphql?token=hunter2', 'https://host/graphql?token=***'],
    ['https://host/graphql?a=b', 'https://host/graphql?a=b'],
  ])('of %s is %s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });

  test.each([
    'postgresql://u:hunter2/x@db/app',
    'postgresql://u:12/hunter2@db/app',
    'postgresql://u:12?hunter2@db/app',
    'postgresql://u:12#hunter2@db/app',
    'postgresql://u:hun@ter2@db/app',
    'postgresql://u:hunter2@/app?host=/tmp',
    'hunter2',
  ])('shows nothing of the password however it is written: %s', (url) => {
    expect(maskUrl(url)).not.toMatch(/hun|ter2/);
  });
});
