/** A chart on a page: its title, its canvas, the table of its numbers behind it, and buttons that save it as a picture. */
import { chartCanvas } from './chart.ts';
import { chartLabel, chartTable, isEmpty, type ChartSpec } from './chartSpec.ts';
import { chartSvg } from './chartSvg.ts';
import { element, setAttribute, setText, show } from './dom.ts';
import type { Panel } from './startPanel.ts';
import { t } from './strings.ts';
import { table } from './table.ts';
import { button } from './toolkit.ts';

export interface ChartFigure {
  readonly element: HTMLElement;
  /** Draws what `spec` returns in one of the next frames in which the figure can be seen. */
  readonly show: (spec: () => ChartSpec) => void;
}

/** As many as the widest canvas has pixels to show. */
const drawnPoints = 700;
/** An open table follows a streaming chart this often, milliseconds. */
const tableInterval = 1000;

const picture = { width: 1000, height: 560 };

interface Parts {
  readonly title: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly details: HTMLDetailsElement;
  readonly numbers: HTMLElement;
}

export function chartFigure(panel: Panel, name: string): ChartFigure {
  let latest: (() => ChartSpec) | undefined;
  let isSeen = false;
  let tableTime = 0;
  const { figure, ...parts } = build(
    () => latest && save(panel, name, 'png', latest()),
    () => latest && save(panel, name, 'svg', latest()),
  );
  const drawn = chartCanvas(parts.canvas, { live: true, points: drawnPoints });

  const draw = () => {
    if (!latest || !isSeen) return;
    const spec = latest();
    show(figure, !isEmpty(spec));
    if (isEmpty(spec)) return;
    setText(parts.title, spec.title);
    drawn.draw(spec, panel.theme());
    setAttribute(parts.canvas, 'aria-label', chartLabel(spec));
    if (parts.details.open && performance.now() - tableTime > tableInterval) fillTable();
  };
  const fillTable = () => {
    if (!latest) return;
    tableTime = performance.now();
    const spec = latest();
    parts.numbers.replaceChildren(table(chartTable(spec), { label: t('Numbers of the chart: {0}', spec.title) }));
  };
  const request = () => panel.frames.request(figure, draw);
  parts.details.addEventListener('toggle', () => parts.details.open && fillTable());
  panel.onThemeChange(request);
  whenSeen(figure, (seen) => {
    isSeen = seen;
    if (seen) request();
  });
  return {
    element: figure,
    show(spec) {
      latest = spec;
      // An empty figure is hidden and never seen: that is told before there is anything to see.
      if (figure.hidden) {
        setText(parts.title, spec().title);
        show(figure, !isEmpty(spec()));
      }
      request();
    },
  };
}

function build(savePng: () => void, saveSvg: () => void): Parts & { readonly figure: HTMLElement } {
  const title = element('h3');
  const canvas = element('canvas', { role: 'img' });
  const numbers = element('div');
  const details = element('details', {}, element('summary', {}, t('The numbers')), numbers);
  const figure = element(
    'figure',
    { class: 'chart' },
    element(
      'figcaption',
      {},
      title,
      element(
        'span',
        { class: 'toolbar' },
        button('PNG', savePng, { label: t('Save this chart as PNG') }),
        button('SVG', saveSvg, { label: t('Save this chart as SVG') }),
      ),
    ),
    element('div', { class: 'canvas-box' }, canvas),
    details,
  );
  figure.hidden = true;
  return { figure, title, canvas, details, numbers };
}

/** Tells when the figure comes near the screen and when it leaves it: what nobody sees is not drawn. */
function whenSeen(figure: HTMLElement, listener: (seen: boolean) => void): void {
  new IntersectionObserver((entries) => listener(entries.at(-1)?.isIntersecting ?? false), {
    rootMargin: '200px',
  }).observe(figure);
}

function save(panel: Panel, name: string, kind: 'png' | 'svg', spec: ChartSpec): void {
  const content = kind === 'svg' ? chartSvg(spec, panel.theme()) : pngOf(panel, spec);
  panel.client
    .request('saveChart', { name, kind, content })
    .then(({ path }) => path !== null && panel.notices.announce(t('Saved {0}', path)))
    .catch(panel.notices.error);
}

/** Base64 of the chart at twice the size of a page, titled. */
function pngOf(panel: Panel, spec: ChartSpec): string {
  const canvas = element('canvas', { width: picture.width, height: picture.height });
  const drawn = chartCanvas(canvas, { live: false, points: drawnPoints });
  drawn.draw(spec, panel.theme());
  const address = canvas.toDataURL('image/png');
  drawn.destroy();
  return address.slice(address.indexOf(',') + 1);
}
