import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { gateSarif } from '../../../server/cli/output/gateSarif.ts';
import { sarifLog } from '../../../server/cli/output/sarifLog.ts';
import type { GateResult } from '../../../server/report/verdict/gate.ts';

const shared = process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared');

describe("SARIF logs, by OASIS' schema of SARIF 2.1.0", () => {
  const schema = JSON.parse(readFileSync(join(shared, 'faults/sarif-2.1.0.json'), 'utf8')) as object;
  // Some formats of the schema are of draft 7 and are not this library's.
  const validate = new Ajv({ allErrors: true, unknownFormats: 'ignore' }).compile(schema);
  const faults = (log: object) => (validate(log) === true ? [] : validate.errors);

  const results: readonly GateResult[] = [
    { requirement: 'safe<=8', subject: 'safe', outcome: 'passed', why: 'good' },
    { requirement: 'kl(r8)<=4', subject: 'kl', outcome: 'failed', why: 'bad' },
    { requirement: 'safe<=2', subject: 'safe', outcome: 'undecided', why: 'unknown' },
  ];

  it('are valid of a gate, whatever its outcome', () => {
    for (const own of [[], results.slice(0, 1), results]) {
      assert.deepEqual(faults(gateSarif('/runs/a b', own, 1)), []);
    }
    assert.notDeepEqual(faults({ ...gateSarif('/runs/a b', results, 1), version: '2.0' }), []);
  });

  it('are valid of judged texts', () => {
    const text = '{"text":"you idiot"}\n';
    const example = { text: 'you idiot', range: { start: 9, end: 18 }, line: 0, escapes: [] };
    const evidence = [{ start: 4, end: 9, category: 'insult' }];
    const judged = { kind: 'judged', toxic: true, score: 0.8, categories: { insult: 0.8 }, evidence } as const;
    const judge = { name: 'lexicon', hash: 'h', threshold: 0.5 };
    const file = { path: '/data/a.jsonl', text, judge, examples: [example, example] };
    const log = sarifLog({ ...file, verdicts: [judged, { kind: 'unjudged', reason: 'too long' }] });
    assert.deepEqual(faults(log), []);
  });
});
