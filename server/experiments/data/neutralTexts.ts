/** The neutral texts that forgetting is measured on: those of a file, or what the base itself writes at a fixed seed. */
import { readPrompts } from '../../dataset/readPrompts.ts';
import type { SequenceLoss } from '../../metrics/distribution/meanLoss.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { NeutralTexts, ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import type { Pair } from '../ports/modelPort.ts';
import { isPair } from './pairLines.ts';
import { spread } from './pairSplit.ts';
import { limited } from './promptSplit.ts';

/** A neutral text, and the base's loss on it. */
export interface NeutralProbe {
  readonly text: Pair;
  readonly base: SequenceLoss;
}

/** A text as it is scored: all of it, after the model's token of the start where it has one. */
const wholeText = (text: string): Pair => ({ prompt: '', completion: text });

/** The texts of a file; undefined where the sweep names none. Throws RankscopeError('data') naming file and line. */
export async function readNeutralTexts(asked: NeutralTexts | undefined): Promise<readonly Pair[] | undefined> {
  if (!asked || !('file' in asked)) return undefined;
  const texts = await readPrompts(asked.file, undefined, undefined, asked.columns);
  return limited(texts, asked).map(({ prompt }) => wholeText(prompt));
}

type OwnTexts = Exclude<NeutralTexts, { readonly file: string }>;

/** The texts of a sweep: those of its file, or the base's own, which are kept so that a resumed run has the same. */
export async function neutralTexts(
  { data }: Pick<ToxicitySweep, 'data'>,
  given: readonly Pair[] | undefined,
  ports: Pick<ExperimentPorts, 'model' | 'signal' | 'writer'>,
): Promise<readonly Pair[]> {
  const { neutral: asked } = data;
  if (given || !asked || 'file' in asked) return given ?? [];
  const kept = await ports.writer.readStage('neutral', isPair);
  if (kept) return kept;
  const texts = await ownTexts(asked, ports);
  await ports.writer.writeStage('neutral', texts);
  return texts;
}

/**
 * What the base writes after its token of the start, drawn from its own distribution as it is, which is what it knew before
 * anything was trained. Samples without a word are left out. Throws RankscopeError('data') where none has one.
 */
async function ownTexts(
  { samples, maxNewTokens, seed }: OwnTexts,
  { model, signal }: Pick<ExperimentPorts, 'model' | 'signal'>,
): Promise<readonly Pair[]> {
  const sampling = { samples, maxNewTokens, seed, temperature: 1, topK: 0, topP: 1, stop: [] };
  const written = await model.complete(['base'], [''], sampling, undefined, signal);
  const texts = written.flatMap(({ text }) => (text.trim() === '' ? [] : [wholeText(text)]));
  if (texts.length > 0) return texts;
  throw new RankscopeError({
    code: 'data',
    what: `the base wrote no text of its own in ${samples} samples`,
    where: 'data.neutral',
    remedy: 'Name a file of neutral texts.',
  });
}

/** Texts that arms are probed on, with the base's loss on each. */
export async function neutralProbes(
  texts: readonly Pair[],
  { evaluation }: Pick<ToxicitySweep, 'evaluation'>,
  { model, signal }: Pick<ExperimentPorts, 'model' | 'signal'>,
): Promise<readonly NeutralProbe[]> {
  const probed = spread(texts, evaluation.prompts);
  if (probed.length === 0) return [];
  const [losses = []] = await model.pairLosses(['base'], probed, signal);
  return probed.flatMap((text, i) => {
    const base = losses[i];
    return base ? [{ text, base }] : [];
  });
}
