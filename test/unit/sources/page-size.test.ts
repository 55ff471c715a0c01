import { describe, expect, it } from 'vitest';
import { createPageSize } from '../../../src/sources/discovery/page-size.ts';

function pages(size: ReturnType<typeof createPageSize>, count: number): number[] {
  return Array.from({ length: count }, () => {
    const { current } = size;
    size.grow();
    return current;
  });
}

function shrinkTo(rows: number) {
  const size = createPageSize();
  while (size.current > rows) size.shrink();
  return size;
}

describe('the size of a page', () => {
  it('begins with the most that the service gives, and stays there', () => {
    expect(pages(createPageSize(), 3)).toEqual([500, 500, 500]);
  });

  it('is halved down to a single node, and no further', () => {
    const size = createPageSize();
    const sizes = Array.from({ length: 10 }, () => {
      const { current } = size;
      size.shrink();
      return current;
    });
    expect(sizes).toEqual([500, 250, 125, 62, 31, 15, 7, 3, 1, 1]);
  });

  it('does not come back soon to a size that failed', () => {
    const size = shrinkTo(125);
    expect(new Set(pages(size, 16))).toEqual(new Set([125]));
    expect(size.current).toBe(250);
  });

  it('comes back later each time that it fails again', () => {
    const size = shrinkTo(125);
    pages(size, 16);
    size.shrink();
    expect(new Set(pages(size, 31))).toEqual(new Set([125]));
    expect(pages(size, 2)).toEqual([125, 250]);
  });

  it('goes on growing once a size that failed has come', () => {
    const size = shrinkTo(125);
    pages(size, 16 + 17);
    expect(size.current).toBe(500);
    expect(pages(size, 3)).toEqual([500, 500, 500]);
  });

  it('doubles with every page when one node was at fault', () => {
    const size = shrinkTo(1);
    size.forgive();
    expect(pages(size, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 500, 500]);
  });
});
