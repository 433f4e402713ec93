import type { Location, Log, Notification, ReportingDescriptor, Result, Run } from 'sarif';
import { pathToFileURL } from 'node:url';
import { documentSpan, type Example, type Span } from '../../dataset/example.ts';
import { contentHash } from '../../judges/labels/human.ts';
import type { Verdict } from '../../judges/judge/judge.ts';
import { createDocumentText, type DocumentText } from '../../dataset/documentText.ts';
import { scoreText, topCategory } from '../../judges/verdictWording.ts';
import { rankscopeVersion } from '../../protocol/version.ts';

export interface JudgedFile {
  /** Absolute path. */
  readonly path: string;
  /** The file's text, in which the examples have their ranges. */
  readonly text: string;
  readonly examples: readonly Example[];
  /** The verdict on each example, in order. */
  readonly verdicts: readonly (Verdict | undefined)[];
  readonly judge: { readonly name: string; readonly hash: string; readonly threshold: number };
}

type Judged = Extract<Verdict, { kind: 'judged' }>;

/**
 * The toxic texts of a file as a SARIF 2.1.0 log, for viewers of code-scanning results. An unjudged text becomes a
 * notification of the invocation, so that it does not pass for clean.
 */
export function sarifLog(file: JudgedFile): Log {
  const text = createDocumentText(file.path, 0, file.text);
  const flagged = file.examples.flatMap((example, i) => {
    const verdict = file.verdicts[i];
    return verdict?.kind === 'judged' && verdict.toxic ? [{ example, verdict }] : [];
  });
  const rules = [...new Set(flagged.map(({ verdict }) => topCategory(verdict)))].sort();
  return sarif({
    rules: rules.map(rule),
    properties: { judge: file.judge },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: unjudged(file, text) }],
    results: flagged.map(({ example, verdict }) => result(file, text, example, verdict, rules)),
  });
}

export interface SarifRun extends Pick<Run, 'invocations' | 'results' | 'properties'> {
  readonly rules: ReportingDescriptor[];
}

/** A SARIF 2.1.0 log of one run of this tool. */
export function sarif({ rules, ...run }: SarifRun): Log {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Rankscope', version: rankscopeVersion, rules } },
        columnKind: 'utf16CodeUnits',
        ...run,
      },
    ],
  };
}

function rule(category: string): ReportingDescriptor {
  return { id: category, shortDescription: { text: `Toxic text: ${category}` } };
}

function result(
  { path, judge }: JudgedFile,
  text: DocumentText,
  example: Example,
  verdict: Judged,
  rules: readonly string[],
): Result {
  const ruleId = topCategory(verdict);
  return {
    ruleId,
    ruleIndex: rules.indexOf(ruleId),
    level: verdict.score >= 0.9 ? 'error' : verdict.score >= 0.7 ? 'warning' : 'note',
    rank: 100 * verdict.score,
    message: { text: `Toxic: ${scoreText(verdict.score)} by ${judge.name}` },
    locations: [location(path, text, example.range)],
    relatedLocations: verdict.evidence.map((part) => ({
      ...location(path, text, documentSpan(example, part)),
      message: { text: part.category },
    })),
    // By this hash a viewer recognises a result when its line moves.
    partialFingerprints: { 'contentHash/v1': contentHash(example) },
    // A model's own words may look like a link to a viewer. Only messages have links, so that the words go into the
    // properties.
    properties: { score: verdict.score, categories: verdict.categories, why: verdict.why },
  };
}

function unjudged({ path, examples, verdicts }: JudgedFile, text: DocumentText): Notification[] {
  return examples.flatMap((example, i) => {
    const verdict = verdicts[i] ?? { kind: 'unjudged' as const, reason: 'the judge gave no verdict' };
    if (verdict.kind === 'judged') return [];
    return {
      level: 'warning',
      message: { text: `Unjudged: ${verdict.reason}` },
      locations: [location(path, text, example.range)],
    };
  });
}

/** SARIF counts lines and columns from 1. */
function location(path: string, text: DocumentText, { start, end }: Span): Location {
  const [from, to] = [text.positionAt(start), text.positionAt(end)];
  return {
    physicalLocation: {
      artifactLocation: { uri: pathToFileURL(path).href },
      region: {
        startLine: from.line + 1,
        startColumn: from.character + 1,
        endLine: to.line + 1,
        endColumn: to.character + 1,
        charOffset: start,
        charLength: end - start,
      },
    },
  };
}
