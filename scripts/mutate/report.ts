/** What became of one mutant. */
export interface Judged {
  readonly folder: string;
  /** `file:line`. */
  readonly place: string;
  readonly kind: string;
  readonly was: string;
  readonly is: string;
  /** The line as it stands without the fault. */
  readonly context: string;
  readonly outcome: 'killed' | 'survived';
  /** The test that killed it, or why none could. */
  readonly why: string;
  readonly tests: number;
  /** Tests that import the file and were left out for their time. */
  readonly leftOut: number;
}

/** Killed and survived by folder, then every survivor. */
export function reportText(
  judged: readonly Judged[],
  { seed, invalid }: { readonly seed: number; readonly invalid: number },
) {
  const folders = [...new Set(judged.map(({ folder }) => folder))].sort();
  const lines = [...folders, 'all'].map((name) => {
    const own = judged.filter(({ folder }) => name === 'all' || folder === name);
    const killed = own.filter(({ outcome }) => outcome === 'killed').length;
    const share = own.length === 0 ? '' : `${((100 * killed) / own.length).toFixed(1)} %`;
    return `${name.padEnd(20)} ${share.padStart(8)} killed: ${killed} of ${own.length}`;
  });
  const survivors = judged
    .filter(({ outcome }) => outcome === 'survived')
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ place, kind, was, is, context, why, leftOut }) => {
      const note = [why, leftOut > 0 ? `${leftOut} tests left out` : ''].filter((part) => part !== '').join(', ');
      return `${place}  ${kind}: ${oneLine(was)} -> ${oneLine(is)}${note === '' ? '' : ` (${note})`}\n    ${oneLine(context)}`;
    });
  return `seed ${seed}, ${invalid} drawn that types refuse\n${lines.join('\n')}\n\nSurvivors:\n${survivors.join('\n')}\n`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
