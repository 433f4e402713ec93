/** The form of the prompt panel: the prompt, the sampling settings, and the arms. */
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { Params } from '../../server/protocol/messages/channel.ts';
import { element, whenChanged } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { button, checkbox, numberField, textArea, type Checkbox } from '../page/toolkit.ts';
import { samplingOf } from './sampling.ts';

export type Question = Omit<Params<PanelContract, 'tryPrompt'>, 'run'>;

export interface PromptForm {
  readonly element: HTMLElement;
  readonly showArms: (arms: readonly string[]) => void;
  readonly setRunning: (isRunning: boolean) => void;
  /** The prompt and the arms, even where a number is invalid. */
  readonly typed: () => Pick<Question, 'prompt' | 'arms'>;
  /** The question; throws RankscopeError('usage') where a field has an invalid value. */
  readonly question: () => Question;
}

export interface FormActions {
  readonly ask: () => void;
  readonly cancel: () => void;
  readonly changed: () => void;
}

export function promptForm(prompt: string, chosen: readonly string[], actions: FormActions): PromptForm {
  const text = textArea(t('Prompt'), { value: prompt, rows: 3, input: actions.changed });
  const fields = {
    samples: numberField(t('Samples'), 3),
    maxNewTokens: numberField(t('New tokens, at most'), 40),
    temperature: numberField(t('Temperature'), 0.8),
    seed: numberField(t('Seed'), 0),
  };
  const boxes = new Map<string, Checkbox>();
  const arms = element('fieldset', {}, element('legend', {}, t('Arms')));
  const places = element('div', { class: 'toolbar' });
  arms.append(places);
  const ask = button(t('Try on all ranks'), actions.ask, {
    look: 'primary',
    label: t('Try on all ranks (Ctrl+Enter)'),
  });
  const cancel = button(t('Cancel'), actions.cancel, { label: t('Cancel (Escape)'), disabled: true });
  const typed = () => ({
    prompt: text.value,
    arms: [...boxes].filter(([, box]) => box.checked).map(([id]) => id),
  });
  return {
    element: element(
      'form',
      { class: 'prompt-form', submit: (event) => event.preventDefault() },
      text,
      element('div', { class: 'toolbar' }, ...Object.values(fields)),
      arms,
      element('div', { class: 'toolbar' }, ask, cancel),
    ),
    showArms(ids) {
      whenChanged(places, ids, () =>
        ids.map((id) => {
          const isChosen = chosen.length === 0 || chosen.includes(id);
          const box = checkbox(printable(id), isChosen, actions.changed);
          boxes.set(id, box);
          return box;
        }),
      );
    },
    setRunning(isRunning) {
      ask.disabled = isRunning;
      cancel.disabled = !isRunning;
    },
    typed,
    question: () => ({
      ...typed(),
      ...samplingOf({
        samples: fields.samples.value,
        maxNewTokens: fields.maxNewTokens.value,
        temperature: fields.temperature.value,
        seed: fields.seed.value,
      }),
    }),
  };
}
