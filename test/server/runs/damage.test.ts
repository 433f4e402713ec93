import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import { reportData } from '../../../server/report/reportData.ts';
import { exportArm } from '../../../server/runs/exports/exportArm.ts';
import { exportMerged } from '../../../server/runs/exports/exportMerged.ts';
import { exportShrunk } from '../../../server/runs/exports/exportShrunk.ts';
import { assertAsWritten } from '../../../server/runs/folderDigests.ts';
import { readRun } from '../../../server/runs/readRun.ts';
import { runFolder } from '../../../server/runs/runFolder.ts';
import { RunStore } from '../../../server/runs/runStore.ts';
import { sampleArm, sampleMetrics, sampleRecord, temporaryFolder } from './sampleRun.ts';

describe('a run folder that was damaged', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let run: string;
  beforeEach(() => {
    folder = temporaryFolder();
    run = join(folder.path, 'sample');
  });
  afterEach(() => folder.remove());

  const weights = 'adapter_model.safetensors';
  async function withArm(): Promise<void> {
    const store = await RunStore.create(run, sampleRecord);
    await store.writeArm('r2', async (directory) => {
      await writeFile(join(directory, weights), 'the weights');
      await writeFile(join(directory, 'adapter_config.json'), '{}');
    });
    await store.writeArmMetrics(sampleArm({ id: 'r2', method: 'lora' }));
    await store.finish(sampleMetrics);
  }
  const faults: readonly [string, RegExp, (arm: string) => void][] = [
    [
      'a flipped byte',
      /adapter_model\.safetensors is not as it was written/,
      (at) => writeFileSync(join(at, weights), 'the weighty'),
    ],
    ['a cut file', /adapter_model\.safetensors is not as it was written/, (at) => writeFileSync(join(at, weights), '')],
    [
      'a changed configuration',
      /adapter_config\.json is not as it was written/,
      (at) => writeFileSync(join(at, 'adapter_config.json'), '{ }'),
    ],
    ['digests that are not JSON', /digests\.json cannot be read/, (at) => writeFileSync(join(at, 'digests.json'), 'x')],
    ['a lost file', /adapter_config\.json is missing/, (at) => rmSync(join(at, 'adapter_config.json'))],
  ];

  for (const [what, expected, damage] of faults) {
    it(`exports no arm with ${what}, in no form, and says which file it is`, async () => {
      await withArm();
      damage(join(run, 'arms', 'r2'));
      const to = join(folder.path, 'out');
      const never = () => Promise.reject(new Error('the engine was asked'));
      const damaged = (error: unknown) =>
        error instanceof RankscopeError && error.code === 'run' && expected.test(error.message);
      await assert.rejects(exportArm(runFolder(run), 'r2', to), damaged);
      await assert.rejects(exportMerged(run, 'r2', to, never), damaged);
      await assert.rejects(exportShrunk(run, { arm: 'r2', rank: 1, to }, never), damaged);
      assert.ok(!existsSync(to));
    });
  }

  it('exports an arm with results beside it, without them and without the digests', async () => {
    await withArm();
    const to = join(folder.path, 'out');
    await exportArm(runFolder(run), 'r2', to);
    assert.deepEqual(readdirSync(to).sort(), ['adapter_config.json', weights]);
    assert.ok(readdirSync(join(run, 'arms', 'r2')).includes('digests.json'));
  });

  it('takes a folder as it is that somebody else wrote', async () => {
    writeFileSync(join(folder.path, weights), 'theirs');
    await assertAsWritten(folder.path);
  });

  it('notes what the best weights so far were', async () => {
    const store = await RunStore.create(run, sampleRecord);
    await store.keepBest('r2', { step: 4 }, (directory) => writeFile(join(directory, weights), 'the weights'));
    const best = join(run, 'best', 'r2');
    await assertAsWritten(best);
    writeFileSync(join(best, 'best.json'), '{"step":5}');
    await assert.rejects(assertAsWritten(best), /best\.json is not as it was written/);
    await store.close();
  });

  it('loses a broken line of its events and no more, and says so', async () => {
    await withArm();
    const lines = readFileSync(join(run, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    writeFileSync(join(run, 'events.jsonl'), `{"type":"step","ti\n{"type":"unheard of"}\n${lines.join('\n')}\n`);
    const read = await readRun(run);
    assert.deepEqual(read.metrics, sampleMetrics);
    assert.deepEqual(
      read.events.map(({ type }) => type),
      ['finished'],
    );
    assert.equal(read.broken.length, 2);
    assert.match(read.broken[0] ?? '', /^events\.jsonl:1: the line is not JSON/);
    assert.equal(read.broken[1], 'events.jsonl:2: the line does not hold what belongs there');
    const { notes } = await reportData(read);
    const note = notes.find((one) => one.startsWith('Events of the run are damaged'));
    assert.match(note ?? '', /events\.jsonl:1: .* and 1 more\)\.$/);
  });

  describe('by an end while it was made', () => {
    const left: readonly [string, () => void][] = [
      ['the folder', () => undefined],
      ['the reserve', () => writeFileSync(join(run, '.reserve'), new Uint8Array(16384))],
      [
        'a sweep file half written',
        () => {
          writeFileSync(join(run, '.reserve'), '');
          writeFileSync(join(run, 'sweep.json.writing-7-abc'), '{');
        },
      ],
      [
        'all but the record',
        () => {
          writeFileSync(join(run, '.reserve'), '');
          writeFileSync(join(run, 'sweep.json'), '{}');
          writeFileSync(join(run, 'events.jsonl'), '');
          const { pid } = spawnSync(process.execPath, ['-e', '0']);
          writeFileSync(join(run, 'lock.json'), JSON.stringify({ pid, host: hostname() }));
        },
      ],
    ];
    for (const [what, leave] of left) {
      it(`is made anew where it left ${what}`, async () => {
        mkdirSync(run);
        leave();
        const store = await RunStore.create(run, sampleRecord);
        await store.finish(sampleMetrics);
        assert.deepEqual((await readRun(run)).record, sampleRecord);
        assert.deepEqual(readdirSync(run).sort(), ['events.jsonl', 'metrics.json', 'run.json', 'sweep.json']);
      });
    }

    const own: readonly [string, () => void][] = [
      ['a sweep file that a person put there', () => writeFileSync(join(run, 'sweep.json'), '{}')],
      [
        'events',
        () => {
          writeFileSync(join(run, '.reserve'), '');
          appendFileSync(join(run, 'events.jsonl'), '{}\n');
        },
      ],
      [
        'a file of another kind',
        () => {
          writeFileSync(join(run, '.reserve'), '');
          writeFileSync(join(run, 'thesis.tex'), '');
        },
      ],
    ];
    for (const [what, put] of own) {
      it(`is not made over ${what}`, async () => {
        mkdirSync(run);
        put();
        const before = readdirSync(run);
        await assert.rejects(RunStore.create(run, sampleRecord), /the folder is not empty/);
        assert.deepEqual(readdirSync(run), before);
      });
    }
  });
});
