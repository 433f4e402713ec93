import { withEngine, type Command } from '../command.ts';
import { textTable } from '../textTable.ts';
import { isSet } from '../values.ts';

export const devicesCommand: Command = {
  name: 'devices',
  summary: 'List the devices that the engine can use here.',
  usage: '[--json]',
  help: [['--json', 'a list of {"name","available","detail"}']],
  examples: ['rankscope devices'],
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  async run({ values }, context) {
    const devices = await withEngine(context, ({ client }) =>
      client.request('devices', null, { signal: context.signal }),
    );
    const rows = devices.map(({ name, available, detail }) => [name, available ? 'yes' : 'no', detail]);
    const table = textTable({ header: ['device', 'usable', 'detail'], rows });
    context.write(isSet(values, 'json') ? `${JSON.stringify(devices)}\n` : table);
    return 0;
  },
};
