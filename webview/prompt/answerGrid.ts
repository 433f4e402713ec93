/** The answers side by side: a column for each arm and a card for each sample. Unchanged cards are not touched. */
import { styleOf, type ArmStyle } from '../chart/armStyle.ts';
import { element, setText, whenChanged } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { swatch } from '../parts/swatch.ts';
import { verdictChip } from '../parts/verdictChip.ts';
import { summary, type Answer, type Answers } from './answers.ts';

export interface AnswerGrid {
  readonly element: HTMLElement;
  /** Empties the grid for a new question to `arms`, of `samples` answers each. */
  readonly begin: (arms: readonly string[], samples: number, styles: ReadonlyMap<string, ArmStyle>) => void;
  readonly update: (answers: Answers) => void;
}

interface Column {
  readonly element: HTMLElement;
  readonly update: (samples: readonly (Answer | undefined)[]) => void;
}

export function answerGrid(): AnswerGrid {
  const grid = element('div', { class: 'answers' });
  const columns = new Map<string, Column>();
  return {
    element: grid,
    begin(arms, samples, styles) {
      columns.clear();
      for (const arm of arms) columns.set(arm, column(arm, samples, styleOf(styles, arm)));
      grid.replaceChildren(...[...columns.values()].map((one) => one.element));
    },
    update(answers) {
      for (const [arm, one] of columns) one.update(answers.get(arm) ?? []);
    },
  };
}

function column(arm: string, samples: number, style: ArmStyle): Column {
  const rate = element('p', { class: 'sub' });
  const cards = Array.from({ length: samples }, () => element('li'));
  const box = element(
    'section',
    { 'aria-label': t('Answers of {0}', printable(arm)) },
    element('h2', {}, swatch(style), printable(arm)),
    rate,
    element('ol', {}, ...cards),
  );
  return {
    element: box,
    update(answers) {
      setText(rate, summary(answers));
      for (const [i, card] of cards.entries()) whenChanged(card, answers[i] ?? null, () => cardContent(answers[i]));
    },
  };
}

function cardContent(answer: Answer | undefined): readonly HTMLElement[] {
  if (!answer) return [element('span', { class: 'sub' }, t('waiting…'))];
  return [
    verdictChip(answer.verdict),
    element('div', { class: 'untrusted' }, answer.completion === '' ? t('(nothing)') : printable(answer.completion)),
  ];
}
