import * as vscode from 'vscode';
import { quickPickStep, type Choice } from './quickPickStep.ts';
import { usualRanks, type SweepAnswers } from './sweepChoice.ts';
import type { Step } from './steps.ts';

/** Which arms are compared: LoRA ranks and full fine-tuning; the base is always one. */
export const askArms: Step<SweepAnswers> = async (choice, place) => {
  const ranks = [...new Set([1, ...usualRanks, 128, ...(choice.ranks ?? [])])].sort((a, b) => a - b);
  const chosen = new Set<number | 'full'>([
    ...(choice.ranks ?? usualRanks),
    ...((choice.full ?? true) ? ['full' as const] : []),
  ]);
  const answer = await quickPickStep<number | 'full'>({
    title: vscode.l10n.t('New Sweep: Arms'),
    place,
    placeholder: vscode.l10n.t('Which arms are compared with the base?'),
    several: true,
    items: [
      ...ranks.map((rank) => ({
        label: `r${rank}`,
        description: vscode.l10n.t('LoRA of rank {0}', rank),
        value: rank,
        picked: chosen.has(rank),
      })),
      {
        label: 'full',
        description: vscode.l10n.t('every weight is trained'),
        value: 'full' as const,
        picked: chosen.has('full'),
      },
    ],
  });
  if (typeof answer === 'string') return answer;
  const picked = answer.next;
  return {
    next: { ...choice, ranks: picked.filter((one) => one !== 'full'), full: picked.includes('full') },
  };
};

/** How much work is put into it. */
export const askEffort: Step<SweepAnswers> = async (choice, place) => {
  const answer = await quickPickStep<SweepAnswers['effort']>({
    title: vscode.l10n.t('New Sweep: Effort'),
    place,
    placeholder: vscode.l10n.t('How thoroughly?'),
    items: effortItems(choice.experiment),
  });
  if (typeof answer === 'string') return answer;
  const [effort = 'quick'] = answer.next;
  return { next: { ...choice, effort } };
};

function effortItems(experiment: SweepAnswers['experiment'] | undefined): Choice<SweepAnswers['effort']>[] {
  const { t } = vscode.l10n;
  const details =
    experiment === 'classification'
      ? [
          t('One pass over 400 texts, tested on 200'),
          t('Three passes over all texts, a rate for LoRA and one for full'),
          t('Five passes over all texts, batches of 16, one rate for all, which mixes rank and step size'),
        ]
      : [
          t('Rates tuned by held-out loss, one pass, a step per 8 pairs, two completions a prompt'),
          t('Rates tuned by held-out loss, three passes, a step per 8 pairs, five completions a prompt'),
          t('One rate for all, which mixes rank and step size; one pass, a step per 256 pairs, five completions'),
        ];
  return [
    { label: `$(zap) ${t('A first look')}`, detail: details[0] ?? '', value: 'quick' },
    { label: `$(law) ${t('A thorough comparison')}`, detail: details[1] ?? '', value: 'thorough' },
    { label: `$(beaker) ${t("The paper's settings")}`, detail: details[2] ?? '', value: 'paper' },
  ];
}
