import { resolve } from 'node:path';
import { printable } from '../../measures/text/printable.ts';
import { readPlan } from '../../verdict/words/planWords.ts';
import { type Command, withEngine } from '../options/command.ts';
import { isSet } from '../options/values.ts';

export const planCommand: Command = {
  name: 'plan',
  summary: 'Estimate before training how likely a verdict is, from the completions of the base alone.',
  usage: 'FILE.json [--json]',
  help: [['--json', 'what was measured and planned as one object']],
  examples: ['rankscope plan sweep.json'],
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    const onEvent = ({ phase, detail }: { phase: string; detail?: string }): void =>
      context.tell(`${printable(`surveying ${phase}${detail === undefined ? '' : `: ${detail}`}`)}\n`);
    const survey = await withEngine(context, ({ client }) =>
      client.request('sweep.survey', { file: resolve(file) }, { signal: context.signal, onEvent }),
    );
    const reading = readPlan(survey);
    const text = [reading.answer, ...reading.lines].map((line) => `${printable(line)}\n`).join('');
    context.write(isSet(values, 'json') ? `${JSON.stringify({ survey, ...reading })}\n` : text);
    return 0;
  },
};
