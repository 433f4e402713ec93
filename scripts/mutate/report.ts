/** What became of the mutants, by folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutatedFolders } from './folders.ts';
import type { Sample, SampledMutant } from './sample.ts';

/** A mutant that changes nothing anyone could see, recognised by its line and its change, with the reason. */
interface Equivalent {
  readonly file: string;
  readonly context: string;
  readonly was: string;
  readonly replacement: string;
  readonly reason: string;
}

const equivalents = JSON.parse(readFileSync(join(import.meta.dirname, 'equivalent.json'), 'utf8')) as Equivalent[];

/** Why a mutant can be killed by no test; undefined where one could. */
function equivalence(mutant: SampledMutant): string | undefined {
  return equivalents.find(
    ({ file, context, was, replacement }) =>
      [file, context, was, replacement].join('\n') ===
      [mutant.file, mutant.context, mutant.was, mutant.replacement].join('\n'),
  )?.reason;
}

/** Killed, equivalent and survived by folder, then every survivor. */
export function reportText({ seed, places, refused, mutants }: Sample): string {
  const judged = mutants.filter(({ outcome }) => outcome !== undefined);
  const rows = [...mutatedFolders.map(({ name }) => name), 'all'].map((name) => {
    const own = judged.filter(({ folder }) => name === 'all' || folder === name);
    const killed = own.filter(({ outcome }) => outcome === 'killed').length;
    const same = own.filter((mutant) => mutant.outcome === 'survived' && equivalence(mutant) !== undefined).length;
    const share = own.length === same ? '' : `${((100 * killed) / (own.length - same)).toFixed(1)} %`;
    const counted = (counts: Readonly<Record<string, number>>): string =>
      String(name === 'all' ? Object.values(counts).reduce((sum, count) => sum + count, 0) : (counts[name] ?? 0));
    return [name, counted(places), counted(refused), own.length, killed, same, own.length - killed - same, share];
  });
  const header = ['folder', 'places', 'refused', 'mutants', 'killed', 'equivalent', 'survived', 'killed of the rest'];
  const table = [header, ...rows].map((row) => row.map((cell, i) => String(cell).padEnd(i === 0 ? 20 : 11)).join(''));
  const survivors = judged
    .filter(({ outcome }) => outcome === 'survived')
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
    .map((mutant) => survivorText(mutant));
  return `seed ${seed}\n${table.join('\n')}\n\nSurvivors:\n${survivors.join('\n')}\n`;
}

function survivorText(mutant: SampledMutant): string {
  const { file, line, kind, was, replacement, context, why = '', leftOut = 0 } = mutant;
  const reason = equivalence(mutant);
  const notes = [
    reason === undefined ? '' : `equivalent: ${reason}`,
    why,
    leftOut > 0 ? `${leftOut} test files left out` : '',
  ];
  const note = notes.filter((part) => part !== '').join(', ');
  const change = `${oneLine(was)} -> ${oneLine(replacement)}`;
  return `${file}:${line}  ${kind}: ${change}${note === '' ? '' : ` (${note})`}\n    ${oneLine(context)}`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
}
