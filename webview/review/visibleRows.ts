/** Which rows of a long list are on the screen. */
export interface VisibleRows {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Rows to build beyond the edges, so that scrolling does not show gaps. */
const margin = 8;

/** All lengths in pixels. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number): VisibleRows {
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
  const to = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + margin);
  return { from: Math.min(from, count), to: Math.max(to, 0) };
}

/** Where to scroll to, so that a row can be seen whole; as little as possible. */
export function scrollTo(row: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
