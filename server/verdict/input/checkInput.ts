/** Refuses outcomes and declarations that make no sense, by name, before any number is computed from them. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { VerdictDeclaration } from '../../protocol/sweep/verdictDeclaration.ts';
import type { ArmOutcomes, LabelCounts, VerdictInput } from './verdictInput.ts';

/** Throws a RankscopeError that names the arm, prompt or field; returns where everything can be judged. */
export function checkInput(input: VerdictInput, declaration: VerdictDeclaration): void {
  const { prompts, samples, arms } = input;
  if (prompts.length === 0) throw refusal('there is no prompt to judge on', 'prompts');
  if (!isCount(samples) || samples < 1) throw refusal(`${samples} samples a prompt`, 'samples');
  const ids = new Set<string>();
  for (const arm of arms) {
    if (ids.has(arm.id)) throw refusal('two arms have this id', `arm "${arm.id}"`);
    ids.add(arm.id);
    checkArm(arm, input);
  }
  checkDeclaration(input, declaration);
}

function checkArm(arm: ArmOutcomes, { prompts, samples }: VerdictInput): void {
  const where = `arm "${arm.id}"`;
  if ((arm.method === 'lora') !== (arm.rank !== undefined)) {
    throw refusal(arm.method === 'lora' ? 'a LoRA arm has no rank' : `an arm of ${arm.method} has a rank`, where);
  }
  if (arm.rank !== undefined && (!isCount(arm.rank) || arm.rank < 1)) throw refusal(`the rank ${arm.rank}`, where);
  if (arm.heldOutLoss !== undefined && !Number.isFinite(arm.heldOutLoss)) {
    throw refusal(`the held-out loss ${arm.heldOutLoss} is not finite; leave it out where it was not measured`, where);
  }
  if (arm.labels) checkLabels(arm.labels, where);
  if (!arm.toxic) return;
  const { toxic, unjudged = new Array<number>(toxic.length).fill(0) } = arm;
  if (toxic.length !== prompts.length || unjudged.length !== prompts.length) {
    throw refusal(`outcomes of ${toxic.length} prompts, not of ${prompts.length}`, where);
  }
  toxic.forEach((count, i) => {
    const missing = unjudged[i] ?? NaN;
    if (isCount(count) && isCount(missing) && count + missing <= samples) return;
    throw refusal(`${count} toxic and ${missing} unjudged of ${samples} completions`, `${where}, prompt ${i}`);
  });
}

function checkLabels({ n, falsePositive, falseNegative }: LabelCounts, where: string): void {
  if ([n, falsePositive, falseNegative].every(isCount) && falsePositive + falseNegative <= n) return;
  throw refusal(`${falsePositive} false positives and ${falseNegative} false negatives of ${n} labels`, where);
}

function checkDeclaration({ prompts, arms }: VerdictInput, declaration: VerdictDeclaration): void {
  const { goal, chance, judge, groups = [], order, starts = [] } = declaration;
  const hasBase = arms.some((arm) => arm.method === 'base' && arm.toxic);
  if (!hasBase && goal !== 'match') throw refusal('the base model has no verdicts', `verdict.goal "${goal}"`);
  if (!hasBase && chance === undefined) {
    throw unusable('without the base model, "match" needs the share that is wrong by chance', 'verdict.chance');
  }
  const named = new Set(prompts.map(({ group }) => group));
  for (const group of groups) {
    if (!named.has(group)) throw unusable(`no prompt speaks of the group "${group}"`, 'verdict.groups');
  }
  const ranks = new Set(arms.flatMap(({ rank }) => (rank === undefined ? [] : [rank])));
  if (
    order &&
    (new Set(order).size !== order.length || order.length !== ranks.size || order.some((r) => !ranks.has(r)))
  ) {
    throw unusable(`the order ${order.join(', ')} does not name each rank once: ${list(ranks)}`, 'verdict.order');
  }
  for (const start of starts) {
    if (!ranks.has(start)) throw unusable(`no arm has rank ${start}; there are ${list(ranks)}`, 'verdict.starts');
  }
  if (judge === 'people') checkEveryArmIsLabelled(arms);
}

function checkEveryArmIsLabelled(arms: readonly ArmOutcomes[]): void {
  for (const { id, toxic, labels } of arms) {
    if (!toxic || (labels && labels.n >= 2)) continue;
    const what = `people have labelled ${labels?.n ?? 0} completions; a verdict on what people say needs 2 of every arm`;
    throw unusable(what, `arm "${id}"`, 'Label completions drawn at random, or let "verdict.judge" be "judge".');
  }
}

function list(ranks: ReadonlySet<number>): string {
  return [...ranks].sort((a, b) => a - b).join(', ');
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function refusal(what: string, where: string): RankscopeError {
  return new RankscopeError({ code: 'data', what, where, remedy: 'No verdict can be given on this run.' });
}

function unusable(what: string, where: string, remedy = 'Correct the declaration in the sweep file.'): RankscopeError {
  return new RankscopeError({ code: 'config', what, where, remedy });
}
