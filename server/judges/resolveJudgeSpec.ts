import type { JudgeSpec } from '../protocol/judgeSpec.ts';

/** What becomes of the paths of a specification: of files, and of models, which may be hub ids. */
export interface PathResolver {
  /** `place` names the field, such as `vocabulary` or `judges.1.model`. */
  readonly file: (path: string, place: string) => string;
  readonly model: (reference: string, place: string) => string;
}

/** The specification with every path resolved; what the resolver throws is passed on. */
export function resolveJudgeSpec(spec: JudgeSpec, resolver: PathResolver, place = ''): JudgeSpec {
  const { file, model } = resolver;
  switch (spec.kind) {
    case 'lexicon':
      return { ...spec, ...(spec.hurtLex !== undefined && { hurtLex: file(spec.hurtLex, `${place}hurtLex`) }) };
    case 'linear':
      return { ...spec, model: file(spec.model, `${place}model`) };
    case 'classifier':
      return {
        ...spec,
        model: file(spec.model, `${place}model`),
        vocabulary: file(spec.vocabulary, `${place}vocabulary`),
      };
    case 'sequence-classifier':
    case 'llm':
      return { ...spec, model: model(spec.model, `${place}model`) };
    case 'endpoint':
      return spec;
    case 'human':
      return { ...spec, labels: file(spec.labels, `${place}labels`) };
    case 'combined':
      return {
        ...spec,
        judges: spec.judges.map((one, i) => resolveJudgeSpec(one, resolver, `${place}judges.${i}.`) as typeof one),
      };
  }
}

/** Every path and model reference that a specification names. */
export function judgePaths(spec: JudgeSpec): readonly string[] {
  const paths: string[] = [];
  const note = (path: string): string => {
    paths.push(path);
    return path;
  };
  resolveJudgeSpec(spec, { file: note, model: note });
  return paths;
}

/** Whether a judge runs a model or asks an endpoint, which only the engine process does. */
export function needsEngine(spec: JudgeSpec): boolean {
  if (spec.kind === 'combined') return spec.judges.some(needsEngine);
  return ['classifier', 'sequence-classifier', 'llm', 'endpoint'].includes(spec.kind);
}
