/** Which documents are data sets: by language, so that what VS Code calls JSON Lines, CSV and TSV is judged. */
export const dataSetLanguages: readonly string[] = ['jsonl', 'csv', 'tsv', 'rankscope-texts'];

/** Which documents the server sees: JSON too, whose arrays may be data sets. A JSON file alone does not start it. */
export const judgedLanguages: readonly string[] = [...dataSetLanguages, 'json'];

/** Human labels lie beside a data set in a file of this ending; it is no data set itself. */
const labelFileEnding = '.labels.jsonl';

/** Whether a file with this name may hold texts to judge. */
export function isDataSetName(name: string): boolean {
  return /\.(jsonl|csv|tsv|prompts\.txt)$/i.test(name) && !name.endsWith(labelFileEnding);
}
