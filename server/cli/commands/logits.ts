import { resolve } from 'node:path';
import { internal } from '../../protocol/errors.ts';
import { decimal } from '../../measures/text/format.ts';
import { printable } from '../../measures/text/printable.ts';
import { columnsHelp, columnsOf, columnsOptions } from '../options/columnsOption.ts';
import { withEngine, type Command } from '../options/command.ts';
import { engineHelp, engineOptions, engineSettings } from '../options/engineOptions.ts';
import { modelReference } from '../options/modelReference.ts';
import { readTexts } from '../options/readTexts.ts';
import { isSet, requiredText, textOf } from '../options/values.ts';

/** Number of tokens that are shown of each text without --json. */
const shownTokens = 5;

export const logitsCommand: Command = {
  name: 'logits',
  summary: 'Print how a model reads each text: token ids, likeliest next tokens and the logits after the text.',
  usage: '--model M [--adapter DIR] --texts FILE [--json] [options]',
  help: [
    ['--model M', 'Hugging Face folder, GGUF file or hub id'],
    ['--adapter DIR', 'PEFT adapter folder'],
    ['--texts FILE', 'a text a line, or a data set (docs/data.md)'],
    ...columnsHelp,
    [
      '--json',
      'an object a line: {"text","ids","top1","logits"}; "top1" holds the likeliest token after each position',
    ],
    ...engineHelp,
  ],
  examples: ['rankscope logits --model models/gpt2 --texts texts.txt --json'],
  options: {
    model: { type: 'string' },
    adapter: { type: 'string' },
    texts: { type: 'string' },
    ...columnsOptions,
    json: { type: 'boolean' },
    ...engineOptions,
  },
  positionals: [0, 0],
  async run({ values }, context) {
    const model = modelReference(requiredText(values, 'model'));
    const adapter = textOf(values, 'adapter');
    const settings = engineSettings(values);
    const texts = [...(await readTexts(requiredText(values, 'texts'), columnsOf(values)))];
    const params = { model, ...(adapter !== undefined && { adapter: resolve(adapter) }), texts, ...settings };
    const onEvent = ({ textIndex, ids, top1, logits }: LogitsEvent) => {
      const text = texts[textIndex] ?? '';
      const json = isSet(values, 'json');
      context.write(json ? jsonLine(text, ids, top1, logits) : `${printable(text)}\n${likeliest(logits)}`);
    };
    await withEngine(context, ({ client }) => client.request('logits', params, { onEvent, signal: context.signal }));
    return 0;
  },
};

interface LogitsEvent {
  readonly textIndex: number;
  readonly ids: readonly number[];
  readonly top1: readonly number[];
  readonly logits: Float32Array;
}

/** Nine significant digits identify every float32 exactly. */
function jsonLine(text: string, ids: readonly number[], top1: readonly number[], logits: Float32Array): string {
  const numbers = Array.from(logits, (logit) => {
    if (Number.isFinite(logit)) return Number(logit.toPrecision(9));
    throw internal(`a logit after "${text.slice(0, 40)}" is not finite`);
  });
  return `${JSON.stringify({ text, ids, top1, logits: numbers })}\n`;
}

function likeliest(logits: Float32Array): string {
  const order = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, shownTokens);
  return order.map((token) => `  token ${token}  logit ${decimal(logits[token] ?? NaN)}\n`).join('');
}
