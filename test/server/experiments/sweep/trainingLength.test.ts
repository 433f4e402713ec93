import assert from 'node:assert/strict';
import { planLength } from '../../../../server/experiments/sweep/trainingLength.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { toxicitySweepSchema, type ToxicitySweepFile } from '../../../../server/protocol/sweep/toxicitySweep.ts';

function plan(training: ToxicitySweepFile['training'], pairs: number, settings?: 'paper') {
  const sweep = toxicitySweepSchema.parse({
    experiment: 'toxicity',
    model: 'm',
    data: { prompts: { file: 'p' }, pairs: { file: 'q' } },
    training,
  });
  return planLength({ training: sweep.training, settings }, pairs);
}

const tooFew = (text: string) => (error: unknown) =>
  error instanceof RankscopeError && error.code === 'config' && error.message.includes(text);

describe('planLength', () => {
  it("refuses one epoch of the paper's 8 x 32 on 155 pairs, which is one step", () => {
    assert.throws(
      () => plan({ epochs: 1, gradientAccumulation: 32 }, 155),
      tooFew('1 optimiser step (155 examples at 8 x 32'),
    );
    assert.throws(() => plan({ epochs: 1, gradientAccumulation: 2 }, 144), tooFew('9 optimiser steps'));
    assert.equal(plan({ epochs: 1, gradientAccumulation: 2 }, 145).steps, 10);
  });

  it('lowers the batches of a step that were left open, and says so', () => {
    const lowered = plan({ epochs: 1 }, 155);
    assert.deepEqual([lowered.training.gradientAccumulation, lowered.steps], [1, 20]);
    assert.match(lowered.note!, /^20 optimiser steps of 8 pairs; the paper's 8 x 32 a step would be too few/);
    const half = plan({ epochs: 4 }, 155);
    // 620 pairs: 8 x 1 a step are 78 steps, 8 x 2 are 39.
    assert.deepEqual([half.training.gradientAccumulation, half.steps], [1, 78]);
    const whole = plan({ epochs: 1 }, 8 * 32 * 40);
    assert.deepEqual([whole.training.gradientAccumulation, whole.steps, whole.note], [32, 40, undefined]);
  });

  it('refuses what is too short even so', () => {
    assert.throws(() => plan({ epochs: 1 }, 72), tooFew('9 optimiser steps (72 examples at 8 x 1'));
  });

  it('does so few steps where they are asked for by number, with a note', () => {
    const asked = plan({ steps: 3 }, 155);
    assert.deepEqual([asked.steps, asked.training.gradientAccumulation], [3, 32]);
    assert.match(asked.note!, /asks for 3 optimiser steps/);
  });

  it("does the paper's settings as they are, with a note", () => {
    const paper = plan({ epochs: 1, gradientAccumulation: 32 }, 155, 'paper');
    assert.equal(paper.steps, 1);
    assert.match(paper.note!, /The paper's settings are 1 optimiser step here \(155 examples at 8 x 32 a step\)/);
  });
});
