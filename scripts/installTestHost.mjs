// Puts a real VS Code on this machine for test/vscode: code-server from npm with a Node of its own, and Chromium from the
// system's packages. Idempotent; says in one sentence what is missing when it cannot.
//   node scripts/installTestHost.mjs
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** code-server 4.139 is Code 1.139 and wants Node 24; this package of Node brings its headers along. */
const nodeVersion = '24.21.0';
const codeServerVersion = '4.139.1';

const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
export const home = process.env.RANKSCOPE_VSCODE ?? path.join(cache, 'rankscope-test', 'vscode');
export const node = path.join(home, 'node', 'bin', 'node');
export const entry = path.join(home, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
export const chromium = () =>
  [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (file) => file !== undefined && existsSync(file),
  );

const stamp = path.join(home, `.installed-${codeServerVersion}-${nodeVersion}`);
const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', '--no-save'];

/** The environment of a person's shell: npm hands its own settings to what it runs, and they would be taken over. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

function npm(cwd, ...args) {
  const given = { cwd, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('npm', ['install', ...quiet, ...args], given);
}

/** Both installs that code-server's own script would do, without any package's scripts. */
async function installCodeServer() {
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, 'package.json'), '{"private":true}');
  npm(home, `node-linux-${process.arch}@${nodeVersion}`);
  await rename(path.join(home, 'node_modules', `node-linux-${process.arch}`), path.join(home, 'node'));
  npm(home, `code-server@${codeServerVersion}`);
  const vscode = path.join(home, 'node_modules', 'code-server', 'lib', 'vscode');
  npm(vscode, '--omit=dev');
  npm(path.join(vscode, 'extensions'), '--omit=dev');
  for (const addon of ['spdlog', 'native-watchdog']) compile(path.join(vscode, 'node_modules', '@vscode', addon));
  // 280 MB that no test uses.
  for (const part of ['extensions/copilot', 'node_modules/@microsoft/mxc-sdk']) {
    await rm(path.join(vscode, part), { recursive: true, force: true });
  }
  await writeFile(stamp, '');
}

/** Without spdlog output channels stay empty, without native-watchdog an extension host outlives its parent. */
function compile(addon) {
  const root = execFileSync('npm', ['root', '-g'], { encoding: 'utf8', env: environment() }).trim();
  const gyp = path.join(root, 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const env = { ...environment(), PATH: `${path.dirname(node)}:${process.env.PATH}` };
  try {
    const args = [gyp, 'rebuild', `--nodedir=${path.join(home, 'node')}`, '-j', '2', '--silent'];
    execFileSync(node, args, { cwd: addon, env, stdio: 'ignore' });
  } catch {
    process.stderr.write(
      `${path.basename(addon)} was not built (python3, make, g++?): output channels may stay empty.\n`,
    );
  }
}

function installChromium() {
  if (process.getuid?.() !== 0)
    throw new Error('Chromium is missing and only root may install packages: install it, or name one in CHROMIUM.');
  const env = { ...environment(), DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Installs what is missing. Throws, in a sentence, when it cannot: the tests that need it fail, they are not skipped. */
export async function installTestHost() {
  if (process.platform !== 'linux') {
    throw new Error('The tests in a real VS Code run on Linux, where code-server and Chromium come from packages.');
  }
  attempt('Chromium could not be installed from the system’s packages', () => {
    if (chromium() === undefined) installChromium();
  });
  if (existsSync(stamp)) return;
  try {
    await installCodeServer();
  } catch (error) {
    throw new Error(`code-server could not be installed from the npm registry (is there a network?): ${error.message}`);
  }
}

function attempt(what, work) {
  try {
    work();
  } catch (error) {
    throw new Error(`${what}: ${error.message}`);
  }
}

if (process.argv[1] === import.meta.filename) {
  try {
    await installTestHost();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
