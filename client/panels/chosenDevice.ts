import * as vscode from 'vscode';
import { deviceName, type DeviceSetting } from '../../server/protocol/devices/deviceChoice.ts';

/** The device that the settings name for whatever leaves it open; `auto` where they hold something else. */
export function chosenDevice(): DeviceSetting {
  return deviceName.catch('auto').parse(vscode.workspace.getConfiguration('rankscope').get('device'));
}

/** Writes it into the settings of the machine that the engine runs on. */
export async function chooseDevice(device: DeviceSetting): Promise<void> {
  const settings = vscode.workspace.getConfiguration('rankscope');
  await settings.update('device', device, vscode.ConfigurationTarget.Global);
}
