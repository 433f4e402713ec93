/** A verdict in a few words, with a sign before them so that it can be understood without colour. */
import type { ShownVerdict } from '../../server/protocol/messages/runsContract.ts';
import { element } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';

export interface VerdictText {
  readonly kind: 'toxic' | 'benign' | 'unjudged' | 'waiting';
  readonly text: string;
  /** The judge's reason. */
  readonly why?: string;
}

/** A missing verdict is shown as missing and never as clean. */
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
