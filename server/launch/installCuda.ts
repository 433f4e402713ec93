/**
 * Installs ONNX Runtime's CUDA provider, which is too large for the package, with onnxruntime-node's own install
 * script.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RankscopeError } from '../protocol/errors.ts';

export interface InstallOptions {
  /** Folder of onnxruntime-node. The default is the one that the engine loads. */
  readonly runtime?: string;
  /** Receives progress, line by line. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal;
}

const EVERY_MILLISECONDS = 2000;

/**
 * Downloads and unpacks the provider beside the runtime's libraries. Throws RankscopeError('device') where there is
 * none for this system, 'network' where it cannot be fetched, and 'disk' where it cannot be written.
 */
export async function installCuda({ runtime = runtimeRoot(), tell, signal }: InstallOptions): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new RankscopeError({
      code: 'device',
      what: `There is no CUDA provider for ${process.platform} ${process.arch} in onnxruntime-node.`,
      remedy: 'Use WebGPU, or DirectML on Windows.',
    });
  }
  const script = path.join(runtime, 'script', 'install.js');
  if (!existsSync(script)) {
    throw new RankscopeError({
      code: 'device',
      where: script,
      what: 'The install script of onnxruntime-node is missing.',
      remedy: 'Install Rankscope from its package anew, or set it up from npm.',
    });
  }
  const { code, words } = await run(script, tell, signal);
  signal?.throwIfAborted();
  if (code !== 0) throw failure(words);
  const library = path.join(runtime, 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime_providers_cuda.so');
  if (!existsSync(library)) throw failure(`The script ended well, but there is no ${library}.`);
}

async function run(script: string, tell: (line: string) => void, signal: AbortSignal | undefined) {
  const child = spawn(process.execPath, [script], {
    env: { ...withoutNpm(process.env), ONNXRUNTIME_NODE_INSTALL: 'cuda12', ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let words = '';
  child.stderr.on('data', (data: Buffer) => (words = (words + data.toString()).slice(-2000)));
  child.stdout.on('data', (data: Buffer) => data.toString().trim().split('\n').forEach(tell));
  const began = Date.now();
  const timer = setInterval(() => void tellProgress(began, tell), EVERY_MILLISECONDS);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  clearInterval(timer);
  return { code, words };
}

/**
 * Removes npm's variables: under an npm script the installer would take itself for part of that package's
 * installation and do nothing.
 */
function withoutNpm(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^npm_/i.test(name)));
}

/**
 * Reports progress by the size of the file that grows in the system's temporary folder, since the script itself
 * prints nothing.
 */
async function tellProgress(began: number, tell: (line: string) => void): Promise<void> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('onnxruntime-node-pkgs_'));
  for (const folder of folders) {
    if (Number(folder.split('_')[1]) < began) continue;
    for (const name of await readdir(path.join(tmpdir(), folder)).catch(() => [])) {
      const { size } = await stat(path.join(tmpdir(), folder, name)).catch(() => ({ size: 0 }));
      if (name.endsWith('.nupkg')) tell(`${(size / 2 ** 20).toFixed(0)} MiB so far`);
    }
  }
}

function failure(words: string): RankscopeError {
  const said = words.split('\n').find((line) => /error/i.test(line)) ?? words.trim().slice(-200);
  if (/EACCES|EPERM|ENOSPC|EROFS/.test(words)) {
    return new RankscopeError({
      code: 'disk',
      what: `The CUDA provider cannot be written: ${said}.`,
      remedy: 'Make room, or run the command as a user who may write there.',
    });
  }
  return new RankscopeError({
    code: 'network',
    what: `The CUDA provider cannot be fetched: ${said}.`,
    remedy: 'Check the connection (behind a proxy set GLOBAL_AGENT_HTTPS_PROXY), and try again. Nothing was changed.',
  });
}

function runtimeRoot(): string {
  return path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
}
