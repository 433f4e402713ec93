// `npm run check`: types, lint, format, arrows and dead code, and the quick tests at the same time. `--all` runs the slow
// tests too, and one step after another. What a step printed comes when it has ended; the exit status is 1 where one failed.
import { spawn } from 'node:child_process';

const reading = ['types', 'lint', 'format:check', 'arrows', 'dead'];
const lines = process.argv.includes('--all') ? [[...reading, 'test:unit']] : [reading, ['test:quick']];
const failed = [];

/** Runs one npm script and prints what it wrote as one piece. */
function run(step) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn('npm', ['run', '--silent', step], { shell: process.platform === 'win32' });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(output));
      console.log(
        `${step}: ${code === 0 ? 'passed' : 'FAILED'} after ${Math.round((performance.now() - began) / 1000)} s`,
      );
      if (code !== 0) failed.push(step);
      resolve();
    });
  });
}

await Promise.all(
  lines.map(async (steps) => {
    for (const step of steps) await run(step);
  }),
);
if (failed.length > 0) {
  console.log(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
