import type { CodeLens, Command } from 'vscode-languageserver';
import { isMeasured } from '../../protocol/run/estimate.ts';
import type { JudgedDocument } from '../documents/judgedDocument.ts';
import type { NotJudged } from '../documents/judgeFiles.ts';
import type { DocumentSummary } from '../../protocol/messages/editorCommands.ts';
import { useColumnCommand } from '../../protocol/messages/editor.ts';
import { isPlain, takenFor } from '../../dataset/shapes.ts';
import { hasRows } from './rowSpans.ts';
import { summary } from './summary.ts';
import { counted, shortened } from '../../judges/verdictWording.ts';

/**
 * Lenses on the first line: counts, agreement between judge and labels, and actions on the whole document. For a
 * data set that is judged only on request there is one lens that asks for it. Other documents that are not judged
 * have none.
 */
export function codeLens(
  document: JudgedDocument,
  notJudged?: NotJudged,
  { writesColumns = false }: { readonly writesColumns?: boolean } = {},
): CodeLens[] {
  if (notJudged?.isDataset) return onFirstLine([{ title: 'Judge', ...judging(document) }]);
  const counts = summary(document);
  const { uri } = document;
  const lines = { title: linesText(document), command: 'rankscope.summary', arguments: [{ uri }] };
  if (counts.texts === 0) {
    const pick = writesColumns ? columnPick(document) : [];
    return counts.unreadableLines === 0 ? [] : onFirstLine([lines, ...pick]);
  }
  const commands: Command[] = [
    { title: countsText(counts), command: 'rankscope.summary', arguments: [{ uri }] },
    lines,
    ...readAs(document),
    ...agreementText(counts).map((title) => ({ title, command: 'rankscope.summary', arguments: [{ uri }] })),
  ];
  if (counts.flagged > 0) {
    commands.push({ title: 'Next flagged', command: 'rankscope.nextFlagged', arguments: [{ uri }] });
    if (hasRows(document))
      commands.push({ title: 'Split flagged lines', command: 'rankscope.splitFlagged', arguments: [{ uri }] });
  }
  commands.push({ title: 'Label next', command: 'rankscope.labelNext', arguments: [{ uri }] });
  commands.push({ title: 'Judge again', ...judging(document) });
  return onFirstLine(commands);
}

/** What the document was taken for, unless that goes without saying. */
function readAs({ uri, examples }: JudgedDocument): Command[] {
  const read = takenFor(examples.filter(({ shape }) => shape !== undefined && !isPlain(shape)));
  return read === undefined
    ? []
    : [{ title: `Read as ${shortened(read, 160)}`, command: 'rankscope.summary', arguments: [{ uri }] }];
}

/** Lets the person pick the column of the texts, where none of a known name holds them. */
function columnPick({ uri, problems }: JudgedDocument): Command[] {
  const columns = problems.find(({ candidates }) => candidates !== undefined && candidates.length > 0)?.candidates;
  return columns === undefined
    ? []
    : [{ title: 'Choose the column of the texts…', command: useColumnCommand, arguments: [{ uri, columns }] }];
}

function judging({ uri }: JudgedDocument): Pick<Command, 'command' | 'arguments'> {
  return { command: 'rankscope.judgeAgain', arguments: [{ uri }] };
}

function onFirstLine(commands: readonly Command[]): CodeLens[] {
  const start = { line: 0, character: 0 };
  return commands.map((command) => ({ range: { start, end: start }, command }));
}

/** How many lines with content were read and how many were not, with the most frequent reason. */
function linesText({ examples, problems }: JudgedDocument): string {
  const reasons = new Map<string, number>();
  for (const { what } of problems) reasons.set(what, (reasons.get(what) ?? 0) + 1);
  const [[most] = ['']] = [...reasons].sort(([, a], [, b]) => b - a);
  const why = `${shortened(most, 120)}${reasons.size > 1 ? ', and other reasons' : ''}`;
  if (examples.length === 0) return `Nothing read (${why})`;
  const unread = new Set(problems.map(({ line }) => line));
  let [read, last] = [0, 0];
  for (const { line } of examples) {
    if (line !== last && !unread.has(line)) read++;
    last = line;
  }
  const parts = [counted(read + unread.size, 'line'), `${read.toLocaleString('en')} read`];
  if (unread.size > 0) parts.push(`${unread.size.toLocaleString('en')} not read (${why})`);
  return parts.join(' · ');
}

function countsText({ judged, toxic, unjudged, waiting, labelled }: DocumentSummary): string {
  const parts = [
    counted(judged, 'text') + ' judged',
    `${toxic.toLocaleString('en')} toxic${judged === 0 ? '' : ` (${((100 * toxic) / judged).toFixed(1)} %)`}`,
    `${unjudged.toLocaleString('en')} unjudged`,
    `${labelled.toLocaleString('en')} labelled by hand`,
  ];
  if (waiting > 0) parts.push(`${waiting.toLocaleString('en')} waiting`);
  return parts.join(' · ');
}

function agreementText({ agreement }: DocumentSummary): readonly string[] {
  if (agreement === undefined) return [];
  const { accuracy, kappa, n } = agreement;
  if (!isMeasured(accuracy)) return [`Agreement with the labels: none, ${accuracy.unmeasured}`];
  const kappaText = isMeasured(kappa) ? `, κ ${kappa.toFixed(2)}` : '';
  return [`Judge and labels agree on ${(100 * accuracy.value).toFixed(0)} % of ${n}${kappaText}`];
}
