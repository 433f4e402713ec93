/** Keeps what completions take in memory within what the machine has. */
import { cacheBytesOfRow } from '../../engine/generate/decode.ts';
import type { ModelConfig } from '../../engine/models/modelConfig.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { machineMemory } from './machineMemory.ts';

export interface AskedCompletions {
  readonly arms: number;
  readonly prompts: number;
  /** Completions of a prompt by an arm. */
  readonly samples: number;
  /** Tokens of a completion at the most. */
  readonly maxNewTokens: number;
}

/** Bytes that a completion takes until it is stored, beside its tokens and their text; and each token with its text. */
const BYTES = { completion: 400, token: 16 };

/** The share of the memory that completions may take, and that their caches may. */
const SHARE = 1 / 4;

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(3)} GiB`;

/** Throws RankscopeError('memory') with the numbers where the completions do not fit into a quarter of the memory. */
export function assertHeld(
  { arms, prompts, samples, maxNewTokens }: AskedCompletions,
  memory: number = machineMemory(),
): void {
  const completions = arms * prompts * samples;
  const bytes = completions * (BYTES.completion + BYTES.token * maxNewTokens);
  if (bytes <= memory * SHARE) return;
  throw new RankscopeError({
    code: 'memory',
    what:
      `${completions} completions of up to ${maxNewTokens} tokens (prompts times samples, and arms where several are completed ` +
      `at once) take up to ${gib(bytes)}, and ${gib(memory * SHARE)} of this machine's memory may be used for them.`,
    remedy: 'Ask for fewer samples, fewer new tokens or fewer prompts.',
  });
}

/**
 * How many completions of so many positions each are decoded at once: `most`, or what the memory has room for. Throws
 * RankscopeError('memory') where it has none for one of every arm.
 */
export function rowsThatFit(
  config: ModelConfig,
  { most, arms, positions }: { readonly most: number; readonly arms: number; readonly positions: number },
  memory: number = machineMemory(),
): number {
  const bytes = cacheBytesOfRow(config, positions);
  const rows = Math.floor((memory * SHARE) / bytes);
  if (rows >= arms) return Math.min(most, rows);
  throw new RankscopeError({
    code: 'memory',
    what: `A completion that goes on to ${positions} positions has keys and values of ${gib(bytes)}, and ${gib(memory * SHARE)} of this machine's memory may be used for those of ${arms} arms.`,
    remedy: 'Ask for fewer new tokens.',
  });
}
