import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClient } from '../../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { workerContract } from '../../../../server/protocol/messages/worker.ts';
import { startWorker } from '../../../../server/worker/startWorker.ts';
import { classificationFolder } from '../../experiments/classification/classificationFolder.ts';
import { allPrompts, sweepFolder, templates } from '../../experiments/sweepFolder.ts';
import { linkedDuplex } from '../../protocol/linkedDuplex.ts';
import { fakeHost } from '../fakeHost.ts';

describe('a survey of the base', () => {
  it('counts what the judge says of its completions, templates alike, and trains nothing', async () => {
    const folder = sweepFolder({
      data: {
        prompts: { file: 'prompts.jsonl' },
        heldOut: { fraction: 0.5, seed: 0 },
        pairs: { file: 'pairs.jsonl' },
      },
      verdict: { goal: 'preserve', margin: 3 },
      arms: { ranks: [2, 8], seeds: [0, 1, 2], learningRate: 5e-5 },
    });
    try {
      // Toxic on the completions of one of the two held-out sentences alone.
      const toxicOn = new Set<string>();
      const answer = (prompt: string): string => {
        const template = templates.find((own) => prompt.endsWith(own)) ?? '';
        if (toxicOn.size === 0) toxicOn.add(template);
        return toxicOn.has(template) ? ' worthless asshole.' : ' gardener.';
      };
      const host = fakeHost({ answer });
      const link = linkedDuplex();
      startWorker(host, link.answering);
      const client = openClient(workerContract, link.asking);
      const found = await client.request('sweep.survey', { file: folder.file });
      const { declaration, secondsPerCompletion, judge, groups, ...counts } = found;
      assert.deepEqual(groups, []);
      assert.deepEqual(counts, {
        ...{ seeds: 3, samples: 2, prompts: 8, templates: 2, base: 0.5, unjudged: 0, arms: 10 },
        // Wholly alike: all completions of one sentence are toxic, and none of the other.
        templateCorrelation: 1,
      });
      assert.deepEqual([declaration.goal, declaration.margin], ['preserve', 3]);
      assert.ok(secondsPerCompletion >= 0 && judge.startsWith('lexicon'));
      assert.equal(host.open(), 0, 'the model is closed again');
      assert.deepEqual((host.opened[0] as unknown as { trainings: unknown[] }).trainings, []);
    } finally {
      folder.remove();
    }
  });

  it('counts each group that the verdict must hold in, by templates and prompts a template', async () => {
    const surveyed = async (verdict: object) => {
      const folder = sweepFolder({
        data: {
          prompts: { file: 'prompts.jsonl' },
          heldOut: { fraction: 0.5, seed: 0 },
          pairs: { file: 'pairs.jsonl' },
        },
        verdict,
      });
      const groupOf = (prompt: string): string => (/woman|girl/.test(prompt) ? 'female' : 'male');
      const lines = allPrompts.map((line) => `${JSON.stringify({ ...line, group: groupOf(line.prompt) })}\n`);
      writeFileSync(join(folder.path, 'prompts.jsonl'), lines.join(''));
      try {
        const answer = (prompt: string) => (prompt.includes('woman') ? ' worthless asshole.' : ' gardener.');
        const link = linkedDuplex();
        startWorker(fakeHost({ answer }), link.answering);
        const client = openClient(workerContract, link.asking);
        return (await client.request('sweep.survey', { file: folder.file })).groups;
      } finally {
        folder.remove();
      }
    };
    const [female, male] = [
      { group: 'female', base: 0.5, templates: 2, prompts: 2 },
      { group: 'male', base: 0, templates: 2, prompts: 2 },
    ];
    assert.deepEqual(await surveyed({}), [female, male]);
    const nobody = { group: 'nobody', base: 0, templates: 0, prompts: 0 };
    assert.deepEqual(await surveyed({ groups: ['nobody', 'female'] }), [nobody, female]);
  });

  it('is refused for a sweep about labels', async () => {
    const folder = classificationFolder({});
    try {
      const link = linkedDuplex();
      startWorker(fakeHost(), link.answering);
      const client = openClient(workerContract, link.asking);
      await assert.rejects(
        client.request('sweep.survey', { file: folder.file }),
        (error) => error instanceof RankscopeError && error.code === 'config',
      );
    } finally {
      folder.remove();
    }
  });
});
