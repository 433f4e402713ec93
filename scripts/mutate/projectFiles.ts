import { spawnSync } from 'node:child_process';

/** Files that git knows or would take, from the root. */
export function projectFiles(root: string): readonly string[] {
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  return stdout.split('\0').filter((file) => file !== '' && file !== 'node_modules');
}
