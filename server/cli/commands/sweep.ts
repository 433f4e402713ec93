import { basename, extname, join, resolve } from 'node:path';
import { runName } from '../../runs/runName.ts';
import type { Command } from '../options/command.ts';
import { followSweep } from '../output/followSweep.ts';
import { isSet, textOf } from '../options/values.ts';

export const sweepCommand: Command = {
  name: 'sweep',
  summary: 'Train every arm of a sweep file and measure what each keeps of the base model.',
  usage: 'FILE.json [--out RUN] [--json]',
  help: [
    ['--out RUN', 'new folder for the run (default: runs/NAME-TIME)'],
    ['--json', 'print the events of the run as JSON lines'],
  ],
  examples: ['rankscope sweep sweep.json', 'rankscope sweep sweep.json --out runs/first --json > events.jsonl'],
  options: { out: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [1, 1],
  run({ positionals: [file = ''], values }, context) {
    const run = textOf(values, 'out') ?? join('runs', runName(basename(file, extname(file)), context.now()));
    const params = { file: resolve(file), run: resolve(run) };
    return followSweep(
      {
        run,
        json: isSet(values, 'json'),
        ask: ({ client }, options) => client.request('sweep.start', params, options),
      },
      context,
    );
  },
};
