import { installCuda } from '../../launch/installCuda.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { DeviceDescription } from '../../protocol/messages/worker.ts';
import { printable } from '../../measures/text/printable.ts';
import { withEngine, type CliContext, type Command } from '../options/command.ts';
import { textTable } from '../output/textTable.ts';
import { isSet } from '../options/values.ts';

export const devicesCommand: Command = {
  name: 'devices',
  summary: 'Try the devices of this machine, or install what one of them needs.',
  usage: '[install cuda] [--json]',
  help: [
    ['install cuda', "fetches ONNX Runtime's CUDA provider (Linux x64, some 300 MB)"],
    ['--json', 'a list of {"name","available","detail","remedy","memoryBytes","precision","installable"}'],
  ],
  examples: ['rankscope devices', 'rankscope devices install cuda'],
  options: { json: { type: 'boolean' } },
  positionals: [0, 2],
  async run({ positionals: [action, what], values }, context) {
    if (action !== undefined) return install(action, what, context);
    const devices = await withEngine(context, ({ client }) =>
      client.request('devices', null, { signal: context.signal }),
    );
    context.write(isSet(values, 'json') ? `${JSON.stringify(devices)}\n` : table(devices));
    return 0;
  },
};

function table(devices: readonly DeviceDescription[]): string {
  const rows = devices.map(({ name, available, memoryBytes, precision, detail }) => [
    name,
    available ? 'yes' : 'no',
    memoryBytes === undefined ? '' : `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    precision ?? '',
    printable(detail),
  ]);
  const remedies = devices.flatMap(({ name, remedy }) => (remedy ? [printable(`${name}: ${remedy}`)] : []));
  const advice = remedies.length > 0 ? `\n${remedies.join('\n')}\n` : '';
  return textTable({ header: ['device', 'usable', 'memory', 'precision', 'detail'], rows }) + advice;
}

async function install(action: string, what: string | undefined, context: CliContext): Promise<number> {
  if (action !== 'install' || what !== 'cuda') {
    throw new RankscopeError({
      code: 'usage',
      what: `"devices ${[action, what].filter(Boolean).join(' ')}" is not a command.`,
      remedy: 'The one provider that can be installed is "devices install cuda".',
    });
  }
  await installCuda({ tell: (line) => context.tell(`${printable(line)}\n`), signal: context.signal });
  context.tell('The CUDA provider is installed. "rankscope devices" tries it.\n');
  return 0;
}
