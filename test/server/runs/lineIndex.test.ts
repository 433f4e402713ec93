import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  completionKey,
  indexCompletions,
  isCurrent,
  keyParts,
  readCompletionLines,
} from '../../../server/runs/armCompletions.ts';
import { checked, parseJsonLines } from '../../../server/runs/jsonLines.ts';
import { fileStamp, indexLines, linesAt } from '../../../server/runs/lineIndex.ts';
import { runFolder } from '../../../server/runs/runFolder.ts';
import { freshRunFolder, runName } from '../../../server/runs/runName.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import { temporaryFolder } from './sampleRun.ts';

const folder = temporaryFolder();
after(() => folder.remove());
const written = (name: string, text: string): string => {
  writeFileSync(join(folder.path, name), text);
  return join(folder.path, name);
};
const isRunError = (where: string, what: RegExp) => (error: unknown) =>
  error instanceof RankscopeError &&
  error.code === 'run' &&
  error.details.where === where &&
  what.test(error.details.what);

describe('the lines of a file', () => {
  it('are shown in order, blank ones left out, and can be read by their number', async () => {
    const seen: string[] = [];
    const index = await indexLines(written('a', 'one\n\nzwölf\nthree'), (line, at) => seen.push(`${at} ${line}`));
    assert.deepEqual(seen, ['0 one', '1 zwölf', '2 three']);
    assert.deepEqual(
      [Array.from(index!.starts), Array.from(index!.ends)],
      [
        [0, 5, 12],
        [3, 11, 17],
      ],
    );
    assert.deepEqual(await linesAt(index!, [2, 0, 1, 0]), ['three', 'one', 'zwölf', 'one']);
  });

  it('are whole however long they are and however many', async () => {
    const long = 'x'.repeat(300_000);
    const many = Array.from({ length: 40_000 }, (_, i) => `line ${i}`);
    const lengths: number[] = [];
    const index = await indexLines(written('long', `${long}\n${many.join('\n')}\n${long}y`), (line) =>
      lengths.push(line.length),
    );
    assert.deepEqual([lengths.length, lengths[0], lengths.at(-1)], [40_002, 300_000, 300_001]);
    assert.deepEqual(await linesAt(index!, [1, 20_001, 40_000]), ['line 0', 'line 20000', 'line 39999']);
  });

  it('are none of a file that is not there, and have the stamp of the file they were read from', async () => {
    assert.equal(await indexLines(join(folder.path, 'none'), () => undefined), undefined);
    assert.equal(await fileStamp(join(folder.path, 'none')), undefined);
    const index = await indexLines(written('b', 'one\n'), () => undefined);
    assert.equal(await fileStamp(index!.path), index!.stamp);
    written('b', 'one\ntwo\n');
    assert.notEqual(await fileStamp(index!.path), index!.stamp);
  });
});

describe('lines of JSON', () => {
  const number = checked((value): value is number => typeof value === 'number');

  it('are read one by one, blank ones left out', () => {
    assert.deepEqual(parseJsonLines('1\n\n2\n3\n', 'f', number), [1, 2, 3]);
    assert.deepEqual(parseJsonLines('1\n2', 'f', number), [1, 2]);
    assert.deepEqual(parseJsonLines('', 'f', number), []);
  });

  it('may end in the middle of a line where a crash may have cut it', () => {
    assert.deepEqual(parseJsonLines('1\n{"a', 'f', number, { ignoreTornEnd: true }), [1]);
    assert.deepEqual(parseJsonLines('1\n2', 'f', number, { ignoreTornEnd: true }), [1]);
    assert.throws(() => parseJsonLines('1\n{"a', 'f', number), isRunError('f:2', /^the line is not JSON: /));
  });

  it('are refused by file and line', () => {
    assert.throws(
      () => parseJsonLines('1\n\n"x"\n', 'f', number),
      isRunError('f:3', /^the line does not hold what belongs there$/),
    );
  });
});

describe('the completions of an arm on the disk', () => {
  const run = runFolder(join(folder.path, 'run'));
  const completion = (promptIndex: number, sample: number) => ({
    ...{ promptIndex, prompt: `p${promptIndex}`, sample, completion: `c${promptIndex}.${sample}`, tokens: [1] },
  });
  const verdict = (promptIndex: number, sample: number, toxic: boolean | undefined) => ({
    ...{ promptIndex, sample, judge: 'j' },
    ...(toxic === undefined ? { unjudged: 'mute' } : { score: 0.5, toxic }),
  });
  const write = (kind: 'completions' | 'verdicts', lines: readonly object[]) => {
    const path = run.armLines('r2', kind);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return path;
  };
  const places = [
    [0, 0],
    [0, 1],
    [3, 0],
  ] as const;

  it('are known by a number for a prompt and a sample, which orders them', () => {
    assert.deepEqual(keyParts(completionKey(7, 3)), { promptIndex: 7, sample: 3 });
    assert.ok(completionKey(0, 65_535) < completionKey(1, 0));
  });

  it('are read with their verdicts, each with its own', async () => {
    assert.equal(await indexCompletions(run, 'r2'), undefined);
    write(
      'completions',
      places.map(([p, s]) => completion(p, s)),
    );
    const bare = (await indexCompletions(run, 'r2'))!;
    assert.ok(!(await isCurrent(bare)) && bare.verdicts === undefined);
    assert.deepEqual(
      (await readCompletionLines(bare, [1])).map(({ verdict: own }) => own),
      [undefined],
    );
    write('verdicts', [verdict(0, 0, true), verdict(0, 1, undefined), verdict(3, 0, false)]);
    const known = (await indexCompletions(run, 'r2'))!;
    assert.deepEqual(
      known.keys.map(keyParts),
      places.map(([promptIndex, sample]) => ({ promptIndex, sample })),
    );
    assert.deepEqual(Array.from(known.toxic), [1, NaN, 0]);
    assert.deepEqual(
      (await readCompletionLines(known, [2, 0])).map(({ completion: { completion: text }, verdict: own }) => [
        text,
        own,
      ]),
      [
        ['c3.0', verdict(3, 0, false)],
        ['c0.0', verdict(0, 0, true)],
      ],
    );
    assert.ok(await isCurrent(known));
    write('verdicts', [verdict(0, 0, true), verdict(0, 1, true)]);
    assert.ok(!(await isCurrent(known)));
  });

  it('are refused by file and line where a line is damaged', async () => {
    const path = write('completions', [completion(0, 0), { promptIndex: 1 }]);
    await assert.rejects(indexCompletions(run, 'r2'), isRunError(`${path}:2`, /what belongs there/));
  });
});

describe('the name of a run', () => {
  const now = new Date('2026-01-02T03:04:05.678Z');

  it('is made of letters that every file system takes, and the time', () => {
    assert.equal(runName('A sweep: "ä"/x', now), 'A-sweep-x-20260102-030405');
    assert.equal(runName('..', now), 'sweep-20260102-030405');
    assert.equal(runName('x'.repeat(70), now), `${'x'.repeat(60)}-20260102-030405`);
  });

  it('has a number behind it where there is such a run already', async () => {
    const root = join(folder.path, 'names');
    const first = await freshRunFolder(root, 'a', now);
    assert.equal(first, join(root, 'a-20260102-030405'));
    mkdirSync(first, { recursive: true });
    const second = await freshRunFolder(root, 'a', now);
    assert.equal(second, `${first}-2`);
    mkdirSync(second);
    assert.equal(await freshRunFolder(root, 'a', now), `${first}-3`);
  });
});
