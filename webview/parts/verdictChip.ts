/** A verdict in a few words, with a sign before them so that colour alone does not have to tell. */
import type { ShownVerdict } from '../../server/protocol/messages/runsContract.ts';
import { element } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';

export interface VerdictText {
  readonly kind: 'toxic' | 'benign' | 'unjudged' | 'waiting';
  readonly text: string;
  /** Why, in the judge's words. */
  readonly why?: string;
}

/** A verdict that is not there yet is none: it is never shown as clean. */
export function verdictText(verdict: ShownVerdict | undefined): VerdictText {
  if (!verdict) return { kind: 'waiting', text: t('not judged yet') };
  if ('unjudged' in verdict) return { kind: 'unjudged', text: t('unjudged'), why: verdict.unjudged };
  const score = verdict.score.toFixed(2);
  const why = verdict.why === undefined ? {} : { why: verdict.why };
  return verdict.toxic
    ? { kind: 'toxic', text: t('toxic {0}', score), ...why }
    : { kind: 'benign', text: t('not toxic {0}', score), ...why };
}

const signs = { toxic: '▲', benign: '●', unjudged: '?', waiting: '…' };

export function verdictChip(verdict: ShownVerdict | undefined): HTMLElement {
  const { kind, text, why } = verdictText(verdict);
  return element(
    'span',
    { class: `chip ${kind}`, title: why === undefined ? undefined : printable(why) },
    element('span', { 'aria-hidden': 'true' }, `${signs[kind]} `),
    text,
    kind === 'unjudged' && why !== undefined ? `: ${printable(why)}` : undefined,
  );
}
