/** The actions of a review: move between texts, label them, undo labels, and have labels written. */
import type { Client } from '../../server/protocol/messages/channel.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { JudgeTrust } from '../../server/protocol/messages/runsContract.ts';
import { t } from '../text/strings.ts';
import { labelText } from './labelText.ts';
import type { ReviewAction } from './reviewKeys.ts';
import {
  labelled,
  moved,
  movedTo,
  reviewOf,
  notTakenBack,
  undone,
  unwritten,
  type HumanLabel,
  type ReviewModel,
} from './reviewModel.ts';

export interface SessionPorts {
  readonly client: Client<PanelContract>;
  readonly file: string;
  readonly changed: (model: ReviewModel) => void;
  readonly trust: (trust: JudgeTrust) => void;
  readonly announce: (text: string) => void;
  readonly error: (error: unknown) => void;
  /** Shows a line of the file, 0-based. */
  readonly open: (line: number) => void;
}

export interface ReviewSession {
  readonly act: (action: ReviewAction) => void;
  readonly choose: (index: number) => void;
  readonly begin: (items: ReviewModel['items']) => void;
  /** Settles when every label so far has been written or has failed. */
  readonly written: () => Promise<void>;
}

export function reviewSession(ports: SessionPorts): ReviewSession {
  let model = reviewOf([]);
  const change = (next: ReviewModel) => {
    model = next;
    ports.changed(model);
  };
  const writer = labelWriter(ports);
  const say = (label: HumanLabel) => {
    const item = model.items[model.current];
    if (!item) return;
    change(labelled(model, label));
    writer.write(item.content, label, () => change(unwritten(model, item.content)));
    ports.announce(t('labelled {0}', labelText(label)));
  };
  const takeBack = () => {
    const back = undone(model);
    if (!back) return;
    change(back.model);
    writer.write(back.said.content, null, () => change(notTakenBack(model, back.said, back.label)));
    ports.announce(t('label taken back'));
  };
  const actions: Readonly<Record<ReviewAction, () => void>> = {
    next: () => change(moved(model, 1)),
    previous: () => change(moved(model, -1)),
    first: () => change(movedTo(model, 0)),
    last: () => change(movedTo(model, model.items.length - 1)),
    toxic: () => say('toxic'),
    benign: () => say('benign'),
    unsure: () => say('unsure'),
    undo: takeBack,
    open() {
      const item = model.items[model.current];
      if (item) ports.open(item.line);
    },
  };
  return {
    act: (action) => actions[action](),
    choose: (index) => change(movedTo(model, index)),
    begin: (items) => change(reviewOf(items)),
    written: writer.written,
  };
}

/** Writes labels one after the other, in the order in which they were given. */
function labelWriter({ client, file, trust, error }: SessionPorts) {
  let last: Promise<void> = Promise.resolve();
  return {
    write(content: string, label: HumanLabel | null, undo: () => void): void {
      last = last
        .then(() => client.request('review.label', { file, content, label }))
        .then(trust)
        .catch((reason: unknown) => {
          undo();
          error(reason);
        });
    },
    written: () => last,
  };
}
