/** A live run: watches it and passes updates to the sections of the panel. */
import { armStyles } from '../chart/armStyle.ts';
import { element, show } from '../page/dom.ts';
import type { StateOf } from '../../server/protocol/messages/panelStates.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { armList } from './armList.ts';
import { completionsSection } from './sections/completionsSection.ts';
import { resultParts } from './sections/experimentSections.ts';
import { learningSection } from './sections/learningSection.ts';
import { notesSection } from './sections/notesSection.ts';
import { resultsSection } from './sections/resultsSection.ts';
import { runHeader } from './runHeader.ts';
import type { Drawn } from './model/runCharts.ts';
import { measuredArms, received, type RunModel } from './model/runModel.ts';
import { runStateText } from './model/runText.ts';
import { verdictSection } from './sections/verdictSection.ts';
import { trainingSection } from './sections/trainingSection.ts';

/** Most points of a curve that the server sends, about the width of a chart. */
const pointBudget = 800;

export function openRunPanel(panel: Panel, state: StateOf<'run'>, root: HTMLElement): void {
  const { run } = state;
  let { baseline } = state;
  let model: RunModel | undefined;
  let announced = '';
  const hidden = new Set<string>();
  const parts = buildParts(panel, run, {
    toggle(arm, isShown) {
      if (isShown) hidden.delete(arm);
      else hidden.add(arm);
      redraw();
    },
    pin(arm) {
      baseline = arm;
      panel.keep({ panel: 'run', run, baseline });
      panel.notices.announce(t('Differences are from {0} now', arm));
      redraw();
    },
    resumed: () => void watch(),
  });
  // The header and the list of arms are hidden until the first update, since they are empty before.
  const page = element('div');
  page.hidden = true;
  root.append(page);

  const redraw = () => panel.frames.request(root, draw);
  const draw = () => {
    if (!model) return;
    show(page, true);
    arrange(page, parts.inOrder(model.view.metrics !== undefined));
    parts.update(model, { styles: stylesOf(model), isShown: (arm) => !hidden.has(arm) }, baseline);
    const { state: current } = model.view;
    if (announced !== '' && announced !== current) panel.notices.announce(runStateText(current));
    announced = current;
  };
  const watch = async () => {
    let isFirst = true;
    try {
      await panel.client.request(
        'run.watch',
        { run, points: pointBudget },
        {
          onEvent(update) {
            model = received(isFirst ? undefined : model, update);
            isFirst = false;
            redraw();
          },
        },
      );
    } catch (error) {
      panel.notices.error(error, () => void watch());
    }
  };
  void watch();
}

function stylesOf({ view }: RunModel): Drawn['styles'] {
  return armStyles(view.arms.map(({ description }) => description));
}

interface Reactions {
  readonly toggle: (arm: string, isShown: boolean) => void;
  readonly pin: (arm: string) => void;
  /** Called when the run was resumed, so that it is watched again. */
  readonly resumed: () => void;
}

function buildParts(panel: Panel, run: string, { toggle, pin, resumed }: Reactions) {
  const ask = (method: 'run.pause' | 'run.continue' | 'run.cancel' | 'run.resume', then?: () => void) => () => {
    panel.client.request(method, { run }).then(then).catch(panel.notices.error);
  };
  const header = runHeader({
    pause: ask('run.pause'),
    continue: ask('run.continue'),
    stopAll: ask('run.cancel'),
    resume: ask('run.resume', resumed),
  });
  const stop = (arm: string) => {
    panel.client.request('run.stopArm', { run, arm }).catch(panel.notices.error);
  };
  const arms = armList({ stop, toggle });
  const notes = notesSection();
  const verdict = verdictSection();
  const training = trainingSection(panel);
  const results = resultsSection(panel, run, pin);
  const learning = learningSection(panel, run);
  const ofExperiment = resultParts(panel);
  const completions = completionsSection(panel, run);
  const update = (model: RunModel, drawn: Drawn, baseline: string) => {
    const { view } = model;
    header.update(view);
    notes.update(view);
    verdict.update(view);
    arms.update(view, drawn.styles);
    training.update(model, drawn);
    results.update(view, drawn, baseline);
    learning.update(view, drawn);
    ofExperiment.update(view.metrics, drawn.styles);
    const answered = measuredArms(view).filter(({ toxicity }) => toxicity !== undefined);
    completions.update(answered.map(({ id }) => id).filter(drawn.isShown), drawn.styles, view.state);
  };
  // The most interesting section comes first: the curves during the run, and the result after it.
  const inOrder = (isFinished: boolean) => {
    const last = isFinished ? [...ofExperiment.elements, results, learning, training] : [training, results, learning];
    return [header, verdict, notes, arms, ...last, completions].map((part) => part.element);
  };
  return { inOrder, update };
}

/** Reorders the sections only if their order has changed, since moving a section would take the focus out of it. */
function arrange(page: HTMLElement, parts: readonly HTMLElement[]): void {
  if (parts.some((part, i) => page.children[i] !== part)) page.replaceChildren(...parts);
}
