import { readPrompts } from '../../dataset/readPrompts.ts';
import { printable } from '../../measures/text/printable.ts';
import { adapterArms } from '../options/adapterArms.ts';
import { columnsHelp, columnsOf, columnsOptions } from '../options/columnsOption.ts';
import { withEngine, type Command, type Values } from '../options/command.ts';
import { chatHelp, chatOf, chatOptions } from '../options/chatOptions.ts';
import { engineHelp, engineOptions, engineSettings } from '../options/engineOptions.ts';
import { modelReference } from '../options/modelReference.ts';
import { isSet, numberOf, requiredText, usage } from '../options/values.ts';

export const generateCommand: Command = {
  name: 'generate',
  summary: 'Complete the prompts of a file with a model and adapters on it, all in one batch.',
  usage: '--model M [--adapter DIR]... --prompts FILE --max-new-tokens N [options]',
  help: [
    ['--model M', 'Hugging Face folder, GGUF file or hub id'],
    ['--adapter DIR', 'PEFT adapter folder, an arm named after the folder; may be given again'],
    [
      '--prompts FILE',
      'a prompt a line, a data set with prompts (docs/data.md), or HONEST; each prompt is completed once',
    ],
    ...columnsHelp,
    ['--max-new-tokens N', 'longest completion'],
    ['--temperature T', '0 (the default) decodes greedily'],
    ['--top-k K, --top-p P', 'sample from these tokens only (default: all)'],
    ['--seed S, --samples K', 'seed (default 0), completions per prompt (default 1)'],
    ['--no-base', 'leave out the untouched model'],
    ['--json', 'an object a line: {"arm","prompt","completion","tokens"}'],
    ...chatHelp,
    ...engineHelp,
  ],
  examples: [
    'rankscope generate --model models/gpt2 --prompts prompts.txt --max-new-tokens 20',
    'rankscope generate --model models/gpt2 --adapter adapters/r8 --no-base --prompts prompts.jsonl --max-new-tokens 20 --json',
  ],
  options: {
    model: { type: 'string' },
    adapter: { type: 'string', multiple: true },
    prompts: { type: 'string' },
    ...columnsOptions,
    'max-new-tokens': { type: 'string' },
    temperature: { type: 'string' },
    'top-k': { type: 'string' },
    'top-p': { type: 'string' },
    seed: { type: 'string' },
    samples: { type: 'string' },
    'no-base': { type: 'boolean' },
    json: { type: 'boolean' },
    ...chatOptions,
    ...engineOptions,
  },
  positionals: [0, 0],
  async run({ values }, context) {
    const model = modelReference(requiredText(values, 'model'));
    const base = !isSet(values, 'no-base');
    const adapters = adapterArms(values, base);
    const options = generation(values);
    const settings = engineSettings(values);
    const prompts = (await readPrompts(requiredText(values, 'prompts'), undefined, undefined, columnsOf(values))).map(
      ({ prompt }) => prompt,
    );
    const onEvent = (one: { arm: string; prompt: string; completion: string; tokens: number[] }) => {
      const { arm, prompt, completion, tokens } = one;
      const line = isSet(values, 'json')
        ? JSON.stringify({ arm, prompt, completion, tokens })
        : printable(`${arm}: ${prompt} → ${completion}`);
      context.write(`${line}\n`);
    };
    await withEngine(context, ({ client }) =>
      client.request(
        'generate',
        { model, base, adapters, prompts, ...chatOf(values), options, ...settings },
        { onEvent, signal: context.signal },
      ),
    );
    return 0;
  },
};

function generation(values: Values) {
  const maxNewTokens = numberOf(values, 'max-new-tokens', { least: 1 });
  if (maxNewTokens === undefined) throw usage('--max-new-tokens is missing');
  const topP = numberOf(values, 'top-p', { least: 0, most: 1, whole: false }) ?? 1;
  if (topP === 0) throw usage('--top-p is 0, and must be more than 0');
  return {
    maxNewTokens,
    temperature: numberOf(values, 'temperature', { least: 0, whole: false }) ?? 0,
    topK: numberOf(values, 'top-k', { least: 0 }) ?? 0,
    topP,
    seed: numberOf(values, 'seed', { least: 0, most: 0xffffffff }) ?? 0,
    samples: numberOf(values, 'samples', { least: 1 }) ?? 1,
    stop: [],
  };
}
