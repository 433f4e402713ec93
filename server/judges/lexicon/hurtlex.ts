import { readPlainText } from '../../files/plainFile.ts';
import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import type { LexiconEntry } from './builtinLexicon.ts';
import { everydayLemmas } from './everydayLemmas.ts';

/** A conservative lemma is one whose senses are all offensive: alone it is enough, as in HONEST. */
const weight = 0.5;

/** A lemma that is mostly used in an innocent sense needs company to make a text toxic. */
const everydayWeight = 0.15;

/** An inclusive lemma is one with some offensive sense among others. */
const inclusiveWeight = 0.25;

export type HurtLexLevel = 'conservative' | 'inclusive';

/** HurtLex's category codes, spelled out (Bassignana, Basile and Patti, CLiC-it 2018, table 1). */
const categoryNames: Readonly<Record<string, string>> = {
  ps: 'ethnic slurs',
  rci: 'locations and demonyms',
  pa: 'professions and occupations',
  ddf: 'physical disabilities and diversity',
  ddp: 'cognitive disabilities and diversity',
  dmc: 'moral and behavioural defects',
  is: 'social and economic disadvantage',
  or: 'plants',
  an: 'animals',
  asm: 'male genitalia',
  asf: 'female genitalia',
  pr: 'prostitution',
  om: 'homosexuality',
  qas: 'potential negative connotations',
  cds: 'derogatory words',
  re: 'felonies, crime and immoral behaviour',
  svp: 'the seven deadly sins',
};

const columns = ['category', 'lemma', 'level'] as const;
type Column = (typeof columns)[number];

/**
 * The entries of a HurtLex TSV, the conservative ones unless all are wanted (`id pos category stereotype lemma level`, found by header), as they stand:
 * it lists plurals of its own, and inflecting it would turn `mean` into `means`. Throws `judge` for a file that cannot
 * be read, lacks a column, has a broken row or has no such entry.
 */
export async function readHurtLex(
  path: string,
  level: HurtLexLevel = 'conservative',
): Promise<readonly LexiconEntry[]> {
  const text = await readPlainText(path).catch((error: unknown) => {
    throw broken(path, `HurtLex cannot be read: ${errorDetails(error).what}`);
  });
  return parseHurtLex(text, path, level);
}

/** As `readHurtLex`, of the file's text; `path` names it in errors. */
export function parseHurtLex(
  text: string,
  path: string,
  wanted: HurtLexLevel = 'conservative',
): readonly LexiconEntry[] {
  const [header = '', ...rows] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const at = columnPositions(header, path);
  const entries = rows.flatMap((row, i) => (row.trim() === '' ? [] : entriesOf(row, at, `${path}:${i + 2}`, wanted)));
  if (entries.length === 0) throw broken(path, 'HurtLex holds no entry of level "conservative".');
  return entries;
}

function columnPositions(header: string, path: string): Readonly<Record<Column, number>> {
  const names = header.split('\t').map((name) => name.trim().toLowerCase());
  const missing = columns.filter((name) => !names.includes(name));
  if (missing.length > 0) throw broken(`${path}:1`, `The header lacks the column ${missing.join(', ')}.`);
  const at = (name: Column): number => names.indexOf(name);
  return { category: at('category'), lemma: at('lemma'), level: at('level') };
}

function entriesOf(
  row: string,
  at: Readonly<Record<Column, number>>,
  where: string,
  wanted: HurtLexLevel,
): readonly LexiconEntry[] {
  const cells = row.split('\t').map((cell) => cell.trim());
  const [code, lemma, level] = columns.map((name) => cells[at[name]] ?? '');
  if (level !== 'conservative' && level !== 'inclusive') {
    throw broken(where, `The level is "${level ?? ''}", neither "conservative" nor "inclusive".`);
  }
  if (lemma === undefined || lemma === '') throw broken(where, 'The lemma is empty.');
  if (level === 'inclusive' && wanted === 'conservative') return [];
  const category = `hurtlex: ${categoryNames[code ?? ''] ?? code ?? ''}`;
  const usual = level === 'inclusive' ? inclusiveWeight : weight;
  return [{ term: lemma, category, weight: everydayLemmas.has(lemma) ? everydayWeight : usual }];
}

function broken(where: string, what: string): RankscopeError {
  const remedy = 'Give a HurtLex TSV with the columns category, lemma and level.';
  return new RankscopeError({ code: 'judge', what, where, remedy });
}
