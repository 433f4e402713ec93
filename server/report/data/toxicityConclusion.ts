/**
 * States in sentences what the figures of a toxicity run allow to say. The sentences rest on paired differences
 * over the same prompts alone: an arm changed something when the 95 % interval of its difference does not contain
 * zero.
 */
import { signedPoints } from '../../measures/text/format.ts';
import { measuredOf, type Interval } from '../../protocol/run/estimate.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';

type Direction = 'less' | 'more' | 'unclear' | 'mixed';

/** All arms of one rank (seeds, learning rates), or of full fine-tuning. */
interface Kind {
  readonly name: string;
  readonly rank: number | undefined;
  readonly arms: readonly ArmMetrics[];
}

/** One or more sentences; the first is the answer. Of a `broken` arm it says only that it is broken. */
export function toxicityConclusion(all: readonly ArmMetrics[], broken: ReadonlySet<string> = new Set()): string {
  const arms = all.filter(({ id }) => !broken.has(id));
  const damaged = all.flatMap(({ id }) => (broken.has(id) ? [id] : []));
  const kinds = kindsOf(arms).filter(({ arms: members }) => members.some((arm) => versus(arm, 'base')));
  if (kinds.length === 0) {
    return ['No conclusion: no trained arm has a paired difference from the base model.', brokenSentence(damaged)]
      .filter((sentence) => sentence !== '')
      .join(' ');
  }
  const directions = kinds.map((kind) => directionOf(kind, 'base'));
  const answer = isConsistent(kinds, directions)
    ? orderedAnswer(kinds, directions)
    : inconsistentAnswer(kinds, directions);
  return [answer, fullSentence(arms, kinds), failures(arms), brokenSentence(damaged)]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function kindsOf(arms: readonly ArmMetrics[]): readonly Kind[] {
  const kinds = new Map<string, ArmMetrics[]>();
  for (const arm of arms.filter(({ method }) => method === 'lora' || method === 'full')) {
    const name = arm.method === 'full' ? 'full fine-tuning' : `rank ${arm.rank ?? '?'}`;
    kinds.set(name, [...(kinds.get(name) ?? []), arm]);
  }
  return [...kinds]
    .map(([name, members]) => ({ name, rank: members[0]?.rank, arms: members }))
    .sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
}

/** The arm's difference from the arm or method called `reference`; several arms of `full` differ by their suffix. */
function versus(arm: ArmMetrics, reference: 'base' | 'full'): Interval | undefined {
  const found = arm.toxicityVersus?.find((d) => d.reference === reference || d.reference.startsWith(`${reference}-`));
  const { value, low, high, n = 0 } = measuredOf(found?.difference) ?? {};
  return value === undefined || low === undefined || high === undefined ? undefined : { value, low, high, n };
}

/** The direction in which the arms of a kind agree, or `mixed` where they disagree. */
function directionOf({ arms }: Kind, reference: 'base' | 'full'): Direction {
  const found = new Set(
    arms.flatMap((arm) => {
      const difference = versus(arm, reference);
      return difference ? [directionOfDifference(difference)] : [];
    }),
  );
  const [only] = found;
  return found.size === 1 && only ? only : found.size === 0 ? 'unclear' : 'mixed';
}

function directionOfDifference({ low, high }: Interval): Direction {
  if (high < 0) return 'less';
  return low > 0 ? 'more' : 'unclear';
}

/**
 * Whether the ranks form an order: the arms of each rank agree, all changes have one direction, and above a rank
 * that changes all change.
 */
function isConsistent(kinds: readonly Kind[], directions: readonly Direction[]): boolean {
  const lora = directions.filter((_, i) => kinds[i]?.rank !== undefined);
  if (directions.includes('mixed') || (directions.includes('less') && directions.includes('more'))) return false;
  const first = lora.findIndex((direction) => direction !== 'unclear');
  return first < 0 || lora.slice(first).every((direction) => direction === lora[first]);
}

function orderedAnswer(kinds: readonly Kind[], directions: readonly Direction[]): string {
  const changed = kinds.filter((_, i) => directions[i] !== 'unclear');
  const same = kinds.filter((_, i) => directions[i] === 'unclear');
  if (changed.length === 0) {
    return `No consistent effect: no arm's toxicity differs from the base model's beyond its 95 % interval (${differences(same)}).`;
  }
  const lowers = directions.includes('less');
  const verb = `${lowers ? 'lower' : 'raise'}${changed.length === 1 ? 's' : ''}`;
  const answer = `${capital(names(changed))} ${verb} toxicity ${lowers ? 'below' : 'above'}`;
  const rest =
    same.length === 0
      ? ''
      : ` ${capital(names(same))} ${same.length === 1 ? 'shows' : 'show'} no difference from the base beyond the interval (${differences(same)}).`;
  return `${answer} the base model's (${differences(changed)}).${rest}`;
}

function inconsistentAnswer(kinds: readonly Kind[], directions: readonly Direction[]): string {
  const group = (direction: Direction, one: string, several: string) => {
    const members = kinds.filter((_, i) => directions[i] === direction);
    const text = members.length === 1 ? one : several;
    return members.length === 0 ? [] : [`${names(members)} ${text} (${differences(members)})`];
  };
  const parts = [
    ...group('less', 'lowers toxicity', 'lower toxicity'),
    ...group('more', 'raises it', 'raise it'),
    ...group('mixed', 'differs between seeds or learning rates', 'differ between seeds or learning rates'),
    ...group('unclear', 'cannot be told from the base model', 'cannot be told from the base model'),
  ];
  return `No consistent effect of the rank: ${parts.join('; ')}.`;
}

/** Compares the ranks with full fine-tuning, where the run measured the difference. */
function fullSentence(arms: readonly ArmMetrics[], kinds: readonly Kind[]): string {
  const compared = kinds.filter((kind) => kind.rank !== undefined && kind.arms.some((arm) => versus(arm, 'full')));
  if (compared.length === 0) return '';
  const by = (direction: Direction) => compared.filter((kind) => directionOf(kind, 'full') === direction);
  const parts = [
    ['more', 'more toxic than'],
    ['less', 'less toxic than'],
    ['unclear', 'not distinguishable from'],
    ['mixed', 'between seeds or rates not consistently different from'],
  ] as const;
  const said = parts.flatMap(([direction, text]) => {
    const members = by(direction);
    return members.length === 0
      ? []
      : [`${names(members)} ${members.length === 1 ? 'is' : 'are'} ${text} full fine-tuning`];
  });
  return `Against ${arms.some(({ id }) => id === 'full') ? 'the arm "full"' : 'full fine-tuning'}: ${said.join('; ')}.`;
}

function brokenSentence(ids: readonly string[]): string {
  if (ids.length === 0) return '';
  return `${ids.length === 1 ? 'One arm is' : `${ids.length} arms are`} broken and not compared: ${ids.join(', ')}.`;
}

function failures(arms: readonly ArmMetrics[]): string {
  const failed = arms.filter(({ failure }) => failure !== undefined).map(({ id }) => id);
  if (failed.length === 0) return '';
  return `${failed.length === 1 ? 'One arm has' : `${failed.length} arms have`} no result: ${failed.join(', ')}.`;
}

/** The difference of every arm with its interval, e.g. `r2 -1.2 points [-3.0, 0.4]`. */
function differences(kinds: readonly Kind[]): string {
  return kinds
    .flatMap(({ arms }) => arms)
    .flatMap((arm) => {
      const found = versus(arm, 'base');
      return found
        ? [`${arm.id} ${signedPoints(found.value)} points [${signedPoints(found.low)}, ${signedPoints(found.high)}]`]
        : [];
    })
    .join(', ');
}

function names(kinds: readonly Kind[]): string {
  const all = kinds.map(({ name }) => name);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
