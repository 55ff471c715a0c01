/** What of real artifacts is rejected, and why. Whatever is not in this list must be read. */
export const REJECTS: Readonly<Record<string, readonly string[]>> = {
  // Made by hand for a test of another program: a count that is a text, and a row without a unique id.
  'OpenLineage__OpenLineage__v12-1.8.6-snowflake-no_test_metadata-0cf2d70': [
    'test.jaffle_shop.not_null_customers_customer_id.923d2d910a: result: failures: "Test failure" is not a count',
    'null: result: unique_id: Too small: expected string to have >=1 characters',
  ],
  'OpenLineage__OpenLineage__v12-1.8.6-snowflake-no_test_metadata-5a21caa': [
    'test.jaffle_shop.not_null_customers_customer_id.923d2d910a: result: failures: "Test failure" is not a count',
    'null: result: unique_id: Too small: expected string to have >=1 characters',
  ],
};

/** Sets that are not whole, and the sentence that says so. */
export const INCOMPLETE: Readonly<Record<string, RegExp>> = {
  'coderxio__sagerx__v9-1.5.1-postgres-7347e9f': /has no manifest\.json/,
};

/** Files of sets that are not read, and the sentences that say so. */
export const LEFT_OUT: Readonly<Record<string, readonly RegExp[]>> = {
  // Left by the project that lay there before: the manifest has no node of its one package.
  'BenjaminLevain__sumup__v9-1.5.2-snowflake-3b1510b': [
    /catalog\.json\.gz is of another project: it tells of nodes of dbtlearn alone/,
    /sources\.json\.gz is of another project: it tells of nodes of dbtlearn alone/,
  ],
};
