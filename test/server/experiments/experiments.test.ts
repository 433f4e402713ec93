import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { sweepForms } from '../../../client/sweeps/forms/sweepForms.ts';
import { experimentNamed, experimentOf, experiments } from '../../../server/experiments/experiments.ts';
import { resolveSweep } from '../../../server/experiments/resolveSweep.ts';
import { experimentNames, sweepSchemas, type ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import { experimentReportOf, experimentReports } from '../../../server/report/experiments/experimentReports.ts';
import { classificationFolder } from './classification/classificationFolder.ts';
import { sweepFolder } from './sweepFolder.ts';

const folders = { toxicity: sweepFolder, classification: classificationFolder } satisfies Readonly<
  Record<ExperimentName, unknown>
>;

describe('an experiment', () => {
  it('has a definition in every process; of panels and of questions in the editor the compiler sees to it', () => {
    const registries = { sweepSchemas, experiments, experimentReports, sweepForms };
    for (const [name, registry] of Object.entries(registries)) {
      assert.deepEqual(Object.keys(registry), [...experimentNames], name);
    }
  });

  it('is found by the name in a sweep, and by no other', () => {
    for (const experiment of experimentNames) {
      assert.equal(experimentOf({ experiment }), experiments[experiment]);
      assert.equal(experimentReportOf({ experiment }), experimentReports[experiment]);
      assert.equal(experimentNamed(experiment), experiments[experiment]);
    }
    assert.equal(experimentNamed('toString'), undefined);
  });

  for (const name of experimentNames) {
    it(`reads what its sweep names: ${name}`, async () => {
      const folder = folders[name]({});
      try {
        const { sweep, arms } = await resolveSweep(folder.file);
        const experiment = experimentOf(sweep);
        const question = await experiment.read(sweep);
        assert.equal(sweep.experiment, name);
        assert.deepEqual(
          arms.map(({ id }) => id),
          experiment.arms(sweep).map(({ id }) => id),
        );
        assert.equal(question.byHead !== undefined, experiment.takesEncoders);
        assert.equal(question.heldOutPrompts().length, question.heldOut);
        assert.ok(question.training > 0 && question.texts({}).length > 0);
        for (const file of Object.values(experiment.files(sweep))) {
          if (file !== undefined) assert.ok(file.startsWith('/') || /^[A-Z]:/.test(file), file);
        }
      } finally {
        folder.remove();
      }
    });
  }

  it('is told by its name in no condition outside the definitions', () => {
    const files = ['server', 'client', 'webview'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((file) =>
        file.endsWith('.ts') ? [`${folder}/${file.replaceAll('\\', '/')}`] : [],
      ),
    );
    assert.ok(files.length > 100);
    const told = new RegExp(`experiment\\s*[!=]==\\s*['"\`](${experimentNames.join('|')})`);
    // A recipe repeats one result of the paper, and knows what its model must be able to do and what has a second setting.
    assert.deepEqual(files.filter((file) => told.test(readFileSync(file, 'utf8'))).sort(), [
      'server/cli/commands/reproduce.ts',
      'server/cli/recipes/tunedSweep.ts',
    ]);
  });
});
