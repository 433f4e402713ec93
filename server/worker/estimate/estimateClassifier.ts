/** A sequence classifier that computes only a sample of each request, times it, and extrapolates. See estimateModel.ts. */
import type { LabelledText, OpenClassifier } from '../../experiments/ports/classifierPort.ts';
import type { ArmPlan } from '../../experiments/ports/trainerPort.ts';
import { secondsToWrite } from './estimateLimits.ts';
import type { Rehearsal } from './estimateModel.ts';
import { rehearseTraining } from './estimateTraining.ts';

/** Number of texts that are really classified. */
const realTexts = 64;

type Methods = Pick<OpenClassifier, 'classLogits' | 'train' | 'saveArm'>;

export function rehearsedClassifier(classifier: OpenClassifier, { meter, disk }: Rehearsal): OpenClassifier {
  const plans = new Map<string, ArmPlan>();
  const own: Methods = {
    classLogits: async (arms, texts, onProgress, signal) => {
      const kind = `classify ${arms.map((arm) => plans.get(arm)?.method ?? 'base').join()}`;
      const some = texts.slice(0, realTexts);
      const { result, seconds } = await meter.timed(() => classifier.classLogits(arms, some, onProgress, signal));
      if (some.length > 0) meter.settle(kind, seconds / some.length);
      meter.skip((meter.rate(kind) ?? 0) * (texts.length - some.length));
      return result.map((logits) => repeated(logits, texts.length * classifier.labels.length));
    },
    train: async (given, examples, options, callbacks) => {
      for (const plan of given) plans.set(plan.id, plan);
      const sizes = await classifier.trainableParameters(given);
      const lettersOf = ({ text }: LabelledText): number => text.length;
      return rehearseTraining(
        {
          train: (arms, texts, ...rest) => classifier.train(arms, 'get' in texts ? [] : texts, ...rest),
          lettersOf,
          meter,
          disk,
          sizes,
        },
        { plans: given, examples, options, callbacks },
      );
    },
    saveArm: async (arm) => {
      const plan = plans.get(arm);
      const [size = 0] = plan ? await classifier.trainableParameters([plan]) : [];
      meter.keepsArm(arm, 4 * size);
      meter.skip(secondsToWrite(disk, 4 * size, 1));
    },
  };
  return new Proxy(classifier, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return own[name as keyof Methods];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function repeated(values: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => values[i % Math.max(1, values.length)] ?? 0);
}
