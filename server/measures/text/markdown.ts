/** Untrusted text in GitHub's Markdown: it is shown as it stands, and nothing in it is markup, HTML or a link. */
import { printable } from './printable.ts';
import type { TextTable } from './textTable.ts';

/** A text in one line. */
export function markdownText(text: string): string {
  return inlineText(text)
    .replace(/^(\s*)([-+=])(?=[\s=-]|$)/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** The same within a line, as in a table's cell, where `-` and `1.` begin no list. */
function inlineText(text: string): string {
  return printable(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~#!$]/g, '\\$&')
    .replace(/:\/\//g, '&#58;//')
    .replace(/@/g, '&#64;')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

/** Cells that a row lacks are empty. */
export function markdownTable({ header, rows }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${header.map((_, i) => inlineText(cells[i] ?? '')).join(' | ')} |`;
  return [line(header), `|${' --- |'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}
