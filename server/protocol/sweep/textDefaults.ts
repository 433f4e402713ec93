/** What a classification sweep takes its texts for unless its file says otherwise. */

/** The words of the paper's two data sets, and how their files write them. */
export const sentimentLabels = [
  { word: 'negative', values: ['0', 'neg', 'negative'] },
  { word: 'positive', values: ['1', 'pos', 'positive'] },
];

/** Longer texts are cut to their first so many words. */
export const defaultWords = 250;
