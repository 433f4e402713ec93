import assert from 'node:assert/strict';
import { labelHistory } from '../../../../server/judges/labels/labelHistory.ts';
import type { LabelRecord } from '../../../../server/protocol/labelRecord.ts';

/** What is in force after records given as `label@time`. */
function check(records: readonly string[], expected: string | undefined): void {
  const parsed = records.map((one): LabelRecord => {
    const [label = '', time] = one.split('@');
    return { content: 'c', label: label as LabelRecord['label'], author: 'ann', time: Number(time) };
  });
  const history = labelHistory(parsed);
  assert.equal(history.inForce('c')?.label, expected);
  assert.equal(history.of('c').length, records.length);
  assert.equal(history.inForce('other'), undefined);
  assert.deepEqual(history.of('other'), []);
}

describe('the history of labels', () => {
  it('has the latest label in force, by time and then by place', () => {
    check(['toxic@1'], 'toxic');
    check(['toxic@1', 'benign@2'], 'benign');
    check(['benign@2', 'toxic@1'], 'benign');
    check(['toxic@1', 'unsure@1'], 'unsure');
  });

  it('takes back as many labels as it is told to', () => {
    check(['toxic@1', 'none@2'], undefined);
    check(['toxic@1', 'benign@2', 'none@3'], 'toxic');
    check(['toxic@1', 'benign@2', 'none@3', 'none@4'], undefined);
    check(['toxic@1', 'benign@2', 'none@3', 'unsure@4', 'none@5'], 'toxic');
    check(['none@1', 'toxic@2'], 'toxic');
  });
});
