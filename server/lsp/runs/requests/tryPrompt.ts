import type { HandlerContext, Params, EventOf, Result } from '../../../protocol/messages/channel.ts';
import { errorDetails, RankscopeError } from '../../../protocol/errors.ts';
import type { EditorJudge } from '../../../protocol/messages/editor.ts';
import { storedFraming } from '../../../protocol/sweep/chatFraming.ts';
import type { RunsContract, ShownVerdict } from '../../../protocol/messages/runsContract.ts';
import type { DeviceSetting } from '../../../protocol/devices/deviceChoice.ts';
import { trainedWeights } from '../../../runs/exports/exportArm.ts';
import { readRecord } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import type { RunRecord } from '../../../runs/runRecord.ts';
import type { SlicedJudge } from '../../judges/slicedJudge.ts';
import type { PromptEngine } from './promptEngine.ts';
import { shown } from '../review/review.ts';

export interface TryPromptPorts {
  readonly engine: PromptEngine;
  readonly openJudge: (spec: EditorJudge) => Promise<SlicedJudge>;
  /** The editor's judge, for a run that has no judge of its own. */
  readonly usualJudge: (run: string) => EditorJudge;
  /** The device of the editor's settings. */
  readonly device: () => DeviceSetting;
}

/** The device on which the arms of a run are opened: the one that its sweep names, or else the one of the settings. */
export function usualDevice({ sweep }: RunRecord, { device }: Pick<TryPromptPorts, 'device'>): DeviceSetting {
  return sweep.device === 'auto' ? device() : sweep.device;
}

/** A base model and the folders of its arms. */
export interface PromptArms {
  readonly record: RunRecord;
  readonly base: boolean;
  readonly adapters: readonly { readonly arm: string; readonly directory: string }[];
}

/**
 * The folders of a run's arms for the engine. Throws RankscopeError: `usage` for unknown arms, `run` for arms
 * without weights.
 */
export async function promptArms(run: string, arms: readonly string[]): Promise<PromptArms> {
  const folder = runFolder(run);
  const record = await readRecord(folder);
  if (arms.length === 0) throw new RankscopeError({ code: 'usage', what: 'No arm was asked for.', where: run });
  const adapters: { arm: string; directory: string }[] = [];
  for (const arm of new Set(arms)) {
    if (arm === 'base') continue;
    await trainedWeights(folder, arm);
    adapters.push({ arm, directory: folder.arm(arm) });
  }
  return { record, base: arms.includes('base'), adapters };
}

/**
 * Completes one prompt with the base and arms of a run, all in one batch. Growing completions are emitted a few
 * times a second, and each once more with its verdict when it is complete.
 */
export async function tryPrompt(
  params: Params<RunsContract, 'tryPrompt'>,
  { emit, signal }: HandlerContext<EventOf<RunsContract, 'tryPrompt'>>,
  { engine, openJudge, usualJudge, device }: TryPromptPorts,
): Promise<Result<RunsContract, 'tryPrompt'>> {
  const { run, arms, prompt, samples, maxNewTokens, temperature, seed } = params;
  const { record, base, adapters } = await promptArms(run, arms);
  const { threads, model } = record.sweep;
  const where = { device: usualDevice(record, { device }), threads };
  const generation = 'generation' in record.sweep ? record.sweep.generation : undefined;
  const { topK = 0, topP = 1, stop = [] } = generation ?? {};
  const spec = 'judge' in record.sweep ? record.sweep.judge : usualJudge(run);
  const chat = storedFraming(record.sweep);
  const asked = chat ? { chat } : {};
  const judging: Promise<void>[] = [];
  const options = { samples, maxNewTokens, temperature, topK, topP, seed, stop: [...stop] };
  const { seconds, tokens } = await engine.use((client) =>
    client.request(
      'generate',
      {
        model,
        base,
        adapters: [...adapters],
        prompts: [prompt],
        ...asked,
        options,
        ...where,
        keep: true,
        partial: true,
      },
      {
        signal,
        onEvent: ({ arm, sample, completion, partial }) => {
          emit({ arm, sample, completion });
          if (partial === true) return;
          const whole = verdictOn(spec, { prompt, text: completion }, openJudge, signal);
          judging.push(whole.then((verdict) => emit({ arm, sample, completion, verdict })));
        },
      },
    ),
  );
  await Promise.all(judging);
  return { seconds, tokens };
}

/** Never rejects: where the judge fails, the completion is unjudged with its reason. */
async function verdictOn(
  spec: EditorJudge,
  item: { readonly prompt: string; readonly text: string },
  openJudge: TryPromptPorts['openJudge'],
  signal: AbortSignal,
): Promise<ShownVerdict> {
  try {
    const [verdict] = await (await openJudge(spec)).judge([item], signal);
    return verdict === undefined ? { unjudged: 'the judge gave no verdict' } : shown(verdict);
  } catch (error) {
    return { unjudged: `the judge failed: ${errorDetails(error).what}` };
  }
}
