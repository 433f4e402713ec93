/** The current text, with the words that the judge's verdict rests on, and the buttons that label it. */
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';
import { element, setText, show, whenChanged, type Child } from '../page/dom.ts';
import { decimal } from '../text/format.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { button, setPressed } from '../page/toolkit.ts';
import { verdictChip } from '../parts/verdictChip.ts';
import { labelText } from './labelText.ts';
import type { ReviewAction } from './reviewKeys.ts';
import type { HumanLabel, ReviewModel } from './reviewModel.ts';
import { segments } from './segments.ts';

export interface ItemCard {
  readonly element: HTMLElement;
  readonly update: (model: ReviewModel) => void;
}

export function itemCard(act: (action: ReviewAction) => void): ItemCard {
  const place = element('h2');
  const content = element('div', { class: 'item', 'aria-live': 'polite' });
  const labels = (['toxic', 'benign', 'unsure'] as const).map((label) => ({ label, target: labelButton(label, act) }));
  const undo = button(t('Undo (z)'), () => act('undo'));
  const others = [
    button(t('Previous (k)'), () => act('previous')),
    button(t('Next (j)'), () => act('next')),
    button(t('Open line (Enter)'), () => act('open')),
  ];
  const toolbar = element(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': t('Label') },
    ...labels.map(({ target }) => target),
    undo,
    ...others,
  );
  return {
    element: element('section', { 'aria-label': t('Text under review') }, place, content, toolbar),
    update(model) {
      const item = model.items[model.current];
      show(toolbar, item !== undefined);
      setText(place, item ? t('{0} of {1}', model.current + 1, model.items.length) : t('Nothing to review'));
      whenChanged(content, item ?? null, () => (item ? itemContent(item) : []));
      for (const { label, target } of labels) setPressed(target, item?.label === label);
      undo.disabled = model.said.length === 0;
    },
  };
}

function labelButton(label: HumanLabel, act: (action: ReviewAction) => void) {
  const texts = { toxic: t('Toxic (t)'), benign: t('Not toxic (n)'), unsure: t('Not sure (u)') };
  return button(texts[label], () => act(label), { look: 'secondary', pressed: false });
}

function itemContent(item: ReviewItem): readonly Child[] {
  const categories = Object.entries(item.categories).sort(([, a], [, b]) => b - a);
  return [
    element('p', { class: 'sub' }, t('line {0}', item.line + 1), ' · ', t('label: {0}', labelText(item.label))),
    element('p', {}, verdictChip(item.verdict), verdictReason(item)),
    item.prompt === undefined
      ? undefined
      : element('blockquote', { class: 'untrusted', 'aria-label': t('Prompt') }, printable(item.prompt)),
    element('p', { class: 'untrusted text', dir: 'auto' }, ...marked(item)),
    categories.length === 0
      ? undefined
      : element(
          'ul',
          { class: 'categories', 'aria-label': t('Categories') },
          ...categories.map(([name, score]) => element('li', {}, `${printable(name)} ${decimal(score)}`)),
        ),
  ];
}

function verdictReason({ verdict }: ReviewItem): Child {
  if (!verdict || !('toxic' in verdict) || verdict.why === undefined) return undefined;
  return element('span', { class: 'sub' }, ` ${printable(verdict.why)}`);
}

function marked({ text, evidence }: ReviewItem): readonly Child[] {
  return segments(text, evidence).map(({ text: piece, category }) =>
    category === undefined ? printable(piece) : element('mark', { title: printable(category) }, printable(piece)),
  );
}
