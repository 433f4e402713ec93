import { resolve } from 'node:path';
import type { Command } from '../options/command.ts';
import { followSweep } from '../output/followSweep.ts';
import { isSet } from '../options/values.ts';

export const resumeCommand: Command = {
  name: 'resume',
  summary: 'Resume a run that was cancelled, failed or interrupted, from its last checkpoint.',
  usage: 'RUN [--json]',
  help: [['--json', 'print the events of the run as JSON lines']],
  examples: ['rankscope resume runs/first'],
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  run({ positionals: [run = ''], values }, context) {
    const params = { run: resolve(run) };
    return followSweep(
      {
        run,
        json: isSet(values, 'json'),
        ask: ({ client }, options) => client.request('sweep.resume', params, options),
      },
      context,
    );
  },
};
