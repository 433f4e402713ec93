import { judgeKinds, type JudgeKind } from '../protocol/sweep/judgeKinds.ts';
import { singleJudges, type JudgeSpec, type SingleJudgeSpec } from '../protocol/sweep/judgeSpec.ts';

/** What becomes of the paths of a specification: of files, and of models, which may be hub ids. */
export interface PathResolver {
  /** `place` names the field, such as `vocabulary` or `judges.1.model`. */
  readonly file: (path: string, place: string) => string;
  readonly model: (reference: string, place: string) => string;
}

type Kinds = Readonly<Record<string, JudgeKind>>;

/** The specification with every path of the table resolved; what the resolver throws is passed on. */
export function resolveJudgeSpec(
  spec: JudgeSpec,
  resolver: PathResolver,
  place = '',
  kinds: Kinds = judgeKinds,
): JudgeSpec {
  if (spec.kind !== 'combined') return resolveSingle(spec, resolver, place, kinds);
  return { ...spec, judges: spec.judges.map((one, i) => resolveSingle(one, resolver, `${place}judges.${i}.`, kinds)) };
}

function resolveSingle(spec: SingleJudgeSpec, resolver: PathResolver, place: string, kinds: Kinds): SingleJudgeSpec {
  const given: Readonly<Record<string, unknown>> = spec;
  const paths = Object.entries(kinds[spec.kind]?.paths ?? {});
  const resolved = paths.flatMap(([field, kind]) => {
    const value = given[field];
    return typeof value === 'string' ? [[field, resolver[kind](value, `${place}${field}`)] as const] : [];
  });
  return { ...spec, ...Object.fromEntries(resolved) };
}

/** Every path and model reference that a specification names. */
export function judgePaths(spec: JudgeSpec, kinds: Kinds = judgeKinds): readonly string[] {
  const paths: string[] = [];
  const note = (path: string): string => {
    paths.push(path);
    return path;
  };
  resolveJudgeSpec(spec, { file: note, model: note }, '', kinds);
  return paths;
}

/** Whether a judge runs a model or asks an endpoint, which only the engine process does. */
export function needsEngine(spec: JudgeSpec, kinds: Kinds = judgeKinds): boolean {
  return singleJudges(spec).some(({ kind }) => kinds[kind]?.needsEngine ?? true);
}
