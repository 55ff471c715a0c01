import { expect, test } from 'vitest';
import { maskEmails } from '../../../src/domain/emails.ts';

test.each([
  ['Kicked off from UI by jane.doe@example.com', 'Kicked off from UI by ***@***'],
  ["jürgen+dbt@mail.example.co.uk, then o'neil@x-y.io.", '***@***, then ***@***.'],
  ['Triggered by <ops_team@example.com>', 'Triggered by <***@***>'],
  ['{"by":"a@b.de","for":"c@d.de"}', '{"by":"***@***","for":"***@***"}'],
])('the addresses in %s are masked', (text, masked) => {
  expect(maskEmails(text)).toBe(masked);
});

test.each([
  'scheduled',
  'dbt build --select @fct_orders',
  'dbt_utils@1.3.0',
  'https://example.com/@user',
  'a @ b.c',
])('%s has no address and stays as it is', (text) => {
  expect(maskEmails(text)).toBe(text);
});
