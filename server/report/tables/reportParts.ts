/** Parts of the HTML report's sections. */
import type { TextTable } from '../../measures/text/textTable.ts';
import { html, type Html } from './htmlText.ts';
import { printable } from '../../measures/text/printable.ts';

/** A section with a chart and a table of its numbers, which the reader can unfold. Empty where there is no chart. */
export function figure(title: string, chart: Html | undefined, behind: TextTable): readonly Html[] {
  if (!chart) return [];
  return [
    section(
      title,
      html`<div class="scroll">${chart}</div>
        <details>
          <summary>The numbers</summary>
          ${table(behind)}
        </details>`,
    ),
  ];
}

export function section(title: string, content: Html): Html {
  return html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;
}

/** A list of remarks. Empty where there are none. */
export function list(items: readonly string[]): Html {
  return items.length === 0
    ? html``
    : html`<ul class="notes">
        ${items.map((item) => html`<li>${shown(item)}</li>`)}
      </ul>`;
}

export function table({ header, rows }: TextTable, kind = 'plain'): Html {
  const head = header.map((cell) => html`<th scope="col">${shown(cell)}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell) => html`<td>${shown(cell)}</td>`)}
      </tr>`,
  );
  return html`<div class="scroll">
    <table class="${kind}">
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** A text from elsewhere with its control characters made visible. `html` escapes it. */
export function shown(text: string): string {
  return printable(text);
}
