import { assertFinite } from '../../protocol/finite.ts';
import { internal } from '../../protocol/errors.ts';
import type { AdapterColumns, ArmColumns } from './adapterColumns.ts';
import { loraScale, methodOf, type LoraArm } from '../adapters/loraArm.ts';
import type { AdapterMethod } from '../adapters/adapterMethod.ts';
import { lora } from '../adapters/lora.ts';
import { ARM_ROWS, columnName } from '../adapters/sideBySideSlots.ts';
import { adapterNames } from '../adapters/adapterMethod.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { AnyFeeds, Feeds } from '../programs/program.ts';
import type { HostTensor } from '../onnx/runtime.ts';
import type { ParameterStore } from '../optimiser/parameterStore.ts';

/** A fully fine-tuned arm: weights of its own. */
interface FullArm {
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
  /** How the adapters of the group are computed. */
  readonly method: AdapterMethod;
  /** Names of the base model's parameters that the group brings weights of its own for. */
  readonly own: readonly string[];
  /** Adapters side by side, and the group's own weights. */
  readonly feeds: Feeds;
  /** Row of `lora_mask` for each arm: its scale in its own columns, 0 elsewhere. */
  readonly masks: readonly Float32Array[];
}

/** A group whose feeds may lie on a device. */
export type PlacedGroup = Omit<ArmGroup, 'feeds'> & { readonly feeds: AnyFeeds };

/**
 * The base and all arms with adapters form groups by the adapters' method and targets; an arm with weights of its own
 * (a full arm, or one that saves parameters beside its adapters) is a group by itself. The base needs no entry; any
 * other arm without one is a fault, never the base in its stead. Throws BrokenArm for adapters that are not finite,
 * which would reach the arms beside them. `columns` has what a method computes from the base model's weights, by arm.
 */
export function groupArms(
  ids: readonly string[],
  arms: ReadonlyMap<string, Arm>,
  columns: ReadonlyMap<string, ArmColumns> = new Map(),
): readonly ArmGroup[] {
  const groups = new Map<string, { id: string; arm: Arm }[]>();
  for (const id of ids) {
    const arm = id === 'base' ? BASE : arms.get(id);
    if (!arm) throw internal(`There is no arm "${id}".`);
    const key = groupKey(id, arm);
    groups.set(key, [...(groups.get(key) ?? []), { id, arm }]);
  }
  return mergeBase(groups).map((members) => group(members, columns));
}

function groupKey(id: string, arm: Arm): string {
  if (arm.kind === 'base') return '';
  if (arm.kind === 'full' || (arm.saved ?? []).length > 0) return `alone ${id}`;
  return `${methodOf(arm).name} ${arm.targets.map((m) => m.name).join()}`;
}

/** The same once the stores of these arms hold what was trained last, with the columns of that. */
export async function settledGroups(
  ids: readonly string[],
  arms: ReadonlyMap<string, Arm>,
  measures: AdapterColumns,
): Promise<readonly ArmGroup[]> {
  const columns = new Map<string, ArmColumns>();
  for (const id of ids) {
    const arm = arms.get(id);
    if (!arm || arm.kind === 'base') continue;
    await arm.store.settle();
    if (arm.kind === 'lora') columns.set(id, await measures.of(arm));
  }
  return groupArms(ids, arms, columns);
}

/** The base rides along with the first group of LoRA adapters, as the arm whose mask is zero. */
function mergeBase(groups: Map<string, { id: string; arm: Arm }[]>): { id: string; arm: Arm }[][] {
  const base = groups.get('');
  const adapted = [...groups].find(([key]) => key.startsWith(`${lora.name} `))?.[0];
  if (base && adapted !== undefined) {
    groups.delete('');
    groups.set(adapted, [...base, ...(groups.get(adapted) ?? [])]);
  }
  return [...groups.values()];
}

interface Member<Kind extends Arm = Arm> {
  readonly id: string;
  readonly arm: Kind;
}

function group(members: readonly Member[], measured: ReadonlyMap<string, ArmColumns>): ArmGroup {
  const ids = members.map(({ id }) => id);
  const [first] = members;
  if (first?.arm.kind === 'full') {
    const { store } = first.arm;
    return { ids, targets: [], method: lora, masks: [], own: store.names, feeds: feedsOf(store, store.names) };
  }
  for (const { id, arm } of members) if (arm.kind === 'lora') assertFiniteStore(id, arm.store);
  const adapted = members.flatMap(({ id, arm }) => (arm.kind === 'lora' ? [{ id, arm }] : []));
  const arms = adapted.map(({ arm }) => arm);
  const [leader] = arms;
  const targets = leader?.targets ?? [];
  const own = (leader?.saved ?? []).map(({ name }) => name);
  const width = arms.reduce((sum, { rank }) => sum + rank, 0);
  const adapters = targets.flatMap((module) => [
    ...sideBySide(module, arms, width),
    ...columns(module, adapted, measured),
  ]);
  const feeds = new Map([...adapters, ...(leader ? feedsOf(leader.store, own) : [])]);
  return { ids, targets, method: methodOf(leader ?? {}), own, masks: masksOf(members, width), feeds };
}

function masksOf(members: readonly Member[], width: number): readonly Float32Array[] {
  let column = 0;
  return members.map(({ arm }) => {
    const mask = new Float32Array(width);
    if (arm.kind !== 'lora') return mask;
    mask.fill(loraScale(arm), column, column + arm.rank);
    column += arm.rank;
    return mask;
  });
}

const feedsOf = (store: ParameterStore, names: readonly string[]): Feeds =>
  new Map(names.map((name) => [name, store.tensor(name, 'value')]));

/** The values of the method's columns for one module, a row [outFeatures] an arm. */
function columns(
  { outFeatures, name }: LinearModule,
  arms: readonly Member<LoraArm>[],
  measured: ReadonlyMap<string, ArmColumns>,
): (readonly [string, HostTensor])[] {
  const names = methodOf(arms[0]?.arm ?? {}).columns;
  return names.map((column, i) => {
    const data = new Float32Array(arms.length * outFeatures);
    arms.forEach(({ id }, row) => {
      const values = measured.get(id)?.get(name)?.[i];
      if (!values) throw internal(`The ${column} of ${name} was not measured.`);
      data.set(values, row * outFeatures);
    });
    return [columnName(name, column), { data, dims: [arms.length, outFeatures] }] as const;
  });
}

/** Throws BrokenArm naming the first parameter of an arm that holds a value that is not finite. */
export function assertFiniteStore(arm: string, store: ParameterStore): void {
  for (const name of store.names)
    assertFinite(`a weight of ${name}`, store.tensor(name, 'value').data, () => ({ arm }));
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

/** `lora_mask` and `lora_arm` for rows that belong to the group's arms by index. */
export function maskFeed(
  group: Pick<ArmGroup, 'masks' | 'method'>,
  rows: readonly number[],
): (readonly [string, HostTensor])[] {
  const width = group.masks[0]?.length ?? 0;
  if (width === 0) return [];
  const data = new Float32Array(rows.length * width);
  rows.forEach((arm, row) => data.set(group.masks[arm] ?? [], row * width));
  const mask = ['lora_mask', { data, dims: [rows.length, width] }] as const;
  if (group.method.columns.length === 0) return [mask];
  return [mask, [ARM_ROWS, { data: BigInt64Array.from(rows, BigInt), dims: [rows.length] }]];
}
