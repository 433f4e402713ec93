import { resolve } from 'node:path';
import { percent } from '../../measures/text/format.ts';
import { printable } from '../../measures/text/printable.ts';
import { exportMerged } from '../../runs/exports/exportMerged.ts';
import { exportArm } from '../../runs/exports/exportArm.ts';
import { exportShrunk } from '../../runs/exports/exportShrunk.ts';
import { runFolder } from '../../runs/runFolder.ts';
import { type CliContext, type Command, withEngine } from '../options/command.ts';
import { isSet, numberOf, requiredText, usage } from '../options/values.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Copy the weights of an arm: a PEFT adapter folder, or the full model.',
  usage: 'RUN --arm ARM --out DIR [--merged | --shrink R]',
  help: [
    ['--arm ARM', 'name of the arm, such as r8 or full'],
    ['--out DIR', 'new or empty folder'],
    ['--merged', 'a whole model that needs no adapter: the base with the arm worked into its weights'],
    ['--shrink R', 'the best approximation of the adapter that has rank R (truncated SVD), as a PEFT folder'],
  ],
  examples: [
    'rankscope export runs/first --arm r8 --out adapters/r8',
    'rankscope export runs/first --arm r64 --shrink 4 --out adapters/r64-as-r4',
  ],
  options: {
    arm: { type: 'string' },
    out: { type: 'string' },
    merged: { type: 'boolean' },
    shrink: { type: 'string' },
  },
  positionals: [1, 1],
  async run({ positionals: [run = ''], values }, context) {
    const arm = requiredText(values, 'arm');
    const out = resolve(requiredText(values, 'out'));
    const rank = numberOf(values, 'shrink', { least: 1 });
    if (rank !== undefined) {
      if (isSet(values, 'merged')) throw usage('--shrink and --merged exclude each other');
      context.tell(await shrunk({ run, arm, rank, out }, context));
      context.write(`${out}\n`);
      return 0;
    }
    if (!isSet(values, 'merged')) {
      const files = await exportArm(runFolder(run), arm, out);
      context.write(`${files.join('\n')}\n`);
      return 0;
    }
    const { signal } = context;
    await withEngine(context, ({ client }) =>
      exportMerged(run, arm, out, (params) => client.request('export.merged', params, { signal })),
    );
    context.write(`${out}\n`);
    return 0;
  },
};

interface Shrinking {
  readonly run: string;
  readonly arm: string;
  readonly rank: number;
  readonly out: string;
}

/** Writes an arm at a lower rank. Resolves with a sentence that says how much of its change is lost. */
async function shrunk({ run, arm, rank, out: to }: Shrinking, context: CliContext): Promise<string> {
  const { signal } = context;
  const { energy, lost, worst } = await withEngine(context, ({ client }) =>
    exportShrunk(run, { arm, rank, to }, (params) => client.request('export.shrunk', params, { signal })),
  );
  const share = percent(energy > 0 ? lost / energy : 0);
  return `rank ${rank} keeps all but ${share} of the energy; ${printable(worst.module)} loses most, ${percent(worst.lostShare)}\n`;
}
