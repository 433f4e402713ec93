/** A real VS Code server on a free loopback port, and a browser for it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium as playwright, type BrowserContext } from 'playwright-core';
import { chromium, entry, node } from '../../../scripts/installTestHost.mjs';
import type { Profile } from './profile.ts';

export interface CodeServer {
  readonly base: string;
  readonly pid: number;
  log(): string;
  /** Address of the workbench over a folder of this machine. */
  url(folder: string, query?: Readonly<Record<string, string>>): string;
  /** Ends the server and all that it started. */
  stop(): Promise<void>;
}

function environment(profile: Profile, extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VSCODE_|ELECTRON_|NODE_OPTIONS$|RANKSCOPE_)/i;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const places = {
    HOME: profile.root,
    XDG_CONFIG_HOME: profile.root,
    XDG_DATA_HOME: profile.root,
    XDG_CACHE_HOME: profile.root,
  };
  return { ...Object.fromEntries(own), ...places, PATH: `${path.dirname(node)}:${process.env.PATH ?? ''}`, ...extra };
}

const common = ({ root, user, extensions }: Profile) => [
  ...['--config', path.join(root, 'config.yaml')],
  ...['--user-data-dir', user, '--extensions-dir', extensions],
];

export function installVsix(profile: Profile, vsix: string): void {
  const args = [entry, ...common(profile), '--install-extension', vsix];
  execFileSync(node, args, { env: environment(profile), stdio: 'pipe' });
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly trusted?: boolean;
}

export async function startCodeServer(profile: Profile, options: StartOptions = {}): Promise<CodeServer> {
  const base = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(node, [entry, ...common(profile), ...serverArguments(base, options)], {
    env: environment(profile, options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => lines.push(data.toString()));
  await healthy(base, child, () => lines.join(''));
  return {
    base,
    pid: child.pid ?? 0,
    log: () => lines.join(''),
    url: (folder, query = {}) => `${base}/?${new URLSearchParams({ folder, ...query }).toString()}`,
    stop: () => stop(child),
  };
}

function serverArguments(base: string, { args = [], trusted = true }: StartOptions): string[] {
  const quiet = ['--auth', 'none', '--disable-telemetry', '--disable-update-check', '--disable-proxy'];
  const trust = trusted ? ['--disable-workspace-trust'] : [];
  return [
    '--bind-addr',
    base.replace('http://', ''),
    ...quiet,
    ...trust,
    '--disable-getting-started-override',
    ...args,
  ];
}

async function healthy(base: string, child: ChildProcess, log: () => string): Promise<void> {
  const end = Date.now() + 180_000;
  for (;;) {
    const answer = await fetch(`${base}/healthz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (child.exitCode !== null || Date.now() > end) throw new Error(`code-server did not start:\n${log()}`);
    await setTimeout(50);
  }
}

/** The whole process group: server, extension host, language server. Engines are children of those. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // It is gone already.
    }
  };
  signal('SIGTERM');
  const late = globalThis.setTimeout(() => signal('SIGKILL'), 6000);
  await gone;
  clearTimeout(late);
  signal('SIGKILL');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

export async function openBrowser(profile: Profile): Promise<BrowserContext> {
  const executablePath = chromium();
  if (executablePath === undefined) throw new Error('There is no Chromium on this machine.');
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return playwright.launchPersistentContext(profile.browser, {
    executablePath,
    headless: true,
    viewport: { width: 1400, height: 900 },
    locale: 'en-US',
    permissions: ['clipboard-read', 'clipboard-write'],
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', ...quiet],
  });
}
