import { deepStrictEqual } from 'node:assert/strict';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

type Fragments = Map<string, FragmentDefinitionNode>;
type Variables = { readonly [name: string]: unknown };
type Value = { readonly [field: string]: unknown };

interface Walk {
  readonly fragments: Fragments;
  readonly variables: Variables;
}

/** A fragment on one concrete type says nothing of an object of another; one on an interface speaks of all. */
function applies(condition: string | undefined, value: Value): boolean {
  const type = value.__typename;
  return condition !== 'ExternalModelNode' || type === undefined || type === condition;
}

function selectedFields(set: SelectionSetNode, value: Value, walk: Walk): Map<string, SelectionSetNode | undefined> {
  const fields = new Map<string, SelectionSetNode | undefined>();
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      fields.set(selection.alias?.value ?? selection.name.value, selection.selectionSet);
      continue;
    }
    const isLeftOut = selection.directives?.some(({ name, arguments: [condition] = [] }) => {
      const given = condition?.value;
      return name.value === 'include' && given?.kind === Kind.VARIABLE && walk.variables[given.name.value] !== true;
    });
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : walk.fragments.get(selection.name.value);
    if (isLeftOut || fragment === undefined || !applies(fragment.typeCondition?.name.value, value)) continue;
    for (const [name, nested] of selectedFields(fragment.selectionSet, value, walk)) fields.set(name, nested);
  }
  return fields;
}

function check(set: SelectionSetNode, value: unknown, path: string, walk: Walk): void {
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) check(set, item, path, walk);
    return;
  }
  const object = value as Value;
  const fields = selectedFields(set, object, walk);
  deepStrictEqual(
    Object.keys(object).sort(),
    [...fields.keys()].sort(),
    `The answer does not match the query at ${path}`,
  );
  for (const [name, nested] of fields) {
    if (nested !== undefined) check(nested, object[name], `${path}.${name}`, walk);
  }
}

export function operationOf(document: DocumentNode): OperationDefinitionNode {
  const found = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (found === undefined) throw new Error('A document of queries/ holds no operation.');
  return found;
}

/**
 * Checks that an answer has the fields that a document selects, all of them and no others, so that what is measured
 * weighs what the service would send. @throws when it does not, naming the place.
 */
export function checkSelection(document: DocumentNode, data: unknown, variables: Variables): void {
  const fragments: Fragments = new Map();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const operation = operationOf(document);
  check(operation.selectionSet, data, operation.name?.value ?? 'query', { fragments, variables });
}
