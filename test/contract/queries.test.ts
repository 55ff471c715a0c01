import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  NoDeprecatedCustomRule,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const introspectionFile = fileURLToPath(new URL('../shared/dbt/discovery-introspection-2024-12.json', root));
const serviceKnown = existsSync(introspectionFile);
const read = (name: string) => readFileSync(new URL(`queries/${name}`, root), 'utf8');

const files = readdirSync(new URL('queries/', root)).filter((name) => name !== 'schema.graphql');
const documents = parse(files.map(read).join('\n'));
const sdl = read('schema.graphql');
const ours = buildSchema(sdl);
const ourTypes = Object.values(ours.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

function lines(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map((value) => `${type.name}.${value.name}`);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => `${type.name}.${field.name}: ${field.type}`);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [`scalar ${type.name}`];
  const implemented = type.getInterfaces().map((parent) => `${type.name} implements ${parent.name}`);
  const fields = Object.values(type.getFields()).flatMap((field) => [
    `${type.name}.${field.name}: ${field.type}`,
    ...field.args.map((arg) => `${type.name}.${field.name}(${arg.name}: ${arg.type})`),
  ]);
  return [...implemented, ...fields];
}

function facts(schema: GraphQLSchema): Set<string> {
  return new Set(Object.values(schema.getTypeMap()).flatMap((type) => [`type ${type.name}`, ...lines(type)]));
}

/** Every type and field that the queries name, and the types behind their variables and abstract selections. */
function reached(schema: GraphQLSchema): { types: Set<string>; fields: Set<string> } {
  const types = new Set<string>();
  const fields = new Set<string>();
  const add = (type: GraphQLNamedType): void => {
    if (types.has(type.name)) return;
    types.add(type.name);
    if (isInterfaceType(type)) for (const possible of schema.getPossibleTypes(type)) add(possible);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) add(getNamedType(field.type));
  };
  const info = new TypeInfo(schema);
  visit(
    documents,
    visitWithTypeInfo(info, {
      enter() {
        for (const type of [info.getType(), info.getInputType(), info.getParentType()])
          if (type) add(getNamedType(type));
        const [parent, field] = [info.getParentType(), info.getFieldDef()];
        if (parent && field) fields.add(`${parent.name}.${field.name}`);
      },
    }),
  );
  return { types, fields };
}

describe('the queries and our own schema', () => {
  it('validates every document', () => {
    expect(validate(ours, documents).map((error) => error.message)).toEqual([]);
  });

  it('keeps no type that no query reaches', () => {
    const { types } = reached(ours);
    expect(ourTypes.map((type) => type.name).filter((name) => !types.has(name))).toEqual([]);
  });

  it('keeps no field that no query asks, but those an asked interface demands', () => {
    const { fields } = reached(ours);
    const unasked = ourTypes.flatMap((type) => {
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      const demanded = new Set(type.getInterfaces().flatMap((parent) => Object.keys(parent.getFields())));
      const names = Object.keys(type.getFields()).filter((name) => !demanded.has(name));
      return names.map((name) => `${type.name}.${name}`).filter((name) => !fields.has(name));
    });
    expect(unasked).toEqual([]);
  });

  it('copies no description and no comment', () => {
    expect(sdl).not.toMatch(/["#]/);
  });

  it('pages every connection with the same three variables', () => {
    const variables = documents.definitions.flatMap((definition) =>
      definition.kind === 'OperationDefinition' && definition.name?.value !== 'Probe'
        ? [definition.variableDefinitions?.map(({ variable }) => variable.name.value).slice(0, 4)]
        : [],
    );
    expect(variables).toHaveLength(17);
    for (const names of variables) expect(names).toEqual(['environmentId', 'first', 'after', 'filter']);
  });
});

if (!serviceKnown) {
  console.warn(
    `NOT PROVEN: ${introspectionFile} is absent, so nothing here shows that the Discovery API of dbt accepts ` +
      'the documents in queries/, nor that queries/schema.graphql states its types truly.',
  );
}

describe.skipIf(!serviceKnown)('the queries and the introspection of the service', () => {
  const service = serviceKnown ? buildClientSchema(JSON.parse(readFileSync(introspectionFile, 'utf8'))) : ours;

  it.each(files.filter((name) => name !== 'fragments.graphql'))('accepts %s', (name) => {
    const used = [read(name), read('fragments.graphql')].join('\n');
    const unusedFragment = /Fragment "\w+" is never used/;
    const errors = validate(service, parse(used)).map((error) => error.message);
    expect(errors.filter((message) => !unusedFragment.test(message))).toEqual([]);
  });

  it('names nothing that the service has deprecated', () => {
    expect(validate(service, documents, [NoDeprecatedCustomRule]).map((error) => error.message)).toEqual([]);
  });

  it('states every type, field, argument, input field and enum value as the service does', () => {
    const known = facts(service);
    expect(
      ourTypes.flatMap((type) => [`type ${type.name}`, ...lines(type)]).filter((fact) => !known.has(fact)),
    ).toEqual([]);
  });

  it('has every possible type of the interfaces it selects, so no parent is unknown to us', () => {
    const missing = ourTypes.filter(isInterfaceType).flatMap((type) => {
      const real = service.getType(type.name);
      const all = isInterfaceType(real) ? service.getPossibleTypes(real) : [];
      return all.map((possible) => possible.name).filter((name) => !ours.getType(name));
    });
    expect(missing).toEqual([]);
  });
});
