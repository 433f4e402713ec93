import assert from 'node:assert/strict';
import { OutcomeLog } from '../../../../server/worker/training/outcomeLog.ts';

const step = (loss: number, tokens: number, seconds: number) => ({
  ...{ loss, gradientNorm: 1, tokens, labelTokens: 5, seconds },
});

describe('what becomes of each arm in training', () => {
  it('is told by its last step, not by its best, and its speed leaves out the first', () => {
    const log = new OutcomeLog();
    log.stepped('r8', 1, step(5, 1000, 50));
    log.stepped('r8', 2, step(2, 60, 2));
    log.stepped('full', 1, step(7, 90, 3));
    log.stepped('r8', 3, step(3, 84, 4));
    const { peakMemoryBytes, ...r8 } = log.outcome('r8');
    assert.deepEqual(r8, { arm: 'r8', steps: 3, finalLoss: 3, trainTokensPerSecond: 24 });
    assert.ok((peakMemoryBytes ?? 0) > 1e7, 'bytes of a process');
    const full = log.outcome('full');
    assert.deepEqual([full.steps, full.finalLoss, full.trainTokensPerSecond], [1, 7, 30]);
  });

  it('keeps failures and stops to the arm they are of, across a checkpoint', () => {
    const log = new OutcomeLog();
    log.stepped('r8', 1, step(5, 10, 1));
    log.failed('r8', { code: 'diverged', what: 'r8 diverged' });
    log.stepped('r16', 1, step(4, 10, 1));
    log.stopped('r16');
    const again = OutcomeLog.fromJson(JSON.parse(JSON.stringify(log.toJson())) as ReturnType<OutcomeLog['toJson']>);
    for (const arm of ['r8', 'r16']) assert.deepEqual(again.outcome(arm), log.outcome(arm));
    assert.deepEqual(
      ['r8', 'r16', 'full'].map((arm) => [again.outcome(arm).failure?.what, again.outcome(arm).stopped]),
      [
        ['r8 diverged', undefined],
        [undefined, true],
        [undefined, undefined],
      ],
    );
  });
});
