/** One clean text, one that the word list flags, and one that would run if it were taken for markup. */
export const flaggedText = [
  { text: 'The garden is quiet this morning.' },
  { text: 'You are an idiot and a worthless parasite.' },
  { text: 'You idiot <img src=x onerror="document.title=\'owned\'"> [link](command:workbench.action.quit) **bold**' },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

/** Twenty labelled texts as SST2 writes them: without a header. */
export const labelledText = Array.from({ length: 20 }, (_, i) =>
  i % 2 === 0 ? `a film number ${i} that is a joy\t1\n` : `a film number ${i} that is a bore\t0\n`,
).join('');
