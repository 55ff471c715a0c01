import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  GraphQLError,
  type GraphQLFormattedError,
  isScalarType,
  parse,
  validate,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import type { JsonObject } from './artifacts.ts';
import type { Environments } from './environments.ts';

export interface GraphqlRequest {
  query: string;
  variables: JsonObject;
}

export interface GraphqlReply {
  status: number;
  body: { data?: unknown; errors?: GraphQLFormattedError[] };
}

const schema = buildSchema(readFileSync(new URL('../../queries/schema.graphql', import.meta.url), 'utf8'));
const bigInt = schema.getType('BigInt');
if (isScalarType(bigInt)) {
  bigInt.parseValue = wholeNumber;
  bigInt.parseLiteral = (node) => wholeNumber('value' in node ? node.value : undefined);
}

/** Ids come as numbers or as strings of digits, and leave as JSON numbers. */
function wholeNumber(value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new GraphQLError(`BigInt cannot represent a value that is not a whole number: ${JSON.stringify(value)}`);
}

/** The document of each query, or the errors it was refused with: clients send the same few texts again and again. */
const prepared = new Map<string, DocumentNode | GraphQLFormattedError[]>();

function prepare(query: string): DocumentNode | GraphQLFormattedError[] {
  const known = prepared.get(query);
  if (known) return known;
  const result = check(query);
  prepared.set(query, result);
  return result;
}

function check(query: string): DocumentNode | GraphQLFormattedError[] {
  try {
    const document = parse(query);
    const errors = validate(schema, document);
    return errors.length === 0 ? document : errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
}

/** Answers like an Apollo server: 400 for what cannot be executed, else 200 with data, errors or both. */
export function answer({ query, variables }: GraphqlRequest, environments: Environments): GraphqlReply {
  const document = prepare(query);
  if (Array.isArray(document)) return { status: 400, body: { errors: document } };
  const rootValue = { environment: ({ id }: { id: number }) => environmentOf(environments, id) };
  const { data, errors } = executeSync({ schema, document, rootValue, variableValues: variables });
  const formatted = errors?.map((error) => withCode(error, 'INTERNAL_SERVER_ERROR'));
  if (data === undefined) {
    return { status: 400, body: { errors: (errors ?? []).map((error) => withCode(error, 'BAD_USER_INPUT')) } };
  }
  return { status: 200, body: formatted ? { errors: formatted, data } : { data } };
}

function environmentOf(environments: Environments, id: number): JsonObject {
  const view = environments.view(id);
  if (view) return view;
  throw new GraphQLError(`There is no data available for this input: environment ${id}.`, {
    extensions: { code: 'NOT_FOUND' },
  });
}

function withCode(error: GraphQLError, code: string): GraphQLFormattedError {
  const formatted = error.toJSON();
  return { ...formatted, extensions: { code, ...formatted.extensions } };
}

/** The largest page that a query asks for; null when it asks for none, or cannot be executed. */
export function pageSize({ query, variables }: GraphqlRequest): number | null {
  const document = prepare(query);
  if (Array.isArray(document)) return null;
  const sizes: number[] = [];
  visit(document, {
    Argument: ({ name, value }) => {
      if (name.value === 'first') sizes.push(Number(valueFromASTUntyped(value, variables)));
    },
  });
  return sizes.length === 0 ? null : Math.max(...sizes);
}

/** The name under which a request is counted. */
export function operationName(query: string): string {
  return /\bquery\s+(\w+)/.exec(query)?.[1] ?? 'anonymous';
}
