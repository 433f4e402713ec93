import { internal } from '../../protocol/errors.ts';
import { loraScale, type LoraArm } from '../adapters/loraArm.ts';
import { adapterNames } from '../adapters/trainableSlots.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { AnyFeeds, Feeds } from '../programs/program.ts';
import type { HostTensor } from '../onnx/runtime.ts';
import type { ParameterStore } from '../optimiser/parameterStore.ts';

/** A fully fine-tuned arm: weights of its own. */
export interface FullArm {
  readonly kind: 'full';
  readonly store: ParameterStore;
}

export type Arm = { readonly kind: 'base' } | LoraArm | FullArm;

const BASE: Arm = { kind: 'base' };

/** Arms that one program computes in one batch, and what it is fed for them. */
export interface ArmGroup {
  readonly ids: readonly string[];
  /** Modules with adapters; empty where no arm of the group has any. */
  readonly targets: readonly LinearModule[];
  /** Adapters side by side, or the full arm's weights. */
  readonly feeds: Feeds;
  /** Row of `lora_mask` for each arm: its scale in its own columns, 0 elsewhere. */
  readonly masks: readonly Float32Array[];
}

/** A group whose feeds may lie on a device. */
export type PlacedGroup = Omit<ArmGroup, 'feeds'> & { readonly feeds: AnyFeeds };

/**
 * The base and all LoRA arms form groups by their targets; each full arm is a group of its own. The base needs no
 * entry; any other arm without one is a fault, never the base in its stead.
 */
export function groupArms(ids: readonly string[], arms: ReadonlyMap<string, Arm>): readonly ArmGroup[] {
  const groups = new Map<string, { id: string; arm: Arm }[]>();
  for (const id of ids) {
    const arm = id === 'base' ? BASE : arms.get(id);
    if (!arm) throw internal(`There is no arm "${id}".`);
    const key = arm.kind === 'full' ? `full ${id}` : arm.kind === 'lora' ? arm.targets.map((m) => m.name).join() : '';
    groups.set(key, [...(groups.get(key) ?? []), { id, arm }]);
  }
  return mergeBase(groups).map((members) => group(members));
}

/** The same once the stores of these arms hold what was trained last. */
export async function settledGroups(
  ids: readonly string[],
  arms: ReadonlyMap<string, Arm>,
): Promise<readonly ArmGroup[]> {
  for (const id of ids) {
    const arm = arms.get(id);
    if (arm && arm.kind !== 'base') await arm.store.settle();
  }
  return groupArms(ids, arms);
}

/** The base rides along with the first group of adapters, as the arm whose mask is zero. */
function mergeBase(groups: Map<string, { id: string; arm: Arm }[]>): { id: string; arm: Arm }[][] {
  const base = groups.get('');
  const adapted = [...groups].find(([key]) => key !== '' && !key.startsWith('full '))?.[0];
  if (base && adapted !== undefined) {
    groups.delete('');
    groups.set(adapted, [...base, ...(groups.get(adapted) ?? [])]);
  }
  return [...groups.values()];
}

function group(members: readonly { id: string; arm: Arm }[]): ArmGroup {
  const ids = members.map(({ id }) => id);
  const [first] = members;
  if (first?.arm.kind === 'full') {
    const { store } = first.arm;
    return { ids, targets: [], masks: [], feeds: new Map(store.names.map((n) => [n, store.tensor(n, 'value')])) };
  }
  const lora = members.map(({ arm }) => arm).filter((arm) => arm.kind === 'lora');
  const targets = lora[0]?.targets ?? [];
  const width = lora.reduce((sum, { rank }) => sum + rank, 0);
  let column = 0;
  const masks = members.map(({ arm }) => {
    const mask = new Float32Array(width);
    if (arm.kind !== 'lora') return mask;
    mask.fill(loraScale(arm), column, column + arm.rank);
    column += arm.rank;
    return mask;
  });
  return { ids, targets, masks, feeds: new Map(targets.flatMap((module) => sideBySide(module, lora, width))) };
}

/** A of all arms under one another, [width, inFeatures], and B's columns likewise, [width, outFeatures]. */
function sideBySide(module: LinearModule, arms: readonly LoraArm[], width: number): (readonly [string, HostTensor])[] {
  const names = adapterNames(module.name);
  const { inFeatures, outFeatures } = module;
  const a = new Float32Array(width * inFeatures);
  const b = new Float32Array(width * outFeatures);
  let row = 0;
  for (const { store, rank } of arms) {
    a.set(store.tensor(names.a, 'value').data, row * inFeatures);
    transposeInto(b, row * outFeatures, store.tensor(names.b, 'value').data, outFeatures, rank);
    row += rank;
  }
  return [
    [names.a, { data: a, dims: [width, inFeatures] }],
    [names.b, { data: b, dims: [width, outFeatures] }],
  ];
}

function transposeInto(to: Float32Array, at: number, from: Float32Array, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) to[at + j * rows + i] = from[i * columns + j] ?? 0;
}

/** `lora_mask` for rows that belong to the group's arms by index. */
export function maskFeed(group: Pick<ArmGroup, 'masks'>, rows: readonly number[]): (readonly [string, HostTensor])[] {
  const width = group.masks[0]?.length ?? 0;
  if (width === 0) return [];
  const data = new Float32Array(rows.length * width);
  rows.forEach((arm, row) => data.set(group.masks[arm] ?? [], row * width));
  return [['lora_mask', { data, dims: [rows.length, width] }]];
}
