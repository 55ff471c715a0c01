import { expect, it } from 'vitest';
import { webUrlProblem } from '../../../src/config/urls.ts';

it.each([
  'http://ab123.us1.dbt.com',
  'http://dbt.corp.internal/graphql',
  'http://10.0.0.5',
])('refuses %s, which would send the token in clear', (url) => {
  expect(webUrlProblem(url)).toMatch(/must begin with https:/);
});

it.each([
  'http://127.0.0.1:8080/graphql',
  'http://localhost:3000',
  'http://[::1]:3000',
  'https://ab123.us1.dbt.com',
])('accepts %s', (url) => {
  expect(webUrlProblem(url)).toBeUndefined();
});
