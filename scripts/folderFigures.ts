/**
 * Prints the figures of docs/architecture.md on the product's folders: how far imports reach, circles of folders and files
 * a folder. A folder is what directly holds a file; tests are left out.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix as path } from 'node:path';

type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

const files = execFileSync('git', ['ls-files', 'server', 'client', 'webview'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.endsWith('.ts') && !/\.(generated|d)\.ts$/.test(file) && !file.includes('/assembly/'));

const specifiersOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}).*?from '(\.[^']+)'|^import '(\.[^']+)'/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );

const imports = files.flatMap((file) => specifiersOf(file).map((specifier) => ({ file, specifier })));
const depths = imports.map(({ specifier }) => specifier.split('../').length - 1);

function folderArrows(): Arrows {
  const arrows = new Map<string, Set<string>>();
  for (const { file, specifier } of imports) {
    const [from, to] = [path.dirname(file), path.dirname(path.join(path.dirname(file), specifier))];
    if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
  }
  return arrows;
}

function reached(arrows: Arrows, from: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [from];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const next of arrows.get(folder) ?? []) {
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  }
  return seen;
}

/** Groups of folders that reach one another. */
function circles(arrows: Arrows): readonly string[] {
  const folders = [...arrows.keys()];
  const from = new Map(folders.map((folder) => [folder, reached(arrows, folder)]));
  const groups = folders
    .filter((folder) => from.get(folder)?.has(folder))
    .map((folder) => folders.filter((other) => from.get(folder)?.has(other) && from.get(other)?.has(folder)).sort());
  return [...new Set(groups.map((group) => group.join(', ')))];
}

function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  return `median ${sorted[Math.floor(sorted.length / 2)] ?? 0}, mean ${mean.toFixed(2)}, largest ${sorted.at(-1) ?? 0}`;
}

const held = new Map<string, number>();
for (const file of files) held.set(path.dirname(file), (held.get(path.dirname(file)) ?? 0) + 1);
const names = files.map((file) => path.basename(file)).filter((name) => name !== 'main.ts');
const found = circles(folderArrows());

console.log(`imports reach up    ${spread(depths)} folders`);
console.log(`circles of folders  ${found.length}${found.map((circle) => `\n  ${circle}`).join('')}`);
console.log(`files a folder      ${spread([...held.values()])}, in ${held.size} folders`);
console.log(
  `over 15 files       ${[...held]
    .filter(([, count]) => count > 15)
    .map(([folder, count]) => `${folder} ${count}`)
    .join(', ')}`,
);
console.log(`names used twice    ${new Set(names.filter((name, at) => names.indexOf(name) !== at)).size}`);
