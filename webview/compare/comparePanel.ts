/** Compares arms side by side: their rates, and their paired differences from a baseline that the person can pin. */
import type { ArmOf, Comparison } from '../../server/protocol/messages/runsContract.ts';
import { armLabels, isSameArm } from '../parts/armOfLabel.ts';
import { styleOf } from '../chart/armStyle.ts';
import { chartFigure } from '../parts/chartFigure.ts';
import { runCommand } from '../page/commands.ts';
import { copyTableBar } from '../parts/copyTableBar.ts';
import { element, refill, setText } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import type { StateOf } from '../../server/protocol/messages/panelStates.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { swatch } from '../parts/swatch.ts';
import { verdictCard } from '../parts/verdictCard.ts';
import { table } from '../parts/table.ts';
import { button } from '../page/toolkit.ts';
import { comparisonStyles, comparisonTable, differenceChart, labelsOf, rateChart } from './compareTables.ts';

export function openComparePanel(panel: Panel, state: StateOf<'compare'>, root: HTMLElement): void {
  const { arms } = state;
  let { baseline } = state;
  let asked = 0;
  const shown = build(panel);
  root.append(...shown.elements);

  const load = async () => {
    const number = (asked += 1);
    setText(shown.status, t('Comparing…'));
    try {
      const comparison = await panel.client.request('compare', { arms, baseline });
      if (number === asked) shown.show(comparison, pin);
      setText(shown.status, '');
    } catch (error) {
      setText(shown.status, '');
      panel.notices.error(error, () => void load());
    }
  };
  const pin = (arm: ArmOf) => {
    baseline = arm;
    panel.keep({ panel: 'compare', arms, baseline });
    void load();
  };
  void load();
}

function build(panel: Panel) {
  const difference = chartFigure(panel, t('differences'));
  const rate = chartFigure(panel, t('toxicity'));
  const status = element('p', { role: 'status', class: 'sub' });
  const against = element('p', { class: 'sub' });
  const numbers = element('div');
  const verdicts = element('div');
  return {
    status,
    elements: [
      element('h1', {}, t('Compare ranks')),
      verdicts,
      against,
      status,
      element('div', { class: 'charts' }, rate.element, difference.element),
      element('section', { 'aria-label': t('Numbers') }, numbers),
    ],
    show(comparison: Comparison, pin: (arm: ArmOf) => void) {
      const [name = ''] = armLabels([comparison.baseline]);
      setText(
        against,
        t('Differences are paired over the prompts that an arm and the baseline {0} share.', printable(name)),
      );
      refill(
        verdicts,
        comparison.verdicts.map(({ run, verdict }) => verdictCard(verdict, t('Verdict on {0}', nameOf(run)))),
      );
      rate.show(() => rateChart(comparison));
      difference.show(() => differenceChart(comparison));
      refill(numbers, comparisonElements(panel, comparison, pin));
    },
  };
}

function nameOf(run: string): string {
  return printable(run.split(/[\\/]/).at(-1) ?? run);
}

function comparisonElements(panel: Panel, comparison: Comparison, pin: (arm: ArmOf) => void): readonly HTMLElement[] {
  const content = comparisonTable(comparison);
  const labels = labelsOf(comparison);
  const styles = comparisonStyles(comparison);
  return [
    table(content, {
      label: t('Compared arms'),
      sign: (row) => swatch(styleOf(styles, labels[row] ?? '')),
      actions: { title: t('do'), of: (row) => rowButtons(panel, comparison, row, pin) },
    }),
    copyTableBar(panel, content),
  ];
}

function rowButtons(panel: Panel, comparison: Comparison, row: number, pin: (arm: ArmOf) => void) {
  const of = comparison.arms[row]?.of;
  if (!of) return undefined;
  const label = printable(labelsOf(comparison)[row] ?? of.arm);
  const { baseline } = comparison;
  const isBaseline = isSameArm(of, baseline);
  const pinned = button(isBaseline ? t('Pinned') : t('Pin'), () => pin(of), {
    label: t('Compare with {0}', label),
    pressed: isBaseline,
  });
  const diff = button(t('Diff'), () => runCommand(panel, 'rankscope.diffCompletions', { left: baseline, right: of }), {
    label: t('Compare the completions of {0} with those of the baseline in the diff editor', label),
  });
  return element('div', { class: 'toolbar' }, pinned, isBaseline ? undefined : diff);
}
