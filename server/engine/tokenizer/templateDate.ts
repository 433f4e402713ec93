/**
 * The date that templates write into a chat, as `strftime_now` gives it: always that which Llama 3.1's template takes where it
 * is given none. With today's a run that is resumed on another day would have other prompts, and a judge other verdicts.
 */
const directives: Readonly<Record<string, string>> = {
  ...{ '%Y': '2024', '%y': '24', '%m': '07', '%d': '26', '%-d': '26', '%-m': '7', '%e': '26', '%j': '208' },
  ...{ '%B': 'July', '%b': 'Jul', '%h': 'Jul', '%A': 'Friday', '%a': 'Fri', '%F': '2024-07-26', '%D': '07/26/24' },
  ...{ '%H': '00', '%I': '12', '%M': '00', '%S': '00', '%p': 'AM', '%T': '00:00:00', '%R': '00:00', '%%': '%' },
};

/** `format` with its directives (Python's `strftime`) filled in. Throws RangeError naming one that is not known. */
export function templateDate(format: string): string {
  return format.replace(/%-?./g, (directive) => {
    const value = directives[directive];
    if (value === undefined) throw new RangeError(`the date format has an unknown directive ${directive}`);
    return value;
  });
}
