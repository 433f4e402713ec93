/** The verdict of the golden run. Each of its words and figures occurs only once. */
import type { RunVerdict } from '../../server/protocol/run/runVerdict.ts';

export const goldenVerdict: RunVerdict = {
  answer: 'Smallest rank shown to be safe: none in every <group>; on average: 8.',
  why: ['The first reason of the verdict.', 'The second reason of the verdict.'],
  next: ['The first advice of the verdict.'],
  goal: 'mitigate',
  templates: 7001,
  smallestSafeOnAverage: 8,
  arms: [
    {
      ...{ arm: 'r8-s0', rank: 8, word: 'safe on average', why: 'The reason of rank 8.' },
      ...{ rate: 0.901, limit: 0.904, measure: 'kept', estimate: 0.906, lower: 0.908, upper: 0.912 },
      ...{ p: 0.976, level: 0.916 },
    },
    { arm: 'r16-s0', rank: 16, word: 'no result', why: 'The reason of rank 16.' },
    { arm: 'full-s0', word: 'broken', why: 'The reason of full.' },
  ],
  forest: {
    title: 'The title of the picture',
    caption: 'The caption of the picture.',
    left: -0.918,
    right: 0.922,
    ticks: [{ at: 0.924, text: 'the tick' }],
    places: [{ at: 0.926, text: 'the place' }],
    limit: { at: 0.928, text: 'the limit' },
    rows: [
      {
        ...{ label: 'r8', kind: 'rank', verdict: 'safe on average', word: 'the word of r8' },
        ...{ estimate: 0.932, lower: 0.934, upper: 0.936 },
      },
    ],
  },
};
