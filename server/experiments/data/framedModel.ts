import type { CausalPort } from '../ports/experimentPorts.ts';
import type { ModelPrompt, Pair } from '../ports/modelPort.ts';
import { framePair, framePrompt, type Framing } from './framing.ts';

type Asked = Pick<
  CausalPort,
  'complete' | 'nextTokenLogProbabilities' | 'positionLogProbabilities' | 'pairLosses' | 'lens' | 'train'
>;

/**
 * The model, to which all texts are put as the framing has it: completions, distributions, losses, lenses and training
 * alike. Experiments go on speaking of prompts and pairs as texts.
 */
export function framedModel<M extends Asked & object>(model: M, framing: Framing | undefined): M {
  const framed = (prompt: ModelPrompt): ModelPrompt =>
    typeof prompt === 'string' ? framePrompt(prompt, framing) : prompt;
  const pairs = (list: readonly Pair[]): readonly Pair[] => list.map((pair) => framePair(pair, framing));
  const own: Asked = {
    complete: (arms, prompts, ...rest) => model.complete(arms, prompts.map(framed), ...rest),
    nextTokenLogProbabilities: (arms, prompts, ...rest) =>
      model.nextTokenLogProbabilities(arms, prompts.map(framed), ...rest),
    positionLogProbabilities: (arms, texts, ...rest) => {
      const asked = texts.map((text) => ({ ...text, prompt: framed(text.prompt) }));
      return model.positionLogProbabilities(arms, asked, ...rest);
    },
    pairLosses: (arms, list, ...rest) => model.pairLosses(arms, pairs(list), ...rest),
    lens: (arms, prompt, ...rest) => model.lens(arms, framed(prompt), ...rest),
    train: (plans, list, ...rest) => {
      const own = 'get' in list ? new Map([...list].map(([arm, some]) => [arm, pairs(some)])) : pairs(list);
      return model.train(plans, own, ...rest);
    },
  };
  return new Proxy(model, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return own[name as keyof Asked];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
