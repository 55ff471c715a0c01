import { type DefinitionNode, type DocumentNode, type FieldNode, Kind, type SelectionSetNode, visit } from 'graphql';
import type { Document } from './client.ts';

const ONLY_ID: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'uniqueId' } }],
};

const isField = (node: unknown, name: string): node is FieldNode =>
  (node as FieldNode | undefined)?.kind === Kind.FIELD && (node as FieldNode).name.value === name;

/** The nodes of a connection, and those alone, ask for nothing but their unique ids. */
function pruned(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: (field) => {
      if (!isField(field, 'edges')) return undefined;
      const selections = field.selectionSet?.selections ?? [];
      const bare = selections.map((one) => (isField(one, 'node') ? { ...one, selectionSet: ONLY_ID } : one));
      return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections: bare } };
    },
  });
}

/** The names of the variables and fragments that a part of a document uses. */
function usedIn(document: DocumentNode): { variables: Set<string>; fragments: Set<string> } {
  const variables = new Set<string>();
  const fragments = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void variables.add(name.value),
    FragmentSpread: ({ name }) => void fragments.add(name.value),
  });
  return { variables, fragments };
}

/** Leaves out the fragments and variables that nothing uses any more, which a service refuses. */
function tidied(document: DocumentNode): DocumentNode {
  const { variables, fragments } = usedIn(document);
  const definitions = document.definitions.flatMap((one): DefinitionNode[] => {
    if (one.kind === Kind.FRAGMENT_DEFINITION) return fragments.has(one.name.value) ? [one] : [];
    if (one.kind !== Kind.OPERATION_DEFINITION) return [one];
    const kept = one.variableDefinitions?.filter(({ variable }) => variables.has(variable.name.value)) ?? [];
    return [{ ...one, variableDefinitions: kept }];
  });
  const isDone = definitions.length === document.definitions.length;
  return isDone ? { ...document, definitions } : tidied({ ...document, definitions });
}

const known = new WeakMap<DocumentNode, DocumentNode>();

/** The same query of a connection, asking of its nodes nothing but their unique ids. */
export function uniqueIdsOnly<Result>(document: Document<Result>): Document<Result> {
  const found = known.get(document) ?? tidied(pruned(document));
  known.set(document, found);
  return found as Document<Result>;
}
