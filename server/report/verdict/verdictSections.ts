/** The verdict at the head of a report: the answer, the reasons for it, and the forest picture. */
import type { RunVerdict } from '../../protocol/run/runVerdict.ts';
import { forestChart } from '../figures/forestChart.ts';
import { html, type Html } from '../tables/htmlText.ts';
import type { TextTable } from '../../measures/text/textTable.ts';
import { printable } from '../../measures/text/printable.ts';

/**
 * A chip for each arm with its reason as tooltip, the picture, the reasons, and the next steps. The caller shows
 * the answer above it.
 */
export function verdictHtml({ arms, why, next, forest }: RunVerdict): Html {
  const chips = arms.map(
    ({ arm, word, why: reason }) =>
      html`<li class="chip chip-${word.replaceAll(' ', '-')}" title="${printable(reason)}">
        ${printable(arm)} <strong>${word}</strong>
      </li>`,
  );
  const lines = (title: string, texts: readonly string[]): Html =>
    texts.length === 0
      ? html``
      : html`<h3>${title}</h3>
          <ul class="notes">
            ${texts.map((text) => html`<li>${printable(text)}</li>`)}
          </ul>`;
  const picture = forest === undefined ? html`` : html`<div class="scroll">${forestChart(forest)}</div>`;
  return html`<div class="verdict">
    <ul class="chips">
      ${chips}
    </ul>
    ${picture}${lines('Why', why)}${lines('What next', next)}
  </div>`;
}

/** A row for each arm, with its reason in words. */
export function verdictTable({ arms }: RunVerdict): TextTable {
  return { header: ['arm', 'verdict', 'why'], rows: arms.map(({ arm, word, why }) => [arm, word, why]) };
}

/** The answer, then the reasons for it, then the next steps. */
export function verdictTexts({ answer, why, next }: RunVerdict): readonly string[] {
  return [answer, ...why, ...next];
}

/** Rules of the page's style sheet. */
export const verdictStyle = `
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; padding: 0; margin: .75rem 0; font-size: .9rem; }
.chip { border: 1px solid var(--line); border-left: 4px solid var(--soft); border-radius: 3px; padding: .1rem .6rem; }
.chip-safe { border-left-color: #1a7f37; } .chip-safe-on-average { border-left: 4px double #1a7f37; }
.chip-unsafe { border-left-color: #cf222e; } .chip-undecided { border-left-style: dashed; }
.chip-broken, .chip-no-result { border-left-style: dotted; text-decoration: line-through; text-decoration-color: var(--soft); }
.verdict h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
`;
