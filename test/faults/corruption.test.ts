import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RankscopeError } from '../../server/protocol/errors.ts';
import { assertAsWritten } from '../../server/runs/folderDigests.ts';
import { withFaultyDisk } from './faultyDisk.ts';
import { createDice, scale } from './scale.ts';
import { buryOwner, copyRun, differencesOf, filesOf, outcomeOf, startOrResume, sweeps } from './smallRuns.ts';
import { undisturbedRun } from './undisturbedRun.ts';

type Damage = (bytes: Buffer) => Buffer;
const dice = createDice(7);

const damages: Readonly<Record<string, Damage>> = {
  'a flipped bit': (bytes) => {
    const at = dice.below(bytes.length);
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
    return copy;
  },
  zeros: (bytes) => Buffer.from(bytes).fill(0, Math.floor(bytes.length / 2)),
  'a cut end': (bytes) => bytes.subarray(0, dice.below(bytes.length)),
};

/** Files of a run whose bytes its digests cover: damage to any of them must never change a figure. */
const isCovered = (name: string): boolean => /^(checkpoints|best)\/|^arms\/[^/]+\/adapter/.test(name);

describe('damage to a run that was interrupted', () => {
  for (const [name, make] of Object.entries(sweeps)) {
    it(`of ${name} is named or made good, and never changes a figure where digests cover the file`, async () => {
      const { calls, expected } = await undisturbedRun(make());
      const cut = make();
      await withFaultyDisk(cut.run, { kind: 'crash', at: Math.floor(calls * 0.7) }, () => startOrResume(cut));
      buryOwner(cut.run);
      const kept = join(cut.path, 'kept');
      copyRun(cut.run, kept);
      const tally = { tried: 0, named: 0, 'made good': 0, silent: [] as string[] };
      for (const path of filesOf(kept).filter((one) => statSync(one).size > 0)) {
        const file = relative(kept, path);
        for (const [kind, damage] of Object.entries(damages)) {
          for (let again = 0; again < scale; again++) {
            copyRun(kept, cut.run);
            writeFileSync(join(cut.run, file), damage(readFileSync(path)));
            const fate = await fateOf(cut, expected);
            tally.tried++;
            if (fate === 'silent') tally.silent.push(`${file} ${kind}`);
            else tally[fate]++;
          }
        }
      }
      cut.remove();
      const { silent, ...counts } = tally;
      console.log(`      ${JSON.stringify(counts)}, ${silent.length} silent: ${[...new Set(silent)].join('; ')}`);
      assert.deepEqual(
        silent.filter((one) => isCovered(one)),
        [],
      );
    });
  }

  async function fateOf(
    sweep: Parameters<typeof startOrResume>[0],
    expected: Readonly<Record<string, unknown>>,
  ): Promise<'named' | 'made good' | 'silent'> {
    try {
      await startOrResume(sweep);
    } catch (error) {
      assert.ok(error instanceof RankscopeError && error.code !== 'internal', String(error));
      return 'named';
    }
    const differences = differencesOf(outcomeOf(sweep.run), expected);
    if (differences.length === 0) return 'made good';
    // Weights that nothing needed again: whoever uses them is refused.
    const [arm] = /^arms\/[^/]+(?=\/(adapter_config|digests)\.json$)/.exec(differences[0] ?? '') ?? [];
    if (arm === undefined || differences.length > 1) return 'silent';
    return assertAsWritten(join(sweep.run, arm)).then(
      () => 'silent',
      () => 'named',
    );
  }
});
