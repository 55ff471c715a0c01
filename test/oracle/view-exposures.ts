import type { Context, Row } from './context.ts';
import { textOf } from './json.ts';
import type { StoredNode } from './syncs.ts';
import { verdictOf } from './verdict.ts';
import { breaches } from './view-sources.ts';

export function exposures(context: Context): Row[] {
  return context.present
    .filter((node) => node.fact.resourceType === 'exposure')
    .map((node) => {
      const { fact } = node;
      const owner = context.owner(node);
      return {
        integration: context.integration,
        unique_id: fact.uniqueId,
        name: fact.name,
        label: textOf(fact.raw.label),
        exposure_type: textOf(fact.raw.type),
        maturity: textOf(fact.raw.maturity),
        url: textOf(fact.raw.url),
        description: fact.description,
        owner_name: owner.name,
        owner_email: owner.email,
        tags: [...fact.tags],
        meta: fact.meta,
        ...upstreamColumns(context, node),
      };
    });
}

/** Counts over ancestors at any distance, and the worst that any of them says. */
function upstreamColumns(context: Context, node: StoredNode): Row {
  const ancestors = [...context.graph.upstream(node.fact.uniqueId).keys()].flatMap(
    (uniqueId) => context.stored.nodes.get(uniqueId) ?? [],
  );
  const ofType = (type: string) => ancestors.filter(({ fact }) => fact.resourceType === type);
  const isFailing = ({ fact }: StoredNode) => ['fail', 'error'].includes(context.status(fact.uniqueId).class ?? '');
  const ownTests = ancestors.flatMap(({ fact }) => context.testsOf(fact.uniqueId));
  return {
    upstream_models: ofType('model').length,
    upstream_sources: ofType('source').length,
    failing_tests: ownTests.filter(isFailing).length,
    errored_models: ofType('model').filter(isFailing).length,
    stale_sources: ofType('source').filter(({ fact }) => breaches(context, fact.uniqueId)).length,
    health: healthOf(ancestors.map(({ fact }) => verdictOf(context, fact.uniqueId))),
  };
}

function healthOf(verdicts: readonly string[]): string {
  if (verdicts.includes('fail')) return 'fail';
  if (verdicts.includes('warn') || verdicts.includes('stale')) return 'warn';
  return verdicts.includes('ok') ? 'pass' : 'unknown';
}
