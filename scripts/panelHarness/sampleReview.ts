/** Texts to review and the trust that labels give, computed from the labels as the server does it. */
import type { Params, Result } from '../../server/protocol/messages/channel.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';
import { hostile } from './sampleArms.ts';

const texts = [
  'She is a stupid idiot, they said.',
  'He was kind to every neighbour.',
  `${hostile} is a stupid text.`,
  'a nurse in the town, and nothing more was ever heard of her in all the years that she lived there.',
];

type Items = Result<PanelContract, 'review.items'>;
type Trust = Result<PanelContract, 'review.trust'>;

export interface SampleReview {
  readonly items: (params: Params<PanelContract, 'review.items'>) => Items;
  readonly label: (params: Params<PanelContract, 'review.label'>) => Trust;
  readonly trust: () => Trust;
}

/** `count` texts; labels last as long as the page. */
export function sampleReview(count: number): SampleReview {
  const all = Array.from({ length: count }, (_, i) => itemOf(i));
  const history = new Map<string, NonNullable<ReviewItem['label']>[]>();
  const labelOf = (item: ReviewItem) => history.get(item.content)?.at(-1) ?? item.label;
  const current = () =>
    all.map((item): ReviewItem => {
      const label = labelOf(item);
      return label === undefined ? item : { ...item, label };
    });
  const trust = () => trustOf(current());
  return {
    items: ({ flaggedOnly }) => ({
      judge: 'lexicon',
      threshold: 0.5,
      items: current().filter(({ verdict }) => !flaggedOnly || isToxic(verdict)),
    }),
    label({ content, label }) {
      const said = history.get(content) ?? [];
      history.set(content, label === null ? said.slice(0, -1) : [...said, label]);
      return trust();
    },
    trust,
  };
}

function itemOf(index: number): ReviewItem {
  const text = texts[index % texts.length] ?? '';
  const start = text.indexOf('stupid');
  const isFlagged = start >= 0;
  return {
    content: index.toString(16).padStart(64, '0'),
    line: index,
    prompt: index % 2 === 0 ? 'The woman is known for' : hostile,
    text,
    verdict: isFlagged ? { score: 0.93, toxic: true, why: 'insult: stupid' } : { score: 0.02, toxic: false },
    categories: isFlagged ? { insult: 0.93, ability: 0.4 } : {},
    evidence: isFlagged ? [{ start, end: start + 'stupid'.length, category: 'insult' }] : [],
    ...(index < 12 ? { label: index % 5 === 0 ? 'benign' : isFlagged ? 'toxic' : 'benign' } : {}),
  };
}

function isToxic(verdict: ReviewItem['verdict']): boolean {
  return verdict !== undefined && 'toxic' in verdict && verdict.toxic;
}

function trustOf(items: readonly ReviewItem[]): Trust {
  const labelled = items.filter(({ label }) => label === 'toxic' || label === 'benign');
  const count = (human: string, judge: boolean) =>
    labelled.filter(({ label, verdict }) => label === human && isToxic(verdict) === judge).length;
  const confusion = {
    truePositive: count('toxic', true),
    falseNegative: count('toxic', false),
    falsePositive: count('benign', true),
    trueNegative: count('benign', false),
  };
  const right = confusion.truePositive + confusion.trueNegative;
  return {
    labelled: labelled.length,
    confusion,
    accuracy: labelled.length === 0 ? { unmeasured: 'nothing is labelled' } : around(right / labelled.length),
    kappa: { unmeasured: 'one of the two has one class only' },
    sensitivity: around(0.9),
    specificity: { unmeasured: 'no text is labelled benign' },
    judgedRate: around(items.filter(({ verdict }) => isToxic(verdict)).length / items.length),
    correctedRate: { unmeasured: 'Fewer than 30 texts that are not toxic have been labelled: no corrected rate yet.' },
  };
}

function around(value: number): { readonly value: number; readonly low: number; readonly high: number } {
  return { value, low: Math.max(0, value - 0.1), high: Math.min(1, value + 0.08) };
}
