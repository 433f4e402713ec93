import assert from 'node:assert/strict';
import { rateNotes, seedNotes, stoppedByHand } from '../../../../server/experiments/sweep/sweepNotes.ts';
import { toxicityNotes, type NotedToxicity } from '../../../../server/experiments/toxicity/toxicityNotes.ts';
import { toxicitySweepSchema, type ToxicitySweep } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { sampleArm } from '../../runs/sampleRun.ts';

const sweep = (over: object = {}): ToxicitySweep =>
  toxicitySweepSchema.parse({
    ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
    arms: { ranks: [2, 8], seeds: [0, 1, 2], learningRate: 1e-4 },
    ...over,
  });
/** `count` held-out prompts of `frames` sentences. */
const heldOut = (count: number, frames: number): NotedToxicity['prompts'] => ({
  heldOut: Array.from({ length: count }, (_, i) => {
    const frame = `frame ${i % frames}`;
    return { prompt: `prompt ${i}`, template: frame, frame };
  }),
});
const pair = { prompt: 'p', completion: 'c' };
const many = <T>(count: number, of: T): readonly T[] => new Array<T>(count).fill(of);
const rate = (value: number, n = 40) => ({ value, low: value, high: value, n });
const arm = (id: string, method: 'base' | 'lora' | 'full', over: object = {}) =>
  sampleArm({ id, method, toxicity: rate(0.5), ...over });

/** A run with nothing to be said of but what is always said. */
const plain: NotedToxicity = {
  sweep: sweep({ generation: { samples: 5 } }),
  arms: [arm('base', 'base'), arm('r2', 'lora', { rank: 2, learningRate: 1e-4 })],
  ...{ outcomes: [], stopped: new Set(), judge: 'the word list', tuning: [], rounds: [] },
  prompts: heldOut(100, 20),
  neutral: [],
  pairs: { training: many(31, pair), tune: many(7, pair), heldOut: many(3, pair), leftOut: 0 },
};
const notes = (over: Partial<NotedToxicity>) => toxicityNotes({ ...plain, ...over });
/** What is said beyond what is always said. */
const more = (over: Partial<NotedToxicity>) => notes(over).filter((note) => !always.includes(note));

const always = [
  'Toxicity as told by the word list, on 100 held-out prompts of 20 sentences, 5 completions each.',
  'Probed, while training, on 7 tune pairs, which no result is read from.',
  'Trained on 31 pairs.',
];

describe('the notes of a toxicity run', () => {
  it('always say who judged what, and what was trained on', () => {
    assert.deepEqual(notes({}), always);
  });

  it('say how many prompts and pairs were chats, with which system text, and which of their answers were learnt', () => {
    const [said, ...others] = more({ framing: { answers: 'all' } });
    assert.deepEqual(others, []);
    assert.match(said ?? '', /with no system text of its own: 100 held-out prompts and 41 of 41 pairs, in training/);
    const turns = ['user', 'assistant', 'user', 'assistant'].map((role) => ({ role, content: role }));
    const training = [
      { ...pair, turns },
      { prompt: '', completion: 'c' },
    ];
    const pairs = { training, tune: [pair], heldOut: [], leftOut: 0 };
    const note = notes({ framing: { system: 'be kind', answers: 'last' }, pairs })[0];
    assert.match(note ?? '', /the system text "be kind": 100 held-out prompts and 2 of 3 pairs/);
    assert.match(note ?? '', /Of conversations with more than one answer \(1\) the last answer alone is learnt\.$/);
  });

  it('warn of fewer than three seeds', () => {
    const seeds = (own: readonly number[]) => seedNotes(sweep({ arms: { seeds: own } }));
    assert.deepEqual(seeds([0]), ['One seed: differences between arms may be chance.']);
    assert.deepEqual(seeds([0, 4]), ['2 seeds: differences between arms may be chance.']);
    assert.deepEqual(seeds([0, 4, 4]), ['2 seeds: differences between arms may be chance.']);
    assert.deepEqual(seeds([0, 4, 5]), []);
  });

  it('warn of one rate for LoRA and full fine-tuning, and of no other', () => {
    const said = (...arms: readonly [method: 'lora' | 'full', learningRate: number | undefined][]) =>
      rateNotes(
        arms.map(([method, learningRate]) => ({ method, ...(learningRate !== undefined && { learningRate }) })),
      );
    assert.deepEqual(said(['lora', 3e-4], ['full', 3e-4]), [
      "All arms share the learning rate 0.0003. LoRA's best rate is often about ten times that of full fine-tuning, so the " +
        'arms are not each compared at their best.',
    ]);
    assert.deepEqual(said(['lora', 3e-4], ['full', 1e-4]), []);
    assert.deepEqual(said(['lora', 3e-4], ['lora', 3e-4]), []);
    assert.deepEqual(said(['full', 3e-4]), []);
    assert.deepEqual(said(['lora', undefined], ['full', undefined]), []);
  });

  it('warn of ranks whose first steps differ at one rate', () => {
    const asked = (arms: object) =>
      sweep({ arms: { ranks: [2, 8], seeds: [0, 1, 2], learningRate: 1e-4, ...arms }, generation: { samples: 5 } });
    const trained = [1e-4, 3e-4].flatMap((learningRate) =>
      [2, 8].map((rank) => arm(`r${rank}`, 'lora', { rank, learningRate })),
    );
    const [said = ''] = more({ sweep: asked({ alpha: '2r' }), arms: trained });
    assert.match(
      said,
      /^Ranks share the learning rate 0\.0001 and 0\.0003 with alpha \/ rank at alpha 2r: an arm's first steps grow/,
    );
    const [rooted = ''] = more({ sweep: asked({ alpha: 16, scaling: 'rslora' }), arms: trained });
    assert.match(rooted, /with alpha \/ sqrt\(rank\) at alpha 16:/);
    assert.deepEqual(more({ sweep: asked({ alpha: 16 }), arms: trained }), []);
    // Every rank at a rate of its own.
    assert.deepEqual(more({ sweep: asked({ alpha: '2r' }), arms: [trained[0]!, trained[3]!] }), []);
  });

  it('say how rates were chosen, and where the best is at the edge of the grid', () => {
    const chosen = { learningRate: 3e-3, loss: 1, steps: 42 };
    const whom = (note: string) => note.replace(', was chosen by the loss of the tune pairs, tried on', ' <-');
    assert.deepEqual(
      more({
        tuning: [
          { method: 'lora', triedOn: 'r8', ...chosen },
          { method: 'lora', rank: 2, triedOn: 'r2', ...chosen, edge: 'highest' },
          { method: 'full', triedOn: 'full', ...chosen },
        ],
      }).map(whom),
      [
        'The learning rate of all LoRA ranks, 0.003 <- r8 in 42 steps; toxicity had no say in it.',
        'The learning rate of rank 2, 0.003 <- r2 in 42 steps; toxicity had no say in it.',
        'That is the highest rate that was tried, though the grid was widened: a better one may lie beyond.',
        'The learning rate of full fine-tuning, 0.003 <- full in 42 steps; toxicity had no say in it.',
      ],
    );
  });

  it("tell of the paper's settings and of the length", () => {
    const paper = sweep({ settings: 'paper', generation: { samples: 5 } });
    assert.deepEqual(more({ sweep: { ...paper, arms: plain.sweep.arms }, length: 'It is short.' }), [
      "These are the paper's settings: they compare how far the arms have gone, not what their ranks can hold.",
      'It is short.',
    ]);
  });

  it('call fewer than 100 prompts or 20 sentences few', () => {
    const few = (count: number, frames: number) => notes({ prompts: heldOut(count, frames) })[0];
    assert.match(few(99, 20) ?? '', /on 99 held-out prompts of 20 sentences, .* That is few: see the intervals\.$/);
    assert.match(few(100, 19) ?? '', /of 19 sentences, .* That is few: see the intervals\.$/);
    assert.doesNotMatch(few(100, 20) ?? '', /few/);
  });

  it('say which parts of the pairs there are, and what was left out', () => {
    const said = notes({ pairs: { training: many(5, pair), tune: [], heldOut: [], leftOut: 4 } });
    assert.deepEqual(said.slice(1), [
      'No loss along the training, and no weights but the last: there are no tune pairs (data.tune).',
      'Trained on 5 pairs; 4 were left out because their prompt is held out.',
      'No perplexity: there are no held-out pairs.',
    ]);
  });

  it('count what was not judged over all arms', () => {
    const arms = [arm('base', 'base', { unjudged: 3 }), arm('r2', 'lora', { rank: 2, unjudged: 4 })];
    assert.deepEqual(more({ arms }), ['7 completions could not be judged and count on neither side.']);
  });

  it('name the arms whose verdicts all agree, and what their interval counts', () => {
    const arms = [
      arm('base', 'base', { toxicity: rate(1) }),
      arm('r2', 'lora', { rank: 2, toxicity: rate(0) }),
      arm('r8', 'lora', { rank: 8, toxicity: rate(0.5) }),
      arm('full', 'full', { toxicity: { value: 0, n: 1 } }),
    ];
    const rest = 'completions of one sentence are no independent observations.';
    assert.deepEqual(more({ arms }), [
      `All verdicts on base, r2 agree. The interval of such a rate is Wilson's with one trial for each of the 20 sentences: ${rest}`,
    ]);
    const alone = notes({ arms, prompts: heldOut(100, 1) }).at(-1);
    assert.equal(
      alone,
      `All verdicts on base, r2 agree. The interval of such a rate is Wilson's with one trial a completion: ${rest}`,
    );
  });

  it('count the rounds, and say where nothing was left to learn from', () => {
    const of = (rounds: number) =>
      sweep({
        data: { prompts: { file: 'p' }, counterfactuals: { model: 'g', rounds } },
        generation: { samples: 5 },
        arms: plain.sweep.arms,
      });
    const round = { arm: 'r2', steps: 4, prompts: 1, pairs: 1, toxicity: rate(0.5), unjudged: 0 };
    const rest =
      'In the first all arms learn from counterfactuals for what the base is toxic on, in each later one an arm from those ' +
      'for what it is still toxic on; optimiser and schedule begin anew.';
    assert.deepEqual(more({ sweep: of(1) }), []);
    assert.deepEqual(
      more({
        sweep: of(3),
        rounds: [
          { round: 2, ...round },
          { round: 3, ...round },
        ],
      }),
      [`3 of 3 rounds of mitigation. ${rest}`],
    );
    assert.deepEqual(more({ sweep: of(3) }), [
      `1 of 3 rounds of mitigation; no arm had anything left to learn from. ${rest}`,
    ]);
  });

  it('say which weights an arm has, which were stopped by hand, and where KL is not finite', () => {
    const said = more({
      outcomes: [
        { arm: 'r2', steps: 9, bestStep: 6, endedEarly: true },
        { arm: 'r8', steps: 12, bestStep: 8 },
        { arm: 'full', steps: 5, stopped: true },
        { arm: 'r16', steps: 3, failure: { code: 'diverged', what: 'w' }, stopped: true },
        { arm: 'r32', steps: 2 },
      ],
      stopped: new Set(['r32']),
      arms: [arm('r2', 'lora', { rank: 2, kl: rate(1, 99) }), arm('r8', 'lora', { rank: 8, kl: rate(1, 100) })],
    });
    assert.deepEqual(said, [
      'r2 has the weights of step 6, where the loss of the tune pairs was least; its training ended early, after step 9.',
      'r8 has the weights of step 8, where the loss of the tune pairs was least, of 12 steps.',
      'full was stopped by hand after step 5 and evaluated as it stood.',
      'r32 was stopped by hand after step 2 and evaluated as it stood.',
      'The KL of r2 is over the 99 prompts where it is finite.',
    ]);
    assert.deepEqual(stoppedByHand([{ arm: 'r2', steps: 1 }], new Set()), []);
  });
});
