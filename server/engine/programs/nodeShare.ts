import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeShare } from '../../protocol/devices/deviceTrial.ts';
import { internal } from '../../protocol/errors.ts';
import type { Program } from './program.ts';
import type { DeviceName } from '../ops/device.ts';
import { devices } from '../ops/device.ts';

/**
 * Compiles a program with a profile, uses it, releases it and reads from the profile which provider each node ran on.
 * The program must be run at least once.
 */
export async function measureNodeShare<T>(
  device: DeviceName,
  compile: (profile: string) => Promise<Program>,
  use: (program: Program) => Promise<T>,
): Promise<{ readonly result: T; readonly share: NodeShare }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rankscope-profile-'));
  try {
    const program = await compile(path.join(folder, 'profile'));
    let result: T;
    try {
      result = await use(program);
      program.endProfile();
    } finally {
      await program.release();
    }
    const [file] = await readdir(folder);
    if (file === undefined) throw internal('ONNX Runtime wrote no profile.');
    return { result, share: readShare(await readFile(path.join(folder, file), 'utf8'), device) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

/** Each node counts once, however often the program ran. */
function readShare(profile: string, device: DeviceName): NodeShare {
  const events = JSON.parse(profile) as readonly ProfileEvent[];
  const nodes = new Map<string, { readonly op: string; readonly provider: string }>();
  for (const { cat, name = '', args } of events) {
    if (cat !== 'Node' || args?.provider === undefined) continue;
    nodes.set(name, { op: args.op_name ?? '', provider: args.provider });
  }
  const all = [...nodes.values()];
  const others = all.filter(({ provider }) => provider !== devices[device].provider);
  return {
    nodes: all.length,
    onDevice: all.length - others.length,
    elsewhere: [...new Set(others.map(({ op, provider }) => `${op} (${provider})`))],
    copies: all.filter(({ op }) => op.startsWith('Memcpy')).length,
  };
}
