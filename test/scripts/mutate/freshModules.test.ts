import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FreshModules } from '../../../scripts/mutate/freshModules.ts';
import { temporaryFolder } from '../../server/runs/sampleRun.ts';

describe('the modules that faults are planted in', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const noted: unknown[] = [];
  const scope = globalThis as { noteOfTest?: (value: unknown) => void };
  before(() => (scope.noteOfTest = (value) => void noted.push(value)));
  after(() => delete scope.noteOfTest);

  it('are evaluated anew where a fault reaches them, and read as they stand without it', async () => {
    const files = {
      'other.ts': 'globalThis.noteOfTest("other"); export const two: number = 2;',
      'low.ts': 'import { two } from "./other.ts"; export const low = (): number => 1 + two;',
      'test.ts':
        'import { sep } from "node:path"; import { low } from "./low.ts"; globalThis.noteOfTest([low(), sep.length, import.meta.dirname]);',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
    const modules = new FreshModules(folder.path);
    await modules.load('test.ts');
    modules.replace({ file: 'low.ts', text: files['low.ts'].replace('+', '-') });
    await modules.load('test.ts');
    modules.replace(undefined);
    await modules.load('test.ts');
    // What the fault does not reach is evaluated once.
    assert.deepEqual(noted, ['other', ...[3, -1, 3].map((value) => [value, 1, folder.path])]);
  });

  it('fail to load with a fault that throws, and load again without it', async () => {
    writeFileSync(join(folder.path, 'sound.ts'), 'export const fine = true;');
    const modules = new FreshModules(folder.path);
    modules.replace({ file: 'sound.ts', text: 'throw new RangeError("planted");' });
    await assert.rejects(modules.load('sound.ts'), /planted/);
    modules.replace(undefined);
    await modules.load('sound.ts');
  });
});
