/** Shows flagged texts one after another, to be labelled with the keyboard. */
import { baseName } from '../parts/armOfLabel.ts';
import { runCommand } from '../page/commands.ts';
import { element, setText } from '../page/dom.ts';
import { actionOf, isTyping } from '../page/keyboard.ts';
import { printable } from '../text/printable.ts';
import type { StateOf } from '../../server/protocol/messages/panelStates.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { checkbox } from '../page/toolkit.ts';
import { itemCard } from './itemCard.ts';
import { itemList } from './itemList.ts';
import { reviewKeys, type ReviewAction } from './reviewKeys.ts';
import { labelCount, type ReviewModel } from './reviewModel.ts';
import { reviewSession } from './reviewSession.ts';
import { trustSection } from './trustSection.ts';

export function openReviewPanel(panel: Panel, { file }: StateOf<'review'>, root: HTMLElement): void {
  const { client, notices, frames } = panel;
  const session = reviewSession({
    client,
    file,
    changed: (model) => frames.request(root, () => view.update(model)),
    trust: (trust) => view.showTrust(trust),
    announce: notices.announce,
    error: notices.error,
    open: (line) => runCommand(panel, 'rankscope.openLine', { file, line }),
  });
  const load = async (flaggedOnly: boolean) => {
    try {
      const { judge, threshold, items } = await client.request('review.items', { file, flaggedOnly });
      view.showJudge(judge, threshold);
      session.begin(items);
      view.showTrust(await client.request('review.trust', { file }));
    } catch (error) {
      notices.error(error, () => void load(flaggedOnly));
    }
  };
  const view = build(file, session.act, session.choose, (flaggedOnly) => void load(flaggedOnly));
  root.append(...view.elements);
  document.addEventListener('keydown', (event) => onKey(event, session.act));
  void load(true);
}

/** Keys work wherever the focus is, except in elements that use them themselves. */
function onKey(event: KeyboardEvent, act: (action: ReviewAction) => void): void {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const action = actionOf(reviewKeys, event);
  if (action === undefined || isTyping(target.tagName, target.isContentEditable)) return;
  if (event.key === 'Enter' && target.closest('vscode-button, vscode-checkbox, summary') !== null) return;
  event.preventDefault();
  act(action);
}

function build(
  file: string,
  act: (action: ReviewAction) => void,
  choose: (index: number) => void,
  filter: (flaggedOnly: boolean) => void,
) {
  const judge = element('p', { class: 'sub' });
  const count = element('span', { class: 'sub' });
  const list = itemList(choose);
  const card = itemCard(act);
  const trust = trustSection();
  const keys = t('Keys: j next, k previous, t toxic, n not toxic, u not sure, z undo, Enter opens the line.');
  return {
    elements: [
      element('h1', {}, t('Review {0}', printable(baseName(file)))),
      judge,
      element('p', { class: 'sub' }, keys),
      element('div', { class: 'toolbar' }, checkbox(t('flagged only'), true, filter), count),
      element('div', { class: 'review' }, list.element, element('div', {}, card.element, trust.element)),
    ],
    showJudge: (name: string, threshold: number) =>
      setText(judge, t('judge {0}, toxic from a score of {1}', printable(name), threshold)),
    showTrust: trust.update,
    update(model: ReviewModel) {
      list.update(model.items, model.current);
      card.update(model);
      setText(count, t('{0} of {1} labelled', labelCount(model), model.items.length));
    },
  };
}
