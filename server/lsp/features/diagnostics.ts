import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { EditorSettings } from '../../protocol/messages/editor.ts';
import { flaggedTexts, type JudgedDocument, type Judgement } from '../documents/judgedDocument.ts';
import { evidenceRange, rangeOf } from './ranges.ts';
import { labelWords, scoreText, shortened, topCategory } from '../../judges/verdictWording.ts';

export interface DiagnosticOptions {
  /** Most diagnostics of one document. */
  readonly limit: number;
  /** One severity for all diagnostics, or by the score of each. */
  readonly severity: EditorSettings['severity'];
  /** Whether the client shows related information. */
  readonly related: boolean;
  /** URL of a page that explains categories. */
  readonly explanations?: string | undefined;
}

export const source = 'rankscope';
/** Most words of one verdict that become related information. */
const mostRelated = 20;

/**
 * One diagnostic for the exact span of each flagged text, one for each line that cannot be read, and one for each
 * notice.
 */
export function diagnostics(document: JudgedDocument, options: DiagnosticOptions): Diagnostic[] {
  const found: Diagnostic[] = [];
  let left = 0;
  for (const judgement of flaggedTexts(document)) {
    if (found.length < options.limit) found.push(flaggedDiagnostic(document, judgement, options));
    else left++;
  }
  const broken = document.problems.slice(0, Math.max(0, options.limit - found.length));
  left += document.problems.length - broken.length;
  const notices = left > 0 ? [...document.notices, notShown(left, options.limit)] : document.notices;
  return [
    ...notices.map((message) => aboutTheWhole(message)),
    ...found,
    ...broken.map(({ range, what, remedy }): Diagnostic => ({
      range: rangeOf(document.text, range),
      severity: severities[options.severity] ?? DiagnosticSeverity.Warning,
      source,
      code: 'unreadable-line',
      message: `${what}. ${remedy}`,
    })),
  ];
}

/** The severity that a setting gives to every diagnostic; undefined for `byScore`. */
const severities: Readonly<Record<EditorSettings['severity'], DiagnosticSeverity | undefined>> = {
  hint: DiagnosticSeverity.Hint,
  information: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  error: DiagnosticSeverity.Error,
  byScore: undefined,
};

function notShown(count: number, limit: number): string {
  return `${count} more are not shown: the limit is ${limit} (setting limits.problems).`;
}

function aboutTheWhole(message: string): Diagnostic {
  const start = { line: 0, character: 0 };
  return { range: { start, end: start }, severity: DiagnosticSeverity.Information, source, code: 'notice', message };
}

function flaggedDiagnostic(document: JudgedDocument, judgement: Judgement, options: DiagnosticOptions): Diagnostic {
  const { example, verdict } = judgement;
  const code = verdict?.kind === 'judged' && verdict.toxic ? topCategory(verdict) : 'labelled-toxic';
  const related = options.related ? relatedInformation(document, judgement) : [];
  return {
    range: rangeOf(document.text, example.range),
    severity: severities[options.severity] ?? severityByScore(judgement),
    source,
    code,
    ...(options.explanations !== undefined && {
      codeDescription: { href: `${options.explanations}#${anchorOf(code)}` },
    }),
    message: messageOf(document, judgement),
    ...(related.length > 0 && { relatedInformation: related }),
  };
}

/** The anchor of the heading in docs/judges.md that explains a code. */
function anchorOf(code: string): string {
  const heading = code.startsWith('hurtlex:') ? 'hurtlex' : code;
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** A person's label and scores from 0.9 are errors, scores from 0.7 are warnings, and lower ones are information. */
function severityByScore({ verdict, label }: Judgement): DiagnosticSeverity {
  const score = label?.label === 'toxic' ? 1 : verdict?.kind === 'judged' ? verdict.score : 0;
  if (score >= 0.9) return DiagnosticSeverity.Error;
  return score >= 0.7 ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information;
}

function messageOf({ judge }: JudgedDocument, { verdict, label }: Judgement): string {
  const judged =
    verdict?.kind === 'judged' ? `${scoreText(verdict.score)} by ${judge?.name ?? 'its judge'}` : 'not judged';
  const human = label && `${label.author} says ${labelWords[label.label]}`;
  const why = verdict?.kind === 'judged' ? verdict.why : undefined;
  const first = label?.label === 'toxic' ? [human, judged] : [judged, human];
  const told = first.filter((part) => part !== undefined).join('; ');
  return `Toxic: ${told}${why === undefined ? '' : ` (${shortened(why, 200)})`}`;
}

function relatedInformation({ uri, text }: JudgedDocument, { example, verdict }: Judgement) {
  const evidence = verdict?.kind === 'judged' ? verdict.evidence.slice(0, mostRelated) : [];
  return evidence.map((part) => ({
    location: { uri, range: evidenceRange(text, example, part) },
    message: `“${shortened(example.text.slice(part.start, part.end))}”: ${part.category}`,
  }));
}
