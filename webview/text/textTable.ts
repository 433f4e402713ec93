/** A table of texts: what is behind every chart, and what is copied. */
export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The table in GitHub's Markdown. Cells hold untrusted text: whatever Markdown or HTML would read is escaped. */
export function markdownTable({ header, rows }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${header.map((_, i) => escaped(cells[i] ?? '')).join(' | ')} |`;
  return [line(header), `|${header.map(() => ' --- |').join('')}`, ...rows.map(line), ''].join('\n');
}

function escaped(cell: string): string {
  return cell
    .replace(/[\\`*_{}[\]<>#|~&]/g, (sign) => `\\${sign}`)
    .replace(/[\r\n]+/g, ' ')
    .trim();
}
