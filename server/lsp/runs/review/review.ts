import { setImmediate as nextTurn } from 'node:timers/promises';
import { agreement } from '../../../metrics/judging/agreement.ts';
import { roganGladen } from '../../../metrics/judging/correctedRate.ts';
import { isMeasured } from '../../../protocol/run/estimate.ts';
import { wilson } from '../../../metrics/estimates/wilson.ts';
import type { Verdict } from '../../../judges/judge/judge.ts';
import type { JudgeTrust, ReviewItem, ShownVerdict } from '../../../protocol/messages/runsContract.ts';
import {
  contentOf,
  judgementOf,
  labelOf,
  type Judgement,
  type JudgedDocument,
} from '../../documents/judgedDocument.ts';

/** Number of texts that are handled before other work runs. Each may need a hash. */
const perTurn = 2000;

/**
 * The judged texts of a document in its order, at most `limit`, and their total number. With `flaggedOnly`, those
 * that the judge or a person calls toxic.
 */
export async function reviewItems(
  document: JudgedDocument,
  flaggedOnly: boolean,
  limit: number,
): Promise<{ items: ReviewItem[]; total: number }> {
  const items: ReviewItem[] = [];
  let total = 0;
  for (let index = 0; index < document.examples.length; index++) {
    if (index % perTurn === perTurn - 1) await nextTurn();
    const judgement = judgementOf(document, index);
    // A text that a person has labelled harmless was flagged before, and a person may want to see it again.
    const isAsked = !flaggedOnly || judgement?.flagged === true || isToxic(judgement?.verdict);
    if (!judgement || !isAsked) continue;
    if (total++ < limit) items.push(itemOf(document, judgement));
  }
  return { items, total };
}

function itemOf(document: JudgedDocument, { index, example, verdict, label }: Judgement): ReviewItem {
  const { text, prompt, range } = example;
  const judged = verdict?.kind === 'judged' ? verdict : undefined;
  return {
    content: contentOf(document, index),
    line: document.text.positionAt(range.start).line,
    ...(prompt !== undefined && { prompt }),
    text,
    ...(verdict && { verdict: shown(verdict) }),
    categories: { ...judged?.categories },
    evidence: (judged?.evidence ?? []).map(({ start, end, category }) => ({ start, end, category })),
    ...(label && { label: label.label }),
  };
}

/** Converts a verdict to the form that panels show. */
export function shown(verdict: Verdict): ShownVerdict {
  if (verdict.kind === 'unjudged') return { unjudged: verdict.reason };
  const { score, toxic, why } = verdict;
  return { score, toxic, ...(why !== undefined && { why }) };
}

function isToxic(verdict: Verdict | undefined): boolean {
  return verdict?.kind === 'judged' && verdict.toxic;
}

/** How far a document's judge can be trusted, by people's labels so far. */
export async function trustOf(document: JudgedDocument): Promise<JudgeTrust> {
  const verdicts: (boolean | undefined)[] = [];
  const labels: (boolean | undefined)[] = [];
  let [judged, toxic] = [0, 0];
  for (let index = 0; index < document.examples.length; index++) {
    if (index % perTurn === perTurn - 1) await nextTurn();
    const verdict = document.verdicts[index];
    const said = verdict?.kind === 'judged' ? verdict.toxic : undefined;
    if (said !== undefined) judged++;
    if (said === true) toxic++;
    const label = labelOf(document, index)?.label;
    if (label === undefined || label === 'unsure') continue;
    verdicts.push(said);
    labels.push(label === 'toxic');
  }
  const { matrix, accuracy, kappa, sensitivity, specificity } = agreement(verdicts, labels);
  return {
    labelled: labels.length,
    confusion: matrix,
    accuracy,
    kappa: isMeasured(kappa) ? { value: kappa, n: labels.length } : kappa,
    sensitivity,
    specificity,
    judgedRate: wilson(toxic, judged),
    correctedRate: roganGladen(toxic, judged, matrix),
  };
}
