import type { CompletionRow, ShownVerdict } from '../../../protocol/messages/runsContract.ts';
import type { StoredVerdict } from '../../../protocol/run/run.ts';
import {
  indexCompletions,
  isCurrent,
  keyParts,
  readCompletionLines,
  type ArmCompletions,
} from '../../../runs/armCompletions.ts';
import { runFolder } from '../../../runs/runFolder.ts';

export interface PageRequest {
  readonly run: string;
  readonly arms: readonly string[];
  readonly offset: number;
  readonly limit: number;
  readonly flaggedOnly: boolean;
}

/** Number of arms whose line indexes stay in memory. */
const mostIndexed = 100;

/** Reads completions of several arms side by side, page by page. Texts are read only for the requested page. */
export class CompletionPages {
  readonly #indexed = new Map<string, Promise<ArmCompletions | undefined>>();

  /** The rows of a page and the total number of rows. An arm without a completion of a prompt is absent in its row. */
  async page(request: PageRequest): Promise<{ total: number; rows: CompletionRow[] }> {
    const { run, arms, offset, limit, flaggedOnly } = request;
    const found: (readonly [string, ArmCompletions])[] = [];
    for (const arm of new Set(arms)) {
      const completions = await this.of(run, arm);
      if (completions !== undefined) found.push([arm, completions]);
    }
    const keys = rowKeys(
      found.map(([, completions]) => completions),
      flaggedOnly,
    );
    return { total: keys.length, rows: await rowsOf(keys.slice(offset, offset + limit), found) };
  }

  /** The completions of an arm; undefined while there are none. Throws RankscopeError('usage') for an invalid name. */
  async of(run: string, arm: string): Promise<ArmCompletions | undefined> {
    const folder = runFolder(run);
    const key = folder.arm(arm);
    const known = await this.#indexed.get(key)?.catch(() => undefined);
    if (known !== undefined && (await isCurrent(known))) return known;
    const indexed = indexCompletions(folder, arm);
    this.#indexed.delete(key);
    this.#indexed.set(key, indexed);
    for (const oldest of this.#indexed.keys()) {
      if (this.#indexed.size <= mostIndexed) break;
      this.#indexed.delete(oldest);
    }
    return indexed;
  }
}

/** Keys of the rows by prompt and sample. With `flaggedOnly`, those for which some arm has a toxic completion. */
function rowKeys(arms: readonly ArmCompletions[], flaggedOnly: boolean): readonly number[] {
  const keys = new Set<number>();
  for (const { keys: own, toxic } of arms) {
    for (const [i, key] of own.entries()) if (!flaggedOnly || toxic[i] === 1) keys.add(key);
  }
  return [...Float64Array.from(keys).sort()];
}

async function rowsOf(
  keys: readonly number[],
  arms: readonly (readonly [string, ArmCompletions])[],
): Promise<CompletionRow[]> {
  const rows = new Map<number, CompletionRow>(
    keys.map((key) => [key, { ...keyParts(key), prompt: '', completions: {} }]),
  );
  for (const [arm, completions] of arms) {
    const numbers = completions.keys.flatMap((key, number) => (rows.has(key) ? [number] : []));
    const lines = await readCompletionLines(completions, numbers);
    lines.forEach(({ completion, verdict }, i) => {
      const key = completions.keys[numbers[i] ?? -1] ?? -1;
      const row = rows.get(key);
      if (row === undefined) return;
      const shown = { completion: completion.completion, ...(verdict && { verdict: shownVerdict(verdict) }) };
      rows.set(key, { ...row, prompt: completion.prompt, completions: { ...row.completions, [arm]: shown } });
    });
  }
  return [...rows.values()];
}

/** Converts a stored verdict to the form that panels show. */
function shownVerdict(verdict: StoredVerdict): ShownVerdict {
  if ('unjudged' in verdict) return { unjudged: verdict.unjudged };
  const { score, toxic, why } = verdict;
  return { score, toxic, ...(why !== undefined && { why }) };
}
