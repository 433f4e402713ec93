import { identityWords } from '../judges/lexicon/identityWords.ts';
import { wordTokens } from '../judges/lexicon/wordTokens.ts';
import { type Agreement, agreement } from '../metrics/judging/agreement.ts';
import { predictionPoweredRate, roganGladen } from '../metrics/judging/correctedRate.ts';
import type { IntervalEstimate } from '../protocol/run/estimate.ts';
import { stratifiedRate } from '../metrics/estimates/stratifiedRate.ts';
import { wilson } from '../metrics/estimates/wilson.ts';
import { type LabelCandidate, strataOf } from './labelNext.ts';

/** How far a judge is to be trusted, and what its rate is worth. */
export interface JudgeTrust {
  readonly agreement: Agreement;
  /** The judge's own toxicity rate over all texts that it judged. */
  readonly rate: IntervalEstimate;
  /** The rate corrected for the judge's errors, in two ways; see metrics/judging/correctedRate.ts. */
  readonly roganGladen: IntervalEstimate;
  readonly predictionPowered: IntervalEstimate;
  /** The rate by the labels alone, weighed by kind of text: right for labels that were suggested (labelNext.ts). */
  readonly stratified: IntervalEstimate;
  /**
   * Of the texts that name an identity and are labelled not toxic, the share that the judge flags, by word. Most
   * texts first.
   */
  readonly identities: readonly { readonly word: string; readonly falsePositives: IntervalEstimate }[];
}

export function judgeTrust(items: readonly LabelCandidate[]): JudgeTrust {
  const judged = items.flatMap(({ text, label, verdict }) =>
    verdict?.kind === 'judged' ? [{ text, label, toxic: verdict.toxic }] : [],
  );
  const toxic = judged.filter((item) => item.toxic).length;
  const compared = agreement(
    items.map(({ verdict }) => (verdict?.kind === 'judged' ? verdict.toxic : undefined)),
    items.map(({ label }) => label),
  );
  const labelled = judged.flatMap(({ label, toxic: said }) => (label === undefined ? [] : [{ label, said }]));
  return {
    agreement: compared,
    rate: wilson(toxic, judged.length),
    roganGladen: roganGladen(toxic, judged.length, compared.matrix),
    predictionPowered: predictionPoweredRate(
      {
        labels: labelled.map(({ label }) => Number(label)),
        judgedLabelled: labelled.map(({ said }) => Number(said)),
        judgedUnlabelled: judged.filter(({ label }) => label === undefined).map((item) => Number(item.toxic)),
      },
      { tuned: true },
    ),
    stratified: stratifiedRate(strataOf(items)),
    identities: identityErrors(judged),
  };
}

/**
 * Judges tend to flag bare identity words. Measures for every word how often the judge flags texts that people call
 * not toxic.
 */
function identityErrors(
  judged: readonly { readonly text: string; readonly label: boolean | undefined; readonly toxic: boolean }[],
): JudgeTrust['identities'] {
  const counts = new Map<string, { texts: number; flagged: number }>();
  for (const { text, label, toxic } of judged) {
    if (label !== false) continue;
    const words = new Set(wordTokens(text).map(({ key }) => key));
    for (const word of words) {
      if (!identityWords.has(word)) continue;
      const count = counts.get(word) ?? { texts: 0, flagged: 0 };
      counts.set(word, { texts: count.texts + 1, flagged: count.flagged + Number(toxic) });
    }
  }
  return [...counts]
    .sort(([a, x], [b, y]) => y.texts - x.texts || (a < b ? -1 : 1))
    .map(([word, { texts, flagged }]) => ({ word, falsePositives: wilson(flagged, texts) }));
}
