import { resolve } from 'node:path';
import { exportMerged } from '../../runs/exportMerged.ts';
import { exportArm } from '../../runs/exportArm.ts';
import { runFolder } from '../../runs/runFolder.ts';
import { type Command, withEngine } from '../options/command.ts';
import { isSet, requiredText } from '../options/values.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Copy the weights of an arm: a PEFT adapter folder, or the full model.',
  usage: 'RUN --arm ARM --out DIR [--merged]',
  help: [
    ['--arm ARM', 'name of the arm, such as r8 or full'],
    ['--out DIR', 'new or empty folder'],
    ['--merged', 'a whole model that needs no adapter: the base with the arm worked into its weights'],
  ],
  examples: ['rankscope export runs/first --arm r8 --out adapters/r8'],
  options: { arm: { type: 'string' }, out: { type: 'string' }, merged: { type: 'boolean' } },
  positionals: [1, 1],
  async run({ positionals: [run = ''], values }, context) {
    const arm = requiredText(values, 'arm');
    const out = resolve(requiredText(values, 'out'));
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
