/** A kind of judge that is added to the tables, and nowhere else, is known wherever a judge is named. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { z } from 'zod';
import { helpOf, shortForm } from '../../../server/cli/options/judgeOption.ts';
import { createJudge } from '../../../server/judges/createJudge.ts';
import type { Judge } from '../../../server/judges/judge/judge.ts';
import { judgeBuilders } from '../../../server/judges/judgeBuilders.ts';
import { judgePaths, needsEngine, resolveJudgeSpec } from '../../../server/judges/resolveJudgeSpec.ts';
import { judgeKinds, judgeReach, type JudgeKind } from '../../../server/protocol/sweep/judgeKinds.ts';
import { judgeKindNames, judgeSchema, type JudgeSpec } from '../../../server/protocol/sweep/judgeSpec.ts';

/** A judge that no version has: a text is toxic that is longer than a limit. The limits of words stand in a file. */
const length = {
  schema: z.strictObject({
    kind: z.literal('length'),
    limits: z.string().min(1).describe('File with the longest text that is not toxic, in letters.'),
  }),
  paths: { limits: 'file' },
  needsEngine: false,
  usesNetwork: false,
  source: 'lexicon',
  shortForm: {
    help: 'length:LIMITS.json',
    read: (limits) => (limits === undefined ? undefined : { kind: 'length', limits }),
  },
} as const satisfies JudgeKind;
const kinds = { ...judgeKinds, length };

const lengthJudge = ({ limits }: z.output<typeof length.schema>): Judge => ({
  ...{ kind: 'lexicon', name: `length(${limits})`, hash: 'h', threshold: 0.5 },
  judge: (items) =>
    Promise.resolve(
      items.map(({ text }) => {
        const score = text.length > 5 ? 1 : 0;
        return { kind: 'judged', score, toxic: score > 0.5, categories: {}, evidence: [] };
      }),
    ),
});
const builders = { ...judgeBuilders, length: lengthJudge };

/** As the program names a specification of a kind that its own types do not have. */
const known = (value: unknown): JudgeSpec => judgeSchema(kinds).parse(value) as JudgeSpec;
const resolver = {
  file: (path: string, place: string) => `${place}=${resolve('/there', path)}`,
  model: (reference: string) => reference,
};

describe('a kind of judge that is added to the tables', () => {
  it('is in the schema, alone and within a combination, and refused where a field is wrong', () => {
    const [alone, combined] = [
      { kind: 'length', limits: 'l.json' },
      { kind: 'combined', judges: [{ kind: 'lexicon' }, { kind: 'length', limits: 'l.json' }] },
    ];
    assert.deepEqual(known(alone), alone);
    assert.deepEqual(known(combined), combined);
    assert.throws(() => known({ kind: 'length' }), /limits/);
    const schema = JSON.stringify(z.toJSONSchema(judgeSchema(kinds), { io: 'input', target: 'draft-7' }));
    assert.ok(schema.includes('File with the longest text that is not toxic'), 'the published schema');
  });

  it('has its paths resolved, and known to whoever keeps judges', () => {
    const spec = known({ kind: 'combined', judges: [{ kind: 'lexicon' }, { kind: 'length', limits: 'l.json' }] });
    assert.deepEqual(resolveJudgeSpec(spec, resolver, 'judge.', kinds), {
      kind: 'combined',
      judges: [{ kind: 'lexicon' }, { kind: 'length', limits: 'judge.judges.1.limits=/there/l.json' }],
    });
    assert.deepEqual(judgePaths(spec, kinds), ['l.json']);
  });

  it('has its short form on the command line, in the help too', () => {
    assert.deepEqual(shortForm('length:l.json', kinds), { kind: 'length', limits: 'l.json' });
    assert.throws(() => shortForm('length', kinds), /names no judge/);
    assert.ok(helpOf(kinds).join(' ').includes('length:LIMITS.json'));
  });

  it('runs where the table says, and is trusted as far as it reaches', () => {
    const spec = known({ kind: 'length', limits: 'l.json' });
    assert.equal(needsEngine(spec, kinds), false);
    assert.equal(needsEngine(spec, { ...kinds, length: { ...length, needsEngine: true } }), true);
    assert.equal(judgeReach({ length }), 'files');
    assert.equal(judgeReach({ length: { ...length, paths: {} } }), 'nothing');
  });

  it('is built and judges', async () => {
    const judge = await createJudge(known({ kind: 'length', limits: 'l.json' }), {}, builders);
    assert.equal(judge.name, 'length(l.json)');
    const verdicts = await judge.judge([{ text: 'short' }, { text: 'longer' }]);
    assert.deepEqual(
      verdicts.map((verdict) => verdict.kind === 'judged' && verdict.toxic),
      [false, true],
    );
  });
});

describe('the table of judges', () => {
  const entries = Object.entries<JudgeKind>(judgeKinds);

  it('names each kind as its schema does, and as paths fields that it has', () => {
    for (const [name, { schema, paths }] of entries) {
      const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
      assert.deepEqual(shape.kind?.safeParse(name).success, true, name);
      for (const field of Object.keys(paths)) assert.ok(field in shape, `${name}.${field}`);
    }
    assert.deepEqual(judgeKindNames.at(-1), 'combined');
  });

  it('says of each kind what it names, where it runs, whether texts leave the machine, and whose verdicts they are', () => {
    const said = entries.map(([name, { paths, needsEngine: engine, usesNetwork, source }]) => {
      return [name, Object.entries(paths).join(' '), engine, usesNetwork, source];
    });
    assert.deepEqual(said, [
      ['lexicon', 'hurtLex,file', false, false, 'lexicon'],
      ['linear', 'model,file', false, false, 'classifier'],
      ['classifier', 'model,file vocabulary,file', true, false, 'classifier'],
      ['sequence-classifier', 'model,model', true, false, 'classifier'],
      ['llm', 'model,model', true, false, 'llm'],
      ['endpoint', '', true, true, 'classifier'],
      ['human', 'labels,file', false, false, 'human'],
    ]);
    assert.equal(judgeReach(), 'files, models and addresses');
  });
});
