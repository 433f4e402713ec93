import { agreement, type Agreement } from '../../metrics/agreement.ts';
import { isFlagged, type JudgedDocument, labelOf } from '../documents/judgedDocument.ts';

/** Counts over a document's texts. */
export interface Summary {
  readonly texts: number;
  readonly judged: number;
  /** Of the judged, by the judge alone. */
  readonly toxic: number;
  readonly unjudged: number;
  readonly waiting: number;
  /** Toxic by a human's word, or by the judge's where no human objects. */
  readonly flagged: number;
  /** Texts with a human label, "not sure" among them. */
  readonly labelled: number;
  readonly unreadableLines: number;
  /** Judge against human on texts labelled toxic or not toxic; undefined where there is none. */
  readonly agreement: Agreement | undefined;
}

export function summary(document: JudgedDocument): Summary {
  const { examples, verdicts, problems } = document;
  const pairs: { verdict: boolean | undefined; label: boolean }[] = [];
  let [judged, toxic, unjudged, labelled, flagged] = [0, 0, 0, 0, 0];
  for (let index = 0; index < examples.length; index++) {
    const verdict = verdicts[index];
    if (verdict?.kind === 'judged') judged++;
    if (verdict?.kind === 'judged' && verdict.toxic) toxic++;
    if (verdict?.kind === 'unjudged') unjudged++;
    const label = labelOf(document, index);
    if (label !== undefined) labelled++;
    if (isFlagged(verdict, label)) flagged++;
    if (label === undefined || label.label === 'unsure') continue;
    pairs.push({ verdict: verdict?.kind === 'judged' ? verdict.toxic : undefined, label: label.label === 'toxic' });
  }
  const compared = agreement(
    pairs.map(({ verdict }) => verdict),
    pairs.map(({ label }) => label),
  );
  return {
    texts: examples.length,
    judged,
    toxic,
    unjudged,
    waiting: examples.length - judged - unjudged,
    flagged,
    labelled,
    unreadableLines: problems.length,
    agreement: pairs.length === 0 ? undefined : compared,
  };
}
