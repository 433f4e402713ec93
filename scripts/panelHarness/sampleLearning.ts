/** What the harness's run keeps against what it has learned, and the learning rates that it tried. */
import type { Result } from '../../server/protocol/messages/channel.ts';
import type { Learning } from '../../server/protocol/run/learning.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import { hostile, moved, sampleArms } from './sampleArms.ts';

const shares = [0, 0.2, 0.4, 0.6, 0.8, 1];

export function sampleLearning(): Result<PanelContract, 'run.learning'> {
  const trained = sampleArms.filter(({ method }) => method !== 'base');
  const curves = trained.map(({ id, method, rank }): Learning['curves'][number] => {
    const points = shares.map((share) => {
      const far = share * moved(id);
      const rate = 0.265 * (1 - far);
      return {
        ...{ step: Math.round(400 * share), loss: 3.3 - 0.2 * share - 0.8 * far },
        toxicity: { rate, low: Math.max(0, rate - 0.05), high: rate + 0.05 },
        ...{ kl: 0.4 * far ** 2, groupGap: 0.08 * (1 - far), forgetting: 0.06 * far - 0.01 * share },
      };
    });
    return { arm: id, method, ...(rank !== undefined && { rank }), points };
  });
  return {
    curves,
    said: [
      'At the held-out losses 3.233, 3.167, 3.100 nats, which all arms reached, no two arms differ in toxicity by more than ' +
        `chance explains, between ranks: the rank shows no effect of its own ${hostile}.`,
    ],
    equalLoss: {
      header: ['arm', 'held-out loss, nats', 'at step', 'toxic', '95 % interval', 'KL from base, nats'],
      rows: trained.map(({ id }, i) => [id, '3.1000', (400 / (i + 1)).toFixed(1), '25.1 %', '[20.0, 30.2] %', '0.012']),
    },
    trials: {
      header: ['tried on', 'steps', 'learning rate', 'held-out loss, nats', 'what became of it'],
      rows: [
        ['r8', '50', '0.0003', '3.0912', 'dropped'],
        ['r8', '50', '0.001', '2.9120', 'tried for longer'],
        ['r8', '50', '0.01', 'none: the loss is not finite', 'dropped'],
        ['r8', '100', '0.001', '2.8014', 'chosen'],
      ],
    },
  };
}
