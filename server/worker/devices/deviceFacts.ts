/** Facts that the system reports about its devices, without running a program on them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DeviceName } from '../../engine/ops/device.ts';

export interface DeviceFacts {
  /** The name of the device's model, where it is known. */
  readonly model?: string;
  readonly memoryBytes?: number;
}

/** Facts about one device. Unknown facts are absent. */
export async function deviceFacts(device: DeviceName): Promise<DeviceFacts> {
  if (device === 'cpu' || device === 'coreml') return { model: cpus()[0]?.model ?? 'unknown', memoryBytes: totalmem() };
  return (await nvidiaFacts()) ?? (device === 'cuda' ? {} : linuxFacts());
}

/** The first graphics card that NVIDIA's own tool lists. */
async function nvidiaFacts(): Promise<DeviceFacts | undefined> {
  try {
    const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 10_000 });
    const [name, mebibytes] = (stdout.split('\n')[0] ?? '').split(',').map((part) => part.trim());
    const memory = Number(mebibytes);
    return name ? { model: name, ...(memory > 0 && { memoryBytes: memory * 2 ** 20 }) } : undefined;
  } catch {
    return undefined;
  }
}

/** AMD's driver reports the memory of a graphics card. */
function linuxFacts(): DeviceFacts {
  const cards = '/sys/class/drm';
  try {
    for (const card of readdirSync(cards)) {
      const file = path.join(cards, card, 'device', 'mem_info_vram_total');
      if (existsSync(file)) return { memoryBytes: Number(readFileSync(file, 'utf8')) };
    }
  } catch {
    // There is no such folder: the system is not Linux, or has no graphics card.
  }
  return {};
}

/** Whether the system has graphics hardware that a WebGPU driver could use. */
export function hasGraphics(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (process.platform !== 'linux') return true;
  const files = ['/dev/dri', '/dev/nvidia0', '/dev/dxg', '/dev/kfd'];
  const { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: drivers } = environment;
  return Boolean(icd) || Boolean(drivers) || files.some((file) => existsSync(file));
}

/** The folder in which onnxruntime-node keeps this system's native libraries. */
function runtimeFolder(): string {
  const require = createRequire(import.meta.url);
  const root = path.dirname(require.resolve('onnxruntime-node/package.json'));
  return path.join(root, 'bin', 'napi-v6', process.platform, process.arch);
}

/** The path of the CUDA provider, which is not part of the package. */
export const cudaProvider = (): string => path.join(runtimeFolder(), 'libonnxruntime_providers_cuda.so');
