import type { TextTable } from '../../measures/text/textTable.ts';
import { printable } from '../../measures/text/printable.ts';

/** Formats a table in columns for a terminal. Numbers are aligned right, texts left. */
export function textTable({ header, rows }: TextTable): string {
  const lines = [header, ...rows].map((cells) => cells.map(printable));
  const columns = header.map((_, i) => ({
    width: Math.max(...lines.map((cells) => (cells[i] ?? '').length)),
    isNumber: lines.slice(1).some((cells) => /^[-+[]?\d/.test(cells[i] ?? '')),
  }));
  const line = (cells: readonly string[]) =>
    columns.map(({ width, isNumber }, i) => (isNumber ? cells[i]?.padStart(width) : cells[i]?.padEnd(width)) ?? '');
  return lines.map((cells) => `${line(cells).join('  ').trimEnd()}\n`).join('');
}
