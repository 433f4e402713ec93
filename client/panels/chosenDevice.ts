import * as vscode from 'vscode';
import { deviceName, type DeviceSetting } from '../../server/protocol/devices/deviceChoice.ts';

/** The device of the settings, for runs that leave it open; `auto` where the setting is invalid. */
export function chosenDevice(): DeviceSetting {
  return deviceName.catch('auto').parse(vscode.workspace.getConfiguration('rankscope').get('device'));
}

/** Stores the device in the settings of the machine on which the engine runs. */
export async function chooseDevice(device: DeviceSetting): Promise<void> {
  const settings = vscode.workspace.getConfiguration('rankscope');
  await settings.update('device', device, vscode.ConfigurationTarget.Global);
}
