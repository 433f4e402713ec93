import { agreement } from '../../metrics/judging/agreement.ts';
import type { DocumentSummary } from '../../protocol/messages/editorCommands.ts';
import { isFlagged, type JudgedDocument, labelOf } from '../documents/judgedDocument.ts';

/** Counts a document's texts, and compares its judge with its human labels. */
export function summary(document: JudgedDocument): DocumentSummary {
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
