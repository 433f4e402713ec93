import { resolve } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import type { MeasuredEstimate } from '../../protocol/messages/worker.ts';
import { printable } from '../../measures/text/printable.ts';
import { type Command, withEngine } from '../options/command.ts';
import { isSet } from '../options/values.ts';

export const estimateCommand: Command = {
  name: 'estimate',
  summary: 'Estimate the time, memory and disk of a sweep by a short rehearsal.',
  usage: 'FILE.json [--json]',
  help: [['--json', 'all figures as one object']],
  examples: ['rankscope estimate sweep.json'],
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    const params = { file: resolve(file) };
    const onEvent = ({ phase, detail }: { phase: string; detail?: string }): void =>
      context.tell(`${printable(`rehearsing ${phase}${detail === undefined ? '' : `: ${detail}`}`)}\n`);
    const estimate = await withEngine(context, ({ client }) =>
      client.request('sweep.estimate', params, { signal: context.signal, onEvent }),
    );
    context.write(isSet(values, 'json') ? `${JSON.stringify(estimate)}\n` : estimateText(estimate));
    if (estimate.refusal === undefined) return 0;
    const code = estimate.memoryBytes > estimate.availableMemoryBytes ? 'memory' : 'disk';
    throw new RankscopeError({ code, what: estimate.refusal, where: file, remedy: 'Ask for less, or make room.' });
  },
};

function estimateText(estimate: MeasuredEstimate): string {
  const { seconds, tuningSeconds, memoryBytes, availableMemoryBytes, diskBytes, availableDiskBytes, basis } = estimate;
  return (
    `time    ${duration(seconds)}${tuningSeconds === undefined ? '' : `, of it ${duration(tuningSeconds)} to choose learning rates`}\n` +
    `memory  ${size(memoryBytes)} of ${size(availableMemoryBytes)} available\n` +
    `disk    ${size(diskBytes)} of ${size(availableDiskBytes)} available\n\n` +
    `${basis}\n`
  );
}

/** A duration as text: `45 s`, `12 min`, `3 h 20 min`. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
