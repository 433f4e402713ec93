/** The visible rows of a long list. */
export interface VisibleRows {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Rows that are built beyond the edges, so that scrolling shows no gaps. */
const margin = 8;

/** Computes the visible rows. All lengths are pixels. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number): VisibleRows {
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
  const to = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + margin);
  return { from: Math.min(from, count), to: Math.max(to, 0) };
}

/** The scroll position nearest to the current one at which the whole row is visible. */
export function scrollTo(row: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
