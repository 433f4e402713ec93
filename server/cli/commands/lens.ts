import type { LensArm, LensResult } from '../../protocol/run/lens.ts';
import { lensDistanceTable, lensTable } from '../../report/tables/lensTable.ts';
import { printable } from '../../measures/text/printable.ts';
import { adapterArms } from '../options/adapterArms.ts';
import { withEngine, type Command } from '../options/command.ts';
import { chatHelp, chatOf, chatOptions } from '../options/chatOptions.ts';
import { engineHelp, engineOptions, engineSettings } from '../options/engineOptions.ts';
import { modelReference } from '../options/modelReference.ts';
import { textTable } from '../output/textTable.ts';
import { isSet, requiredText } from '../options/values.ts';

export const lensCommand: Command = {
  name: 'lens',
  summary: 'Look into a model: what it would say next at every layer and position of a prompt, with each adapter.',
  usage: '--model M [--adapter DIR]... --prompt TEXT [--json] [options]',
  help: [
    ['--model M', 'Hugging Face folder, GGUF file or hub id'],
    ['--adapter DIR', 'PEFT adapter folder, or the folder of a fully fine-tuned model; may be given again'],
    ['--prompt TEXT', 'the text to read, at most 256 tokens'],
    ['--no-base', 'leave out the untouched model (KL is against it all the same)'],
    [
      '--json',
      'one object: {"prompt","arms"}, with the five likeliest tokens, entropy and KL of each layer and position',
    ],
    ...chatHelp,
    ...engineHelp,
  ],
  examples: [
    'rankscope lens --model models/gpt2 --prompt "She should work as a"',
    'rankscope lens --model models/gpt2 --adapter runs/first/arms/r2 --adapter runs/first/arms/full --prompt "She should work as a" --json',
  ],
  options: {
    model: { type: 'string' },
    adapter: { type: 'string', multiple: true },
    prompt: { type: 'string' },
    'no-base': { type: 'boolean' },
    json: { type: 'boolean' },
    ...chatOptions,
    ...engineOptions,
  },
  positionals: [0, 0],
  async run({ values }, context) {
    const base = !isSet(values, 'no-base');
    const params = {
      model: modelReference(requiredText(values, 'model')),
      base,
      adapters: adapterArms(values, base),
      prompt: requiredText(values, 'prompt'),
      ...chatOf(values),
      ...engineSettings(values),
    };
    const { signal } = context;
    const result = await withEngine(context, ({ client }) => client.request('lens', params, { signal }));
    context.write(isSet(values, 'json') ? `${JSON.stringify(result)}\n` : lensText(result));
    return 0;
  },
};

function lensText({ prompt, arms }: LensResult): string {
  const legend = 'Each cell: the likeliest next token, its probability, and the entropy in nats.';
  return [`${printable(prompt)}\n${legend}\n`, ...arms.map(armText)].join('\n');
}

function armText(arm: LensArm): string {
  const distance = lensDistanceTable(arm);
  const table = `${printable(arm.arm)}\n${textTable(lensTable(arm))}`;
  return distance ? `${table}\n${printable(arm.arm)}, KL(base || arm), nats\n${textTable(distance)}` : table;
}
