// Asks the registry for known vulnerabilities of what a package of ours carries; a high or critical one fails. A registry
// that answers no such questions is said, and passes.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../esbuild.mjs';
import { carriedFolders } from './thirdParty.mjs';

/** npm's answer, whatever it exits with: vulnerabilities are an exit status of its own. */
const audit = () =>
  new Promise((resolve) => {
    const options = { maxBuffer: 1 << 28, shell: process.platform === 'win32' };
    execFile('npm', ['audit', '--json'], options, (_failure, output) => resolve(output));
  });

/** Sentences on vulnerabilities that are high or critical and stand in one of `folders`. */
export function graveFaults(vulnerabilities, folders) {
  return Object.values(vulnerabilities)
    .filter(({ severity, nodes }) => /^(high|critical)$/.test(severity) && nodes.some((node) => folders.includes(node)))
    .map(({ name, severity, via }) => {
      const titles = via.map((one) => (typeof one === 'string' ? one : `${one.title} (${one.url})`));
      return `${name}: ${severity}: ${titles.join('; ')}`;
    });
}

if (process.argv[1] === import.meta.filename) {
  const made = await mkdtemp(path.join(tmpdir(), 'rankscope-bundle-'));
  const folders = carriedFolders(await bundle(made));
  await rm(made, { recursive: true });
  const { vulnerabilities } = JSON.parse((await audit()) || '{}');
  if (!vulnerabilities) {
    process.stdout.write('known vulnerabilities: not asked, the registry does not answer\n');
  } else {
    const found = graveFaults(vulnerabilities, folders);
    process.stdout.write(`known vulnerabilities of ${folders.length} bundled packages: ${found.length} grave\n`);
    for (const one of found) process.stdout.write(`  ${one}\n`);
    process.exitCode = found.length > 0 ? 1 : 0;
  }
}
