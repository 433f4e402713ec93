import type { CodeLens, Command } from 'vscode-languageserver';
import { isMeasured } from '../../protocol/estimate.ts';
import type { JudgedDocument } from '../documents/judgedDocument.ts';
import { summary, type Summary } from './summary.ts';
import { counted } from '../../judges/verdictWording.ts';

/** On the first line: what was counted, how far judge and human agree, and what can be done about the whole. */
export function codeLens(document: JudgedDocument): CodeLens[] {
  const counts = summary(document);
  if (counts.texts === 0) return [];
  const { uri } = document;
  const start = { line: 0, character: 0 };
  const commands: Command[] = [
    { title: countsText(counts), command: 'rankscope.summary', arguments: [{ uri }] },
    ...agreementText(counts).map((title) => ({ title, command: 'rankscope.summary', arguments: [{ uri }] })),
  ];
  if (counts.flagged > 0) {
    commands.push({ title: 'Next flagged', command: 'rankscope.nextFlagged', arguments: [{ uri }] });
    commands.push({ title: 'Split flagged lines', command: 'rankscope.splitFlagged', arguments: [{ uri }] });
  }
  commands.push({ title: 'Label next', command: 'rankscope.labelNext', arguments: [{ uri }] });
  commands.push({ title: 'Judge again', command: 'rankscope.judgeAgain', arguments: [{ uri }] });
  return commands.map((command) => ({ range: { start, end: start }, command }));
}

function countsText({ judged, toxic, unjudged, waiting, labelled }: Summary): string {
  const parts = [
    counted(judged, 'text') + ' judged',
    `${toxic.toLocaleString('en')} toxic${judged === 0 ? '' : ` (${((100 * toxic) / judged).toFixed(1)} %)`}`,
    `${unjudged.toLocaleString('en')} unjudged`,
    `${labelled.toLocaleString('en')} labelled by hand`,
  ];
  if (waiting > 0) parts.push(`${waiting.toLocaleString('en')} waiting`);
  return parts.join(' · ');
}

function agreementText({ agreement }: Summary): readonly string[] {
  if (agreement === undefined) return [];
  const { accuracy, kappa, n } = agreement;
  if (!isMeasured(accuracy)) return [`Agreement with the labels: none, ${accuracy.unmeasured}`];
  const kappaText = isMeasured(kappa) ? `, κ ${kappa.toFixed(2)}` : '';
  return [`Judge and labels agree on ${(100 * accuracy.value).toFixed(0)} % of ${n}${kappaText}`];
}
