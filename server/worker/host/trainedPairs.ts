/** What a reader of a run must know of how its pairs were read, counted over the pairs that were trained on. */
import type { Pair } from '../../experiments/ports/modelPort.ts';
import type { ReadPair } from './checkTexts.ts';

/** Each pair counts once, however often it was trained on. */
export class TrainedPairs {
  private readonly plain = new Map<string, ReadPair>();
  private readonly chats = new Map<string, ReadPair>();

  note({ prompt, completion, chat }: Pair, read: ReadPair): void {
    if (chat) this.chats.set(JSON.stringify(chat.turns), read);
    else this.plain.set(JSON.stringify([prompt, completion]), read);
  }

  get notes(): readonly string[] {
    const count = (pairs: ReadonlyMap<string, ReadPair>, holds: (read: ReadPair) => boolean): number =>
      [...pairs.values()].filter(holds).length;
    const inside = count(this.plain, ({ beginInside }) => beginInside > 0);
    const shifted = count(this.chats, ({ beginInside }) => beginInside > 0);
    const cut = count(this.chats, ({ isCut }) => isCut);
    return [
      inside > 0 &&
        `${inside} of ${this.plain.size} completions that were trained on begin inside a token of prompt and completion together, ` +
          "which counts as the completion's first: a prompt that ends in a space is the usual reason.",
      shifted > 0 &&
        `${shifted} of ${this.chats.size} conversations that were trained on hold an answer that the chat template opens otherwise ` +
          'when the model is to write it: what was trained and what is asked differ there.',
      cut > 0 &&
        `${cut} of ${this.chats.size} conversations that were trained on are longer than "training.maxLength": their last answers ` +
          'were left out or cut.',
    ].filter((note) => note !== false);
  }
}
