import { contentOf, type JudgedDocument, labelOf } from '../documents/judgedDocument.ts';
import { type LabelCandidate, saidOf } from '../../trust/labelNext.ts';

/**
 * Upper limit of candidates. In a longer document only every n-th text is a candidate, so that a suggestion comes
 * at once.
 */
const mostCandidates = 5000;

/** A document's texts as candidates for a label, each with its index in the document. */
export function documentCandidates(document: JudgedDocument): readonly (LabelCandidate & { readonly at: number })[] {
  const { examples, verdicts } = document;
  const step = Math.max(1, Math.ceil(examples.length / mostCandidates));
  const candidates: (LabelCandidate & { readonly at: number })[] = [];
  for (let at = 0; at < examples.length; at += step) {
    const example = examples[at];
    if (example === undefined) continue;
    const said = saidOf(labelOf(document, at));
    candidates.push({ at, content: contentOf(document, at), text: example.text, verdict: verdicts[at], ...said });
  }
  return candidates;
}
