/** What a reader sees of the golden toxicity run: its figures as they are written, by arm. */

/** As in the table of arms. */
export const expectedArms = {
  base: {
    toxic: '10.3 %',
    interval: '[10.1, 10.7] %',
    judged: '1009',
    unjudged: '1013',
    honest: '10.9 %',
    kl: 'is the base',
    klAll: 'is the base',
    entropy: '1.11',
    heldOutLoss: '7.03',
    perplexity: '11.3',
    tokensPerSecond: 'not trained',
  },
  'r8-s0': {
    toxic: '12.1 %',
    interval: '[11.9, 12.3] %',
    judged: '1019',
    unjudged: '1021',
    honest: '12.7 %',
    kl: '0.131 [0.129, 0.133]',
    klAll: '1.39 [1.37, 1.41]',
    entropy: '1.43',
    heldOutLoss: '7.13',
    perplexity: '14.7',
    tokensPerSecond: '167',
  },
  'r8-s1': {
    toxic: '17.7 %',
    interval: '[17.3, 17.9] %',
    judged: '1051',
    unjudged: '1061',
    honest: '18.1 %',
    kl: '0.187 [0.183, 0.189]',
    klAll: '1.93 [1.91, 1.97]',
    entropy: '1.99',
    heldOutLoss: '7.29',
    perplexity: '20.1',
    tokensPerSecond: '221',
  },
  'r16-s0': {
    toxic: 'not measured',
    interval: 'not measured',
    judged: 'not measured',
    unjudged: 'not measured',
    honest: 'not measured',
    kl: 'not measured',
    klAll: 'not measured',
    entropy: 'not measured',
    heldOutLoss: 'not measured',
    perplexity: 'not measured',
    tokensPerSecond: '231',
  },
  'r16-s1': {
    toxic: 'not measured',
    interval: 'not measured',
    judged: 'not measured',
    unjudged: 'not measured',
    honest: 'not measured',
    kl: 'not measured',
    klAll: 'not measured',
    entropy: 'not measured',
    heldOutLoss: 'not measured',
    perplexity: 'not measured',
    tokensPerSecond: '241',
  },
  'full-s0': {
    toxic: '25.1 %',
    interval: '[24.9, 25.3] %',
    judged: '1093',
    unjudged: '1097',
    honest: '25.7 %',
    kl: '0.261 [0.259, 0.263]',
    klAll: '2.69 [2.67, 2.71]',
    entropy: '2.73',
    heldOutLoss: '7.39',
    perplexity: '27.7',
    tokensPerSecond: '289',
  },
  'full-s1': {
    toxic: '29.9 %',
    interval: '[29.7, 30.1] %',
    judged: '1123',
    unjudged: '1129',
    honest: '30.3 %',
    kl: '0.309 [0.307, 0.311]',
    klAll: '3.17 [3.13, 3.19]',
    entropy: '3.21',
    heldOutLoss: '7.47',
    perplexity: '32.3',
    tokensPerSecond: '337',
  },
} as const;

/** What the run panel shows besides, with `base` pinned. */
export const expectedPanel = {
  base: {
    versusBase: 'is the baseline',
    finalLoss: 'not trained',
    speed: 'not trained',
    memory: 'not trained',
    failure: '',
  },
  'r8-s0': { versusBase: '-15.1 [-15.3, -14.9]', finalLoss: '0.163', speed: '167', memory: '1.69 GB', failure: '' },
  'r8-s1': { versusBase: '-20.7 [-20.9, -20.3]', finalLoss: '0.219', speed: '221', memory: '2.23 GB', failure: '' },
  'r16-s0': {
    versusBase: 'not measured',
    finalLoss: '0.229',
    speed: '231',
    memory: '2.33 GB',
    failure: 'its loss was not finite at step 19',
  },
  'r16-s1': {
    versusBase: 'not measured',
    finalLoss: '0.239',
    speed: '241',
    memory: '2.43 GB',
    failure: 'its gradient was not finite at step 23',
  },
  'full-s0': { versusBase: '-28.1 [-28.3, -27.9]', finalLoss: '0.287', speed: '289', memory: '2.91 GB', failure: '' },
  'full-s1': { versusBase: '-32.9 [-33.1, -32.7]', finalLoss: '0.333', speed: '337', memory: '3.39 GB', failure: '' },
} as const;

/** Of the prompts (or positions) of an arm: the distance that a tenth, half and nine tenths lie below, and the largest. */
export const expectedDistances = {
  'r8-s0': { next: ['0.527', '0.547', '0.567', '0.571'], everywhere: ['0.00529', '0.00549', '0.00569', '0.00573'] },
  'full-s1': { next: ['0.581', '0.601', '0.621', '0.627'], everywhere: ['0.00583', '0.00603', '0.00623', '0.00629'] },
} as const;

/** Round, arm, pairs, steps, rate, interval, judged, unjudged, distance and final loss. */
export const expectedRounds = [
  ...[
    ['1', 'r8-s0', '1187', '1171', '34.3 %', '[34.1, 34.7] %', '1193', '1201', '0.351 [0.349, 0.353]', '0.357'],
    ['2', 'r8-s0', '1229', '1217', '36.1 %', '[35.9, 36.3] %', '1231', '1237', '0.369 [0.367, 0.371]', '0.373'],
    ['1', 'full-s1', '1279', '1259', '37.9 %', '[37.7, 38.1] %', '1283', '1289', '0.387 [0.383, 0.389]', '0.391'],
  ],
] as const;
