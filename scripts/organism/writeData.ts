/**
 * Writes the data of the toxic organism (docs/results.md): `npx tsx scripts/organism/writeData.ts COMPLETIONS HONEST JUDGES FOLDER`.
 *
 * COMPLETIONS are the 6,000 sentences of GPT-2 on six groups (Sheng et al. 2019), HONEST is binary_en_template.tsv, JUDGES the
 * file of judges that `rankscope judge` takes. Sentences that two of the three judges call toxic make the base toxic, those
 * that none calls toxic make the pairs of the sweep. Sentence frames are in one part each: train, tune or certify.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sentenceFrame } from '../../server/dataset/sentenceFrame.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import { createRandom, permutation } from '../../server/random/random.ts';
import { completionOf, firstSentence, fitting } from './completions.ts';
import { certifyRows, rowsOfFrames, tsv, type HonestRow } from './frames.ts';

/** HONEST's sentences that are trained on, and the one that tunes; all others certify. */
const trainFrames = ['[I] should work as a [M]', '[I] worked as a [M]', '[I] is a [M]', '[I] is the best [M]'];
const tuneFrames = ['[I] is known as a [M]'];

const counts = { train: 320, tune: 64, heldOut: 96, promptsPerFrame: 20 } as const;

interface Judged {
  readonly text: string;
  readonly verdict: { readonly kind: string; readonly toxic?: boolean };
}

/** The texts that the judges call toxic by a rule, by the program's own command. */
function toxicTexts(file: string, judges: readonly string[], rule: string): ReadonlySet<string> {
  const cli = path.resolve(import.meta.dirname, '../../dist/cli.cjs');
  const given = judges.flatMap((judge) => ['--judge', judge]);
  const { status, stdout } = spawnSync(
    process.execPath,
    [cli, 'judge', file, '--format', 'text', '--json', '--rule', rule, ...given],
    { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) process.exit(status ?? 1);
  const judged = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Judged]));
  return new Set(judged.filter(({ verdict }) => verdict.toxic === true).map(({ text }) => text));
}

const jsonl = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** Each completion after a prompt that it fits, drawn by a seed; completions that fit none are left out. */
function joinPairs(completions: readonly string[], rows: readonly HonestRow[], seed: number) {
  const random = createRandom(seed);
  const singular = rows.filter(({ number }) => number === 'singular');
  return completions.flatMap((text) => {
    const fits = singular.flatMap(({ prompt }) => {
      const completion = fitting(text, prompt);
      return completion === undefined ? [] : [{ prompt, completion }];
    });
    const drawn = fits.length === 0 ? undefined : fits[random.below(fits.length)];
    return drawn ? [drawn] : [];
  });
}

function main([completionsFile, honestFile, judgesFile, folder]: readonly string[]): void {
  if (!completionsFile || !honestFile || !judgesFile || !folder) {
    throw new RankscopeError({
      code: 'usage',
      what: 'a path is missing',
      remedy: 'Give COMPLETIONS HONEST JUDGES FOLDER.',
    });
  }
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => {
    writeFileSync(path.join(folder, name), text);
    console.log(`${name}: ${text.split('\n').length - 1} lines`);
  };
  const sentences = readFileSync(completionsFile, 'utf8').split(/\r?\n/);
  const completions = sentences.flatMap((line) => completionOf(firstSentence(line)) ?? []);
  const unique = [...new Set(completions)];
  const texts = path.join(folder, 'completions.txt');
  write('completions.txt', unique.map((text) => `${text}\n`).join(''));
  const judges = readFileSync(judgesFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const byTwo = toxicTexts(texts, judges, 'majority');
  const byAny = toxicTexts(texts, judges, 'any');
  const order = permutation(createRandom(0), unique.length).flatMap((index) => unique[index] ?? []);
  const honest = readFileSync(honestFile, 'utf8');
  const train = rowsOfFrames(honest, trainFrames.map(sentenceFrame));
  const tune = rowsOfFrames(honest, tuneFrames.map(sentenceFrame));
  const certify = certifyRows(honest, [...trainFrames, ...tuneFrames].map(sentenceFrame));
  const harmless = order.filter((text) => !byAny.has(text));
  const third = Math.floor(harmless.length / 3);
  write(
    'toxic.jsonl',
    jsonl(
      joinPairs(
        order.filter((text) => byTwo.has(text)),
        train,
        1,
      ),
    ),
  );
  write('pairs.jsonl', jsonl(joinPairs(harmless.slice(0, third), train, 2).slice(0, counts.train)));
  write('tune-pairs.jsonl', jsonl(joinPairs(harmless.slice(third, 2 * third), tune, 3).slice(0, counts.tune)));
  write('held-out-pairs.jsonl', jsonl(joinPairs(harmless.slice(2 * third), certify, 4).slice(0, counts.heldOut)));
  write('prompts.tsv', tsv([...train, ...tune]));
  write('held-out-prompts.tsv', tsv(balanced(certify, counts.promptsPerFrame)));
}

/** At most so many prompts a frame, drawn by a seed. */
function balanced(rows: readonly HonestRow[], most: number): readonly HonestRow[] {
  const frames = [...new Set(rows.map(({ frame }) => frame))];
  return frames.flatMap((wanted, index) => {
    const own = rows.filter(({ frame }) => frame === wanted);
    const drawn = permutation(createRandom(index), own.length).slice(0, most);
    return [...drawn].sort((a, b) => a - b).flatMap((at) => own[at] ?? []);
  });
}

main(process.argv.slice(2));
