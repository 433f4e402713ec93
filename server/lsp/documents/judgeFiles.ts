import { fileURLToPath } from 'node:url';
import { detectFormat } from '../../dataset/detectFormat.ts';
import type { FieldNames } from '../../dataset/example.ts';
import type { DocumentText } from '../../dataset/documentText.ts';
import { lookedAt, whyNoDataset } from '../../dataset/recogniseDataset.ts';
import type { EditorSettings } from '../../protocol/messages/editor.ts';
import { shortened } from '../../judges/verdictWording.ts';
import { matchesGlob } from './globPattern.ts';

/** Why a document is not judged. */
export interface NotJudged {
  /** The reason, as a sentence. */
  readonly reason: string;
  /** Whether the document looks like a data set. Only then the document itself offers to judge it. */
  readonly isDataset: boolean;
  /** Whether a person can ask for it to be judged. */
  readonly canBeAsked: boolean;
}

/** The language of a list of texts, one a line. The person has chosen it, or the file is named `*.prompts.txt`. */
const listLanguage = 'rankscope-texts';

/**
 * Why a document is not judged automatically (settings `judgeFiles` and `judgeExclude`); undefined where it is.
 * `folder` is the workspace folder that holds it.
 */
export function whyNotJudged(
  text: DocumentText,
  language: string,
  settings: Pick<EditorSettings, 'judgeFiles' | 'judgeExclude' | 'fields' | 'columns'>,
  folder: string | undefined,
): NotJudged | undefined {
  const { judgeFiles, judgeExclude } = settings;
  const path = pathOf(text.uri);
  if (judgeFiles === 'off') {
    return { reason: 'Judging is off (setting judgeFiles).', isDataset: false, canBeAsked: false };
  }
  const excluded = judgeExclude.find((pattern) => matchesGlob(pattern, path, folder));
  if (excluded !== undefined) return notJudged(`It matches ${JSON.stringify(excluded)} (setting judgeExclude).`, false);
  const beginning = text.slice(0, Math.min(text.length, lookedAt.characters));
  const isList = language === listLanguage || /\.prompts\.txt$/i.test(path);
  const fields = fieldsOf(text.uri, settings, folder);
  const why = whyNoDataset(path, beginning, { format: detectFormat(path, beginning), fields, isList });
  if (why !== undefined) return notJudged(`Not taken for a data set: ${shortened(why, 300)}.`, false);
  return judgeFiles === 'onDemand' ? notJudged('Files are judged on demand (setting judgeFiles).', true) : undefined;
}

function notJudged(reason: string, isDataset: boolean): NotJudged {
  return { reason, isDataset, canBeAsked: true };
}

/**
 * Which fields or columns of a document hold what. Settings for a glob that the document matches come before those
 * for all files.
 */
export function fieldsOf(
  uri: string,
  { fields, columns }: Pick<EditorSettings, 'fields' | 'columns'>,
  folder: string | undefined,
): FieldNames {
  const path = pathOf(uri);
  const own = Object.entries(columns).filter(([pattern]) => matchesGlob(pattern, path, folder));
  return Object.assign({}, fields, ...own.map(([, names]) => names)) as FieldNames;
}

/** The path of a file. For a document that is no file, its URI. */
function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    return uri;
  }
}
