/** Languages of data sets. What VS Code recognises as JSON Lines, CSV or TSV is judged. */
export const dataSetLanguages: readonly string[] = ['jsonl', 'csv', 'tsv', 'rankscope-texts'];

/** Ending of label files. A label file lies beside its data set and is no data set itself. */
const labelFileEnding = '.labels.jsonl';

/** Whether a file with this name may hold texts to judge. */
export function isDataSetName(name: string): boolean {
  return /\.(jsonl|csv|tsv|prompts\.txt)$/i.test(name) && !name.endsWith(labelFileEnding);
}
