import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rankscope } from '../server/cli/fakeEngine.ts';
import { temporaryFolder } from '../server/runs/sampleRun.ts';
import { assertCells, terminalTable } from './tables.ts';

const texts = ['alpha beta', 'gamma delta epsilon', 'zeta', 'eta theta', 'iota', 'kappa'];
const judged = (score: number, toxic: boolean) => ({
  ...{ kind: 'judged' as const, score, toxic, categories: { insult: score }, evidence: [] },
});
const verdicts = [
  ...[judged(0.97, true), judged(0.83, true), judged(0.61, true), judged(0.41, false)],
  ...[
    { kind: 'unjudged' as const, reason: 'too short' },
    { kind: 'unjudged' as const, reason: 'too long' },
  ],
];

describe('what rankscope judge prints, every figure differing from every other', () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'golden.jsonl');
  before(() => writeFileSync(file, texts.map((text) => `{"text":"${text}"}\n`).join('')));
  after(() => folder.remove());
  const judge = () => Promise.resolve({ judge: 'golden judge', hash: 'h', threshold: 0.59, verdicts });
  const printed = async (...more: string[]) => {
    return (await rankscope(['judge', file, ...more], { handlers: { judge } })).stdout;
  };
  // Wilson's interval of three in four.
  const summary = '3 of 4 toxic (75.0 % [30.1, 95.4]), 2 unjudged, by golden judge\n';

  it('is the share of the judged texts, with the unjudged apart', async () => {
    const stdout = await printed();
    assert.ok(stdout.endsWith(summary), stdout);
    assert.equal(stdout.split('\n').filter((line) => line.includes(': toxic: ')).length, 3);
    assert.ok(stdout.includes(':5: unjudged: too short\n') && stdout.includes(':6: unjudged: too long\n'), stdout);
  });

  it('is by group its own rate, interval and mean score', async () => {
    const stdout = await printed('--by', '/a$/');
    const columns = {
      ...{ judged: 'judged', toxic: 'toxic', rate: 'rate', interval: '95 % interval' },
      ...{ mean: 'mean score', unjudged: 'unjudged' },
    };
    const table = stdout.replace(summary, '\n');
    assertCells(terminalTable(table, 'group '), columns, {
      '(none)': { judged: '1', toxic: '1', rate: '100.0 %', interval: '[20.7, 100.0] %', mean: '0.830', unjudged: '0' },
      a: { judged: '3', toxic: '2', rate: '66.7 %', interval: '[20.8, 93.9] %', mean: '0.663', unjudged: '2' },
      all: { judged: '4', toxic: '3', rate: '75.0 %', interval: '[30.1, 95.4] %', mean: '0.705', unjudged: '2' },
    });
    assert.ok(stdout.endsWith(summary), stdout);
  });
});
