/** Completes one prompt with the base and every arm of a run at once. */
import { errorDetails, RankscopeError } from '../../server/protocol/errors.ts';
import type { RunView } from '../../server/protocol/messages/runsContract.ts';
import { armStyles, type ArmStyle } from '../chart/armStyle.ts';
import { copy } from '../page/commands.ts';
import { element, setText, show } from '../page/dom.ts';
import { duration } from '../text/format.ts';
import { actionOf } from '../page/keyboard.ts';
import { firstView } from '../page/firstView.ts';
import type { StateOf } from '../../server/protocol/messages/panelStates.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { markdownTable } from '../../server/measures/text/markdown.ts';
import { button } from '../page/toolkit.ts';
import { answerGrid } from './answerGrid.ts';
import { answered, answerTable, type Answers } from './answers.ts';
import { promptForm, type Question } from './promptForm.ts';

/** Time after the last key press at which the text is stored, ms. */
const keepAfter = 500;

export function openPromptPanel(panel: Panel, state: StateOf<'prompt'>, root: HTMLElement): void {
  const { run } = state;
  let styles: ReadonlyMap<string, ArmStyle> = new Map();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { prompt, arms } = form.typed();
      panel.keep({ panel: 'prompt', run, arms, prompt });
    }, keepAfter);
  };
  const asking = promptAsking(panel, run, (isRunning) => form.setRunning(isRunning));
  const ask = () => {
    try {
      void asking.ask(checked(form.question()), styles);
    } catch (error) {
      panel.notices.error(error);
    }
  };
  const form = promptForm(state.prompt, state.arms, { ask, cancel: asking.cancel, changed: keep });
  root.append(element('h1', {}, t('Try a prompt on all ranks')), form.element, ...asking.elements);
  root.addEventListener('keydown', (event) => {
    const action = actionOf({ 'mod+Enter': 'ask', Escape: 'cancel' }, event);
    if (action === 'ask') ask();
    if (action === 'cancel') asking.cancel();
  });
  const showArms = (view: RunView) => {
    styles = armStyles(view.arms.map(({ description }) => description));
    form.showArms(view.arms.map(({ description }) => description.id));
  };
  form.showArms(state.arms);
  firstView(panel, run).then(showArms).catch(panel.notices.error);
}

function checked(question: Question): Question {
  if (question.prompt.trim() !== '' && question.arms.length > 0) return question;
  throw new RankscopeError({
    code: 'usage',
    what: question.arms.length === 0 ? t('no arm is chosen') : t('the prompt is empty'),
    remedy: question.arms.length === 0 ? t('Choose at least one arm.') : t('Type the start of a text.'),
  });
}

/** The current question and its answers. */
function promptAsking(panel: Panel, run: string, setRunning: (isRunning: boolean) => void) {
  const grid = answerGrid();
  const status = element('p', { role: 'status', class: 'sub' });
  let answers: Answers = new Map();
  let arms: readonly string[] = [];
  let control: AbortController | undefined;
  const copied = button(t('Copy as Markdown table'), () =>
    copy(panel, markdownTable(answerTable(answers, arms)), t('The table was copied')),
  );
  show(copied, false);
  const ask = async (question: Question, styles: ReadonlyMap<string, ArmStyle>) => {
    if (control) return;
    control = new AbortController();
    answers = new Map();
    arms = question.arms;
    grid.begin(arms, question.samples, styles);
    show(copied, true);
    setRunning(true);
    setText(status, t('Asking…'));
    try {
      const { seconds, tokens } = await panel.client.request(
        'tryPrompt',
        { run, ...question },
        {
          signal: control.signal,
          onEvent(event) {
            answers = answered(answers, event);
            panel.frames.request(grid, () => grid.update(answers));
          },
        },
      );
      setText(status, t('{0} tokens in {1}', tokens, duration(seconds)));
    } catch (error) {
      setText(status, errorDetails(error).code === 'cancelled' ? t('Cancelled') : t('Failed'));
      panel.notices.error(error);
    } finally {
      control = undefined;
      setRunning(false);
    }
  };
  return { ask, cancel: () => control?.abort(), elements: [status, grid.element, copied] };
}
