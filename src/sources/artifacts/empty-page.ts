import type { Page } from '../../domain/source.ts';

/** A page without nodes, to carry something else. */
export const EMPTY_PAGE: Page = {
  resourceType: 'model',
  received: 0,
  total: 0,
  records: [],
  rejects: [],
  incomplete: [],
};
