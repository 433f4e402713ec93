/**
 * Lists the devices of this machine. The person can test them, choose one for runs, and install missing parts where
 * that is possible.
 */
import type { RunDeviceChoice } from '../../server/protocol/messages/runsContract.ts';
import { deviceName, type DeviceSetting } from '../../server/protocol/devices/deviceChoice.ts';
import type { DeviceDescription } from '../../server/protocol/messages/worker.ts';
import { copyTableBar } from '../parts/copyTableBar.ts';
import { element, refill, setText } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { table } from '../parts/table.ts';
import { button } from '../page/toolkit.ts';
import { choices, chosenText, devicesTable, isUsable, timingsTable } from './devicesTable.ts';
import { installSection } from './installSection.ts';

export function openDevicesPanel(panel: Panel, root: HTMLElement): void {
  let devices: readonly DeviceDescription[] | undefined;
  let chosen: DeviceSetting = 'auto';
  const parts = build(() => void probe());
  const install = installSection(panel, () => void probe());
  root.append(...parts.above, install.element, parts.timings);

  const draw = () => {
    const known = devices;
    if (!known) return;
    refill(parts.devices, [devicesOf(panel, known, chosen, (device) => void choose(device))]);
    install.offer(known.some(({ installable }) => installable === true));
  };
  const choose = async (device: DeviceSetting) => {
    try {
      await panel.client.request('devices.choose', { device });
      chosen = device;
      panel.notices.announce(chosenText(device));
      draw();
    } catch (error) {
      panel.notices.error(error);
    }
  };
  const probe = async () => {
    parts.again.disabled = true;
    setText(parts.status, t('Trying each device in a process of its own…'));
    try {
      [{ device: chosen }, devices] = await Promise.all([
        panel.client.request('devices.chosen', null),
        panel.client.request('devices', null),
      ]);
      draw();
    } catch (error) {
      panel.notices.error(error, () => void probe());
    }
    setText(parts.status, '');
    parts.again.disabled = false;
  };
  void probe();
  panel.client
    .request('devices.timings', null)
    .then((timings) => refill(parts.timed, timingsOf(panel, timings)))
    .catch(panel.notices.error);
}

function build(probe: () => void) {
  const status = element('p', { role: 'status', class: 'sub' });
  const devices = element('div', { class: 'devices' });
  const timed = element('div', { class: 'timings' });
  const again = button(t('Try again'), probe, { label: t('Try every device again') });
  return {
    again,
    status,
    devices,
    timed,
    above: [
      element('h1', {}, t('Devices')),
      element(
        'p',
        { class: 'sub' },
        t('Where models are trained and asked, unless a sweep file names a device itself.'),
      ),
      element('div', { class: 'toolbar' }, again),
      status,
      devices,
    ],
    timings: element(
      'section',
      { 'aria-labelledby': 'timings-title' },
      element('h2', { id: 'timings-title' }, t('How auto has chosen')),
      timed,
    ),
  };
}

function devicesOf(
  panel: Panel,
  devices: readonly DeviceDescription[],
  chosen: DeviceSetting,
  choose: (device: DeviceSetting) => void,
): HTMLElement {
  const content = devicesTable(devices);
  const names = choices(devices);
  const useButton = (row: number) => {
    const name = names[row] ?? '';
    const device = deviceName.safeParse(name).data;
    if (device === undefined || !isUsable(devices, name)) return undefined;
    const isChosen = device === chosen;
    return button(isChosen ? t('In use') : t('Use'), () => choose(device), {
      label: t('Put runs on {0}', printable(name)),
      pressed: isChosen,
    });
  };
  return element(
    'div',
    {},
    table(content, { label: t('Devices of this machine'), actions: { title: t('use'), of: useButton } }),
    copyTableBar(panel, content),
  );
}

function timingsOf(panel: Panel, timings: readonly RunDeviceChoice[]): readonly HTMLElement[] {
  const text = t('No run that the editor knows has left its device open.');
  if (timings.length === 0) return [element('p', { class: 'sub' }, text)];
  const content = timingsTable(timings);
  return [table(content, { label: t('Timings of devices') }), copyTableBar(panel, content, t('Timings of devices'))];
}
