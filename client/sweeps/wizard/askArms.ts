import * as vscode from 'vscode';
import { quickPickStep, type Choice } from './quickPickStep.ts';
import { usualRanks, type SweepAnswers } from '../forms/sweepChoice.ts';
import type { Step } from './steps.ts';
import { wizards } from './wizards.ts';

/** Asks which arms are compared: LoRA ranks and full fine-tuning. The base is always an arm. */
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

/** Asks how thorough the comparison should be. */
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

function effortItems(experiment: SweepAnswers['experiment'] = 'toxicity'): Choice<SweepAnswers['effort']>[] {
  const { t } = vscode.l10n;
  const [quick, thorough, paper] = wizards[experiment].efforts();
  return [
    { label: `$(zap) ${t('A first look')}`, detail: quick, value: 'quick' },
    { label: `$(law) ${t('A thorough comparison')}`, detail: thorough, value: 'thorough' },
    { label: `$(beaker) ${t("The paper's settings")}`, detail: paper, value: 'paper' },
  ];
}
