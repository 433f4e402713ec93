/** The verdict on a run: the answer, a chip for each arm, the forest picture, the reasons and the next steps. */
import { forestShapes, type ForestShape } from '../../server/measures/charts/forestShapes.ts';
import type { ArmVerdict, Forest, RunVerdict } from '../../server/protocol/run/runVerdict.ts';
import { element, svgElement } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { armWord } from './verdictWord.ts';

/** `heading` is the card's name for screen readers and on pages with several cards. */
export function verdictCard(verdict: RunVerdict, heading = t('Verdict')): HTMLElement {
  const { answer, arms, forest, why, next } = verdict;
  return element(
    'section',
    { class: `verdict${verdict.exploratory === undefined ? '' : ' exploratory'}`, 'aria-label': heading },
    element('p', { class: 'answer' }, element('strong', {}, printable(answer))),
    element('ul', { class: 'chips', 'aria-label': t('Verdict on each arm') }, ...arms.map(armChip)),
    forest && element('div', { class: 'forest-scroll' }, forestFigure(forest)),
    folded(t('Why'), why),
    folded(t('What next'), next),
  );
}

/** The reason with the interval is in the title, and in hidden text for a screen reader. */
function armChip({ arm, word, why }: ArmVerdict): HTMLElement {
  return element(
    'li',
    { class: `arm-verdict ${word.replaceAll(' ', '-')}`, title: printable(why) },
    `${printable(arm)} `,
    element('strong', {}, armWord(word)),
    element('span', { class: 'visually-hidden' }, ` ${printable(why)}`),
  );
}

function folded(title: string, lines: readonly string[]): HTMLElement | undefined {
  if (lines.length === 0) return undefined;
  return element(
    'details',
    {},
    element('summary', {}, title),
    element('ul', {}, ...lines.map((line) => element('li', {}, printable(line)))),
  );
}

function forestFigure(forest: Forest): SVGElement {
  const { width, height, ground, rows } = forestShapes(forest);
  return svgElement(
    'svg',
    { class: 'forest', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': printable(forest.title) },
    ...ground.map(shapeElement),
    ...rows.map((row) => svgElement('g', { class: row.class }, ...row.shapes.map(shapeElement))),
  );
}

function shapeElement({ tag, attributes, text }: ForestShape): SVGElement {
  return svgElement(tag, attributes, text === undefined ? undefined : printable(text));
}
