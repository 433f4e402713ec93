import { internal } from '../../protocol/errors.ts';
import { AdapterColumns } from '../generate/adapterColumns.ts';
import { packFor } from '../batch/packing.ts';
import { assertFinite } from '../../protocol/finite.ts';
import { maskFeed, settledGroups, type Arm, type ArmGroup } from '../generate/armWeights.ts';
import type { ModelDefinition } from '../models/modelDefinition.ts';
import { Program, type Feeds, type MappedWeights } from '../programs/program.ts';
import { batchesByLength } from './batchesByLength.ts';
import { buildClassProgram } from './classProgram.ts';
import type { ClassHead } from './classHead.ts';

/** Gives class logits of token sequences by any arm of one sequence classifier. */
export class Classifier {
  readonly definition: ModelDefinition;
  /** Number of classes. */
  readonly classes: number;
  private readonly weights: Feeds | MappedWeights;
  private readonly head: ClassHead;
  private readonly threads: number;
  private readonly columns: AdapterColumns;
  private readonly programs = new Map<string, Promise<Program>>();

  /** `weights` gives everything but what `head` has. */
  constructor(definition: ModelDefinition, weights: Feeds | MappedWeights, head: ClassHead, threads: number) {
    const { classification } = definition.config;
    if (!classification) throw internal('A classifier needs a family that classifies.');
    this.definition = definition;
    this.classes = classification.labels.length;
    this.weights = weights;
    this.head = head;
    this.threads = threads;
    this.columns = new AdapterColumns(weights, threads);
  }

  /**
   * Logits [sequences, classes] in the order given. Sequences of like length are computed together; `onBatch` is called
   * with the number done after each batch, and may throw to end the work. Throws BrokenArm where a logit is not finite.
   */
  async logits(
    id: string,
    arms: ReadonlyMap<string, Arm>,
    sequences: readonly (readonly number[])[],
    onBatch?: (done: number) => void,
  ): Promise<Float32Array> {
    const [group] = await settledGroups([id], arms, this.columns);
    if (!group) throw internal('One arm makes one group.');
    const feeds = new Map([...this.head.values, ...group.feeds]);
    const program = await this.program(group, feeds);
    const logits = new Float32Array(sequences.length * this.classes);
    let done = 0;
    for (const batch of batchesByLength(sequences.map(({ length }) => length))) {
      const rows = await this.run(
        program,
        group,
        feeds,
        batch.map((i) => sequences[i] ?? []),
      );
      assertFinite('a class logit', rows, (at) => {
        return { arm: id, place: `text ${batch[Math.floor(at / this.classes)] ?? 0}` };
      });
      batch.forEach((i, row) =>
        logits.set(rows.subarray(row * this.classes, (row + 1) * this.classes), i * this.classes),
      );
      done += batch.length;
      onBatch?.(done);
    }
    return logits;
  }

  private async run(
    program: Program,
    group: ArmGroup,
    own: Feeds,
    sequences: readonly (readonly number[])[],
  ): Promise<Float32Array> {
    const batch = packFor(this.definition.config, sequences);
    const firstRows = { data: BigInt64Array.from(batch.starts, BigInt), dims: [sequences.length] };
    const armOfRow = new Array<number>(batch.rows).fill(0);
    const feeds = new Map([...batch.feeds, ...own, ...maskFeed(group, armOfRow), ['label_rows', firstRows] as const]);
    return (await program.run(feeds, ['logits'])).floats('logits');
  }

  /** Arms with the same targets, and all that bring the same weights of their own, share a program. */
  private program({ targets, method, own }: ArmGroup, feeds: Feeds): Promise<Program> {
    const key = `${method.name} ${targets.map((m) => m.name).join()} ${own.join()}`;
    const known = this.programs.get(key);
    if (known) return known;
    const graph = buildClassProgram(this.definition, targets, method);
    const program = Program.compile(graph, this.weights, { threads: this.threads }, new Set(feeds.keys()));
    this.programs.set(key, program);
    program.catch(() => {
      if (this.programs.get(key) === program) this.programs.delete(key);
    });
    return program;
  }

  async release(): Promise<void> {
    for (const program of this.programs.values()) await (await program).release();
    this.programs.clear();
    await this.columns.release();
  }
}
