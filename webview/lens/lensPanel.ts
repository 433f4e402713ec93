/**
 * The logit lens: the next token that each layer of the base and the arms predicts, arms side by side (paper
 * figures 1 and 3).
 */
import type { LensResult } from '../../server/protocol/run/lens.ts';
import type { RunView } from '../../server/protocol/messages/runsContract.ts';
import { armStyles, styleOf, type ArmStyle } from '../chart/armStyle.ts';
import { chartFigure } from '../parts/chartFigure.ts';
import { element, setText, whenChanged } from '../page/dom.ts';
import { firstView } from '../page/firstView.ts';
import { printable } from '../text/printable.ts';
import type { StateOf } from '../../server/protocol/messages/panelStates.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { swatch } from '../parts/swatch.ts';
import { table } from '../parts/table.ts';
import { button, checkbox, textArea, type Checkbox } from '../page/toolkit.ts';
import { heatGrid } from './heatGrid.ts';
import { heatLegend } from './heatLegend.ts';
import { heatMaps, largestEntropy, layerDivergence, lensTable, topTable, type Place } from './heatMap.ts';

export function openLensPanel(panel: Panel, state: StateOf<'lens'>, root: HTMLElement): void {
  const { run } = state;
  let styles: ReadonlyMap<string, ArmStyle> = new Map();
  let asked = 0;
  const shown = lensView(panel);
  const look = async () => {
    const { prompt, arms } = form.question();
    if (prompt.trim() === '' || arms.length === 0) {
      setText(shown.status, t('Type a prompt and choose at least one arm.'));
      return;
    }
    const number = (asked += 1);
    panel.keep({ panel: 'lens', run, arms: [...arms], prompt });
    setText(shown.status, t('Reading every layer…'));
    try {
      const result = await panel.client.request('lens', { run, arms: [...arms], prompt });
      if (number === asked) shown.show(result, styles);
      setText(shown.status, '');
    } catch (error) {
      setText(shown.status, t('Failed'));
      panel.notices.error(error, () => void look());
    }
  };
  const form = lensForm(state, () => void look());
  root.append(element('h1', {}, t('Logit lens')), form.element, ...shown.elements);
  const begin = (view: RunView) => {
    styles = armStyles(view.arms.map(({ description }) => description));
    form.showArms(view.arms.map(({ description }) => description.id));
    if (state.prompt.trim() !== '') void look();
  };
  form.showArms(state.arms);
  firstView(panel, run).then(begin).catch(panel.notices.error);
}

function lensForm({ prompt, arms: chosen }: StateOf<'lens'>, look: () => void) {
  const text = textArea(t('Prompt'), { value: prompt, rows: 2 });
  const boxes = new Map<string, Checkbox>();
  const places = element('div', { class: 'toolbar' });
  const ask = button(t('Look'), look, { look: 'primary', label: t('Look into every layer (Ctrl+Enter)') });
  const form = element(
    'form',
    {
      class: 'lens-form',
      submit: (event) => event.preventDefault(),
    },
    text,
    element('fieldset', {}, element('legend', {}, t('Arms')), places),
    element('div', { class: 'toolbar' }, ask),
  );
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) look();
  });
  return {
    element: form,
    showArms: (ids: readonly string[]) =>
      whenChanged(places, ids, () =>
        ids.map((id, i) => {
          // The arms of a large sweep do not fit side by side. At first the first and the last arm are shown, since
          // they differ most.
          const isChosen = chosen.length > 0 ? chosen.includes(id) : i === 0 || i === ids.length - 1;
          const box = checkbox(printable(id), isChosen, () => undefined);
          boxes.set(id, box);
          return box;
        }),
      ),
    question: () => ({ prompt: text.value, arms: [...boxes].filter(([, box]) => box.checked).map(([id]) => id) }),
  };
}

function lensView(panel: Panel) {
  const status = element('p', { role: 'status', class: 'sub' });
  const legend = element('div');
  const maps = element('div', { class: 'maps' });
  const place = element('h2');
  const details = element('div');
  const tables = element('div');
  const divergence = chartFigure(panel, t('KL by layer'));
  const show = (result: LensResult, styles: ReadonlyMap<string, ArmStyle>) => {
    const grids = heatMaps(result).map((map) => ({ map, grid: heatGrid(map, (at) => look(at)) }));
    const look = (at: Place) => {
      for (const { grid } of grids) grid.mark(at, false);
      const token = grids[0]?.map.tokens[at.position] ?? '';
      setText(place, t('Layer {0}, after token {1}: {2}', at.layer, at.position + 1, token));
      whenChanged(details, [at, result.prompt], () => [
        table(topTable(result, at), { label: t('Five likeliest next tokens') }),
      ]);
    };
    legend.replaceChildren(heatLegend(largestEntropy(result.arms)));
    maps.replaceChildren(
      ...grids.map(({ map, grid }) =>
        element(
          'section',
          { 'aria-label': t('Lens of {0}', printable(map.arm)) },
          element('h2', {}, swatch(styleOf(styles, map.arm)), printable(map.arm)),
          grid.element,
        ),
      ),
    );
    tables.replaceChildren(...result.arms.map((arm) => numbersOf(arm)));
    divergence.show(() => layerDivergence(result, styles));
    delete details.dataset.key;
    look({ layer: (result.arms[0]?.layers.length ?? 1) - 1, position: (result.arms[0]?.tokens.length ?? 1) - 1 });
  };
  const elements = [
    status,
    legend,
    maps,
    element('section', { 'aria-label': t('Five likeliest next tokens') }, place, details),
    element('div', { class: 'charts' }, divergence.element),
    tables,
  ];
  return { status, show, elements };
}

function numbersOf(arm: LensResult['arms'][number]): HTMLElement {
  const name = printable(arm.arm);
  return element(
    'details',
    {},
    element('summary', {}, t('All tokens of {0}, with their probability and entropy', name)),
    table(lensTable(arm), { label: t('Lens of {0} as text', name) }),
  );
}
