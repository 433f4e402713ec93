/**
 * A chart on a page: its title, its canvas, a table of its numbers that can be unfolded, and buttons that save it
 * as a picture.
 */
import { chartCanvas } from '../chart/chart.ts';
import { chartLabel, chartTable, isEmpty, type ChartSpec } from '../../server/measures/charts/chart.ts';
import { chartSvg } from '../chart/chartSvg.ts';
import { element, setAttribute, setText, show } from '../page/dom.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { table } from './table.ts';
import { button } from '../page/toolkit.ts';

export interface ChartFigure {
  readonly element: HTMLElement;
  /** Draws the result of `spec` in one of the next frames in which the figure is visible. */
  readonly show: (spec: () => ChartSpec) => void;
}

/** Points that are drawn of a curve in a saved picture. */
const picturePoints = 700;
/** Pixels of the canvas for each point of a curve. More points would show nothing new. */
const pixelsPerPoint = 1.5;
/** A streaming chart is drawn at most once in this interval (ms), and takes at most this share of the time. */
const fastest = 200;
const share = 1 / 20;
/** Interval at which an open table follows a streaming chart, ms. */
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
  // A chart is drawn only when it is visible, but it has a name from the start.
  setAttribute(parts.canvas, 'aria-label', name);
  const drawn = chartCanvas(parts.canvas, {
    live: true,
    points: () => Math.max(100, Math.round(parts.canvas.clientWidth / pixelsPerPoint)),
  });

  const draw = () => {
    if (!latest || !isSeen) return;
    const spec = latest();
    show(figure, !isEmpty(spec));
    if (isEmpty(spec)) return;
    setText(parts.title, spec.title);
    drawn.draw(spec, panel.theme());
    setAttribute(parts.canvas, 'aria-label', chartLabel(spec, t));
    if (parts.details.open && performance.now() - tableTime > tableInterval) fillTable();
  };
  const fillTable = () => {
    if (!latest) return;
    tableTime = performance.now();
    const spec = latest();
    parts.numbers.replaceChildren(table(chartTable(spec, t), { label: t('Numbers of the chart: {0}', spec.title) }));
  };
  const request = () => panel.frames.request(figure, draw);
  const streamed = limitDrawing(() => {
    const start = performance.now();
    draw();
    return performance.now() - start;
  });
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
      // An empty figure is hidden and never becomes visible, so that its text is set here.
      if (figure.hidden) {
        setText(parts.title, spec().title);
        show(figure, !isEmpty(spec()));
      }
      streamed((drawn) => panel.frames.request(figure, drawn));
    },
  };
}

/**
 * Limits how often a chart is drawn: not again before a pause that is proportional to its cost. A request that
 * comes too soon is drawn later. `draw` returns the time that it took, ms.
 */
function limitDrawing(draw: () => number): (ask: (draw: () => void) => void) => void {
  let next = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const drawNow = () => {
    const cost = draw();
    next = performance.now() + Math.max(fastest, cost / share);
  };
  return (ask) => {
    if (timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        ask(drawNow);
      },
      Math.max(0, next - performance.now()),
    );
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

/** Reports when the figure comes near the screen and when it leaves it. An invisible figure is not drawn. */
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

/** Base64 of the titled chart as PNG, at twice the size on a page. */
function pngOf(panel: Panel, spec: ChartSpec): string {
  const canvas = element('canvas', { width: picture.width, height: picture.height });
  const drawn = chartCanvas(canvas, { live: false, points: () => picturePoints });
  drawn.draw(spec, panel.theme());
  const address = canvas.toDataURL('image/png');
  drawn.destroy();
  return address.slice(address.indexOf(',') + 1);
}
