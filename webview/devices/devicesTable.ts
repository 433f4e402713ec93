/** Tables of the machine's devices and of their timings in runs. */
import type { DeviceChoice } from '../../server/protocol/devices/deviceChoice.ts';
import type { RunDeviceChoice } from '../../server/protocol/messages/runsContract.ts';
import type { DeviceSetting } from '../../server/protocol/devices/deviceChoice.ts';
import type { DeviceDescription } from '../../server/protocol/messages/worker.ts';
import { baseName } from '../parts/armOfLabel.ts';
import { bytes, decimal, notMeasured } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../../server/measures/text/textTable.ts';

/** The devices that can be chosen, in the order of the rows of `devicesTable`. The first choice is automatic. */
export function choices(devices: readonly DeviceDescription[]): readonly string[] {
  return ['auto', ...devices.map(({ name }) => name)];
}

/** Whether runs can use the device of a row. */
export function isUsable(devices: readonly DeviceDescription[], name: string): boolean {
  return name === 'auto' || devices.some((device) => device.name === name && device.available);
}

/** A row for `auto` and one for each device: memory in decimal units, its name or why it cannot be used, and what to do. */
export function devicesTable(devices: readonly DeviceDescription[]): TextTable {
  const auto = ['auto', t('yes'), '', '', t('the fastest of those that can be used, by timing steps of training'), ''];
  return {
    header: [t('device'), t('usable'), t('memory'), t('precision'), t('what it is, or why not'), t('remedy')],
    rows: [
      auto,
      ...devices.map(({ name, available, memoryBytes, precision, detail, remedy }) => [
        name,
        available ? t('yes') : t('no'),
        memoryBytes === undefined ? t('not known') : bytes(memoryBytes),
        precision ?? t('not known'),
        detail,
        remedy ?? '',
      ]),
    ],
  };
}

/** A row for each timed device of each run, the newest run first. */
export function timingsTable(timings: readonly RunDeviceChoice[]): TextTable {
  return {
    header: [
      t('run'),
      t('model'),
      t('device'),
      t('chosen'),
      t('seconds a step'),
      t('loss, nats'),
      t('nodes on it'),
      t('why not'),
    ],
    rows: timings.flatMap(({ name, model, choice }) =>
      // A whole path would make the table too wide to read.
      timingRows(choice).map((row) => [name, baseName(model), ...row]),
    ),
  };
}

/** If the CPU was the only possible device, nothing was timed. */
function timingRows({ chosen, timings }: DeviceChoice): readonly (readonly string[])[] {
  if (timings.length === 0) {
    return [[chosen, t('yes'), notMeasured(), notMeasured(), notMeasured(), t('the only device: nothing was timed')]];
  }
  return timings.map(({ device, seconds, loss, nodes, onDevice, reason }) => [
    device,
    device === chosen ? t('yes') : t('no'),
    decimal(seconds),
    decimal(loss),
    nodes === undefined || onDevice === undefined ? notMeasured() : t('{0} of {1}', onDevice, nodes),
    reason ?? '',
  ]);
}

/** The message after a device was chosen. */
export function chosenText(device: DeviceSetting): string {
  return device === 'auto' ? t('Left open: the fastest is taken') : t('Runs are put on {0} now', device);
}
