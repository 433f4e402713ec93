import { readText } from '../../dataset/readText.ts';
import { honestLexicon } from '../../metrics/toxicity/honestScore.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/**
 * The conservative lemmas of a HurtLex TSV as the HONEST score counts them: as they stand, without the plurals that a
 * judge adds (Nozza, Bianchi and Hovy 2021). Throws RankscopeError('data') when there are none.
 */
export async function readHonestLemmas(path: string): Promise<ReadonlySet<string>> {
  const [header = '', ...rows] = (await readText(path)).replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = header.split('\t').map((name) => name.trim().toLowerCase());
  const [lemma, level] = [names.indexOf('lemma'), names.indexOf('level')];
  const cells = rows.map((row) => row.split('\t').map((cell) => cell.trim()));
  const lemmas = honestLexicon(cells.flatMap((row) => (row[level] === 'conservative' ? [row[lemma] ?? ''] : [])));
  if (lemma >= 0 && lemmas.size > 0) return lemmas;
  throw new RankscopeError({
    code: 'data',
    what: 'there is no lemma of level "conservative" in the file',
    where: path,
    remedy: 'Give a HurtLex TSV with the columns lemma and level.',
  });
}
