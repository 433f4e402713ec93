/**
 * How fast do the base and six ranks complete prompts together, against PEFT's one after another? The same drawn adapters
 * on both sides; the share of tokens that agree is printed. PEFT keeps its adapters beside the base, or merges each into
 * the base before its turn, which is not timed.
 *
 *   RANKSCOPE_PYTHON=python-with-torch RANKSCOPE_YARDSTICK=folder RANKSCOPE_SMOLLM2=model.gguf \
 *     npm run bench:decoding -- [--rounds 3] [--ranks 2,4,8,16,32,64] [--batch 16]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { interleave, opponent, ours, printRatios, required, yardstickFile } from './interleaved.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    ranks: { type: 'string', default: '2,4,8,16,32,64' },
    batch: { type: 'string', default: '16' },
  },
});

type Completions = Readonly<Record<string, readonly (readonly number[])[]>>;

interface Decoded {
  readonly tokens_per_s: number;
  readonly peak_mb: number;
  readonly completions: Completions;
}

/** Share of the tokens of ours that PEFT has in the same place; ours end at the end token, PEFT's go on. */
function agreement(own: Completions, other: Completions): number {
  const pairs = Object.entries(own).flatMap(([arm, rows]) =>
    rows.flatMap((row, i) => row.map((token, j) => token === other[arm]?.[i]?.[j])),
  );
  return pairs.filter(Boolean).length / pairs.length;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));
try {
  const adapters = path.join(folder, 'adapters');
  mkdirSync(adapters);
  const model = ['--model', required('RANKSCOPE_SMOLLM2')];
  opponent('adapters', ...model, '--ranks', values.ranks, '--out', adapters);
  const work = [...model, '--prompts', yardstickFile('prompts.txt'), '--adapters', adapters];
  let own: Completions = {};
  let agreed = NaN;
  const rankscope = () => {
    const { completions, tokens_per_s, peak_mb } = ours('decodeOnce.ts', ...work) as Decoded;
    own = completions;
    return { tokens_per_s, peak_mb };
  };
  const peft = (...flags: readonly string[]) => {
    const { completions, tokens_per_s, peak_mb } = opponent(
      'decode',
      ...work,
      '--batch',
      values.batch,
      ...flags,
    ) as Decoded;
    if (flags.length === 0) agreed = agreement(own, completions);
    return { tokens_per_s, peak_mb };
  };
  const results = interleave(
    [
      { name: 'Rankscope, all arms in one batch', run: rankscope },
      { name: 'PEFT, one arm after another', run: () => peft() },
      { name: 'PEFT, one after another, each merged', run: () => peft('--merge') },
    ],
    Number(values.rounds),
  );
  console.log(`\nbase and ranks ${values.ranks}, ${(100 * agreed).toFixed(1)} % of tokens the same as PEFT's\n`);
  printRatios(results, [
    { figure: 'tokens_per_s', title: 'greedy tokens/s', larger: true },
    { figure: 'peak_mb', title: 'peak memory, MB', larger: false, digits: 0 },
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
