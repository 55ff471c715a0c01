import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Typed documents of the Discovery API, from queries/ alone: nothing is fetched.
 * BigInt comes as a JSON number today; ids of multi-cell accounts exceed 2^31, so a string is accepted too.
 */
const config: CodegenConfig = {
  schema: 'queries/schema.graphql',
  documents: ['queries/*.graphql', '!queries/schema.graphql'],
  generates: {
    'src/generated/discovery.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        strictScalars: true,
        scalars: {
          BigInt: 'number | string',
          DateTime: 'string',
          JSONObject: 'unknown',
        },
        enumType: 'string-literal',
        futureProofEnums: true,
        useTypeImports: true,
        arrayInputCoercion: false,
      },
    },
  },
};

export default config;
