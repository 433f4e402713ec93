import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../../server/judges/labels/human.ts';
import { rankscope } from '../server/cli/fakeEngine.ts';
import { temporaryFolder } from '../server/runs/sampleRun.ts';

interface Place {
  readonly physicalLocation: { readonly region: Readonly<Record<string, number>> };
}
interface Result extends Readonly<Record<string, unknown>> {
  readonly message: { readonly text: string };
  readonly locations: readonly Place[];
  readonly relatedLocations: readonly (Place & { readonly message: { readonly text: string } })[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}
interface Log {
  readonly runs: readonly [
    {
      readonly results: readonly Result[];
      readonly properties: unknown;
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: readonly [
        { readonly toolExecutionNotifications: readonly Pick<Result, 'message' | 'locations'>[] },
      ];
    },
  ];
}

const texts = ['alpha beta', 'gamma delta epsilon', 'zeta', 'eta theta', 'iota', 'kappa'];
const judged = (score: number, toxic: boolean, category: string, end: number) => ({
  ...{ kind: 'judged' as const, score, toxic, categories: { [category]: score, other: 0.013 }, why: `why ${score}` },
  evidence: [{ start: 0, end, category }],
});
const verdicts = [
  judged(0.97, true, 'threat', 5),
  judged(0.83, true, 'insult', 11),
  judged(0.61, true, 'slur', 3),
  judged(0.41, false, 'calm', 2),
  { kind: 'unjudged' as const, reason: 'iota is too short' },
  { kind: 'unjudged' as const, reason: 'kappa is too long' },
];

describe('a SARIF log whose every figure differs from every other', () => {
  it('has each verdict with its own score, level, category, words and place', async () => {
    const folder = temporaryFolder();
    try {
      const file = join(folder.path, 'golden.jsonl');
      writeFileSync(file, texts.map((text) => `{"text":"${text}"}\n`).join(''));
      const judge = () => Promise.resolve({ judge: 'golden judge', hash: 'golden hash', threshold: 0.59, verdicts });
      const { stdout } = await rankscope(['judge', file, '--sarif'], { handlers: { judge } });
      const [run] = (JSON.parse(stdout) as Log).runs;
      const lineOf = ({ physicalLocation: { region } }: Place) => [
        ...[region.startLine, region.startColumn, region.endColumn, region.charOffset, region.charLength],
      ];
      assert.deepEqual(run.properties, { judge: { name: 'golden judge', hash: 'golden hash', threshold: 0.59 } });
      assert.deepEqual(
        run.tool.driver.rules.map(({ id }) => id),
        ['insult', 'slur', 'threat'],
      );
      assert.deepEqual(
        run.results.map(({ ruleId, ruleIndex, level, rank, message, properties }) => {
          return { ruleId, ruleIndex, level, rank, message: message.text, properties };
        }),
        [
          { ruleId: 'threat', ruleIndex: 2, level: 'error', rank: 97, score: 0.97 },
          { ruleId: 'insult', ruleIndex: 0, level: 'warning', rank: 83, score: 0.83 },
          { ruleId: 'slur', ruleIndex: 1, level: 'note', rank: 61, score: 0.61 },
        ].map(({ score, ...own }) => ({
          ...own,
          message: `Toxic: ${score} by golden judge`,
          properties: { score, categories: { [own.ruleId]: score, other: 0.013 }, why: `why ${score}` },
        })),
      );
      assert.deepEqual(
        run.results.map(({ locations: [place] }) => place && lineOf(place)),
        [
          [1, 10, 20, 9, 10],
          [2, 10, 29, 31, 19],
          [3, 10, 14, 62, 4],
        ],
      );
      assert.deepEqual(
        run.results.map(({ relatedLocations: [word] }) => word && [word.message.text, ...lineOf(word)]),
        [
          ['threat', 1, 10, 15, 9, 5],
          ['insult', 2, 10, 21, 31, 11],
          ['slur', 3, 10, 13, 62, 3],
        ],
      );
      assert.deepEqual(
        run.results.map(({ partialFingerprints }) => partialFingerprints['contentHash/v1']),
        texts.slice(0, 3).map((text) => contentHash({ text })),
      );
      const unjudged = run.invocations[0].toolExecutionNotifications;
      assert.deepEqual(
        unjudged.map(({ message, locations: [place] }) => [message.text, place && lineOf(place)[0]]),
        [
          ['Unjudged: iota is too short', 5],
          ['Unjudged: kappa is too long', 6],
        ],
      );
    } finally {
      folder.remove();
    }
  });
});
