/** Parses the tables in the product's outputs, so that a figure is found by its row and the title of its column. */
import assert from 'node:assert/strict';

export interface Grid {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The cell of the row whose first cell is `row`, in the column called `column`. */
export function cellOf({ header, rows }: Grid, row: string, column: string): string {
  const found = rows.find(([first]) => first === row);
  assert.ok(found, `no row ${row} among ${rows.map(([first]) => first).join(', ')}`);
  const index = header.indexOf(column);
  assert.ok(index >= 0, `no column ${column} among ${header.join(', ')}`);
  return found[index] ?? assert.fail(`${row} has no cell in ${column}`);
}

/** Asserts every figure of every row: `columns` names the column of each figure. */
export function assertCells<Figure extends string>(
  grid: Grid,
  columns: Readonly<Record<Figure, string>>,
  expected: Readonly<Record<string, Readonly<Record<NoInfer<Figure>, string>>>>,
): void {
  const figures = Object.keys(columns) as Figure[];
  const read = Object.keys(expected).map((row) => [
    row,
    Object.fromEntries(figures.map((figure) => [figure, cellOf(grid, row, columns[figure])])),
  ]);
  const wanted = Object.entries(expected).map(([row, own]) => [
    row,
    Object.fromEntries(figures.map((figure) => [figure, own[figure]])),
  ]);
  assert.deepEqual(Object.fromEntries(read), Object.fromEntries(wanted));
  assert.deepEqual(
    grid.rows.map(([first]) => first),
    Object.keys(expected),
  );
}

/** The table of a terminal whose first line begins with `start`: columns are two spaces or more apart. */
export function terminalTable(text: string, start: string): Grid {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(start));
  assert.ok(first >= 0, `no table begins with ${start}`);
  const end = lines.indexOf('', first);
  const cells = lines.slice(first, end).map((line) => line.trim().split(/ {2,}/));
  return { header: cells[0] ?? [], rows: cells.slice(1) };
}

/** The first table below a heading of Markdown that contains `heading`. */
export function markdownTable(text: string, heading: string): Grid {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => /^(#|\*\*)/.test(line) && unescaped(line).includes(heading));
  assert.ok(at >= 0, `no heading ${heading}`);
  const first = lines.findIndex((line, i) => i > at && line.startsWith('|'));
  const end = lines.findIndex((line, i) => i > first && !line.startsWith('|'));
  const cells = lines.slice(first, end < 0 ? undefined : end).map(markdownCells);
  return { header: cells[0] ?? [], rows: cells.slice(2) };
}

function markdownCells(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => unescaped(cell).trim());
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1').replace(/&#58;/g, ':');
}

/** Every table of the section of an HTML page whose title is `heading`. */
export function htmlTables(page: string, heading: string): readonly Grid[] {
  const section = page.split('<section>').find((part) => textOf(/<h2>([^]*?)<\/h2>/.exec(part)?.[1]) === heading);
  assert.ok(section, `no section ${heading}`);
  return [...section.matchAll(/<table[^]*?<\/table>/g)].map(([table]) => {
    const rows = [...table.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = '']) =>
      [...row.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) => textOf(cell)),
    );
    return { header: rows[0] ?? [], rows: rows.slice(1) };
  });
}

export function htmlTable(page: string, heading: string): Grid {
  return htmlTables(page, heading)[0] ?? assert.fail(`no table below ${heading}`);
}

/** The titles of what is drawn in a section: what a reader of the page hears of a bar. */
export function drawnTitles(page: string, heading: string): readonly string[] {
  const section = page.split('<section>').find((part) => textOf(/<h2>([^]*?)<\/h2>/.exec(part)?.[1]) === heading);
  return [...(section ?? '').matchAll(/<title>([^]*?)<\/title>/g)].map(([, title]) => textOf(title));
}

function textOf(html = ''): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .trim();
}

/** A table of comma-separated values without quotes. */
export function csvTable(text: string): Grid {
  const cells = text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  return { header: cells[0] ?? [], rows: cells.slice(1) };
}
