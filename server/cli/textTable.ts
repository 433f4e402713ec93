import type { TextTable } from '../runs/armTable.ts';
import { printable } from '../runs/printable.ts';

/** A table in columns for a terminal; the first column is flush left, the others flush right. Ends with a line end. */
export function textTable({ header, rows }: TextTable): string {
  const lines = [header, ...rows].map((cells) => cells.map(printable));
  const widths = header.map((_, i) => Math.max(...lines.map((cells) => (cells[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return `${lines.map((cells) => line(cells).trimEnd()).join('\n')}\n`;
}
