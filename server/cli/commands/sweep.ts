import { basename, extname, join, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { runSweep } from '../runSweep.ts';
import { isSet, textOf } from '../values.ts';

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
    const run = textOf(values, 'out') ?? join('runs', runName(file, context.now()));
    const params = { file: resolve(file), run: resolve(run) };
    return runSweep(
      {
        run,
        json: isSet(values, 'json'),
        ask: ({ client }, options) => client.request('sweep.start', params, options),
      },
      context,
    );
  },
};

/** `NAME-20260102-030405` (UTC), of letters that every file system takes. */
function runName(file: string, now: Date): string {
  const name = basename(file, extname(file))
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 60);
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${name === '' ? 'sweep' : name}-${time}`;
}
