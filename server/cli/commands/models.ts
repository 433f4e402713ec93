import { printable } from '../../measures/text/printable.ts';
import { withEngine, type Command } from '../options/command.ts';
import { modelReference } from '../options/modelReference.ts';
import { isSet } from '../options/values.ts';

export const modelsCommand: Command = {
  name: 'models',
  summary: 'List the models on this machine, or describe one.',
  usage: '[MODEL] [--json]',
  help: [['--json', 'a list of names, or the description as an object']],
  examples: ['rankscope models', 'rankscope models models/gpt2'],
  options: { json: { type: 'boolean' } },
  positionals: [0, 1],
  async run({ positionals: [given], values }, context) {
    const json = isSet(values, 'json');
    const { signal } = context;
    await withEngine(context, async ({ client }) => {
      if (given === undefined) {
        const names = await client.request('models.list', null, { signal });
        const none =
          'There are no models in the cache. Give a folder, a GGUF file or a hub id wherever a model is asked for.\n';
        if (json) context.write(`${JSON.stringify(names)}\n`);
        else if (names.length === 0) context.tell(none);
        else context.write(names.map((name) => `${printable(name)}\n`).join(''));
        return;
      }
      const model = await client.request('models.describe', { model: modelReference(given) }, { signal });
      const lines = Object.entries(model).map(
        ([name, value]) => printable(`${name.padEnd(16)}${String(value)}`) + '\n',
      );
      context.write(json ? `${JSON.stringify(model)}\n` : lines.join(''));
    });
    return 0;
  },
};
