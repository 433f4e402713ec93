/** Writes zod schemas as Markdown: the type of each field in words, its meaning from `.describe`. */
import { z } from 'zod';

/** Schemas that have a section of their own, which others link to. */
export type NamedSchemas = ReadonlyMap<z.ZodType, string>;

/** The side of the border whose view is described: what a sender may leave out, or what a reader finds. */
export type Side = 'input' | 'output';

interface Frame {
  readonly named: NamedSchemas;
  readonly side: Side;
  /** Schemas that were written so far are added: a test compares them with what the protocol folder exports. */
  readonly seen: Set<z.ZodType>;
}

export interface Described {
  /** The type in words. */
  readonly type: string;
  readonly about: string;
  readonly isOptional: boolean;
  /** A list of its fields, where it has any. */
  readonly lines: readonly string[];
}

/** What is unwrapped on the way from a field's schema to the type that it holds. */
interface Unwrapped {
  readonly schema: z.ZodType;
  readonly about: string;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
  readonly fallback: string;
}

/** The schema with what surrounds it taken away: whether it may be absent or null, and its default. */
function unwrap(schema: z.ZodType, { side, seen }: Frame): Unwrapped {
  let [inner, about, fallback]: [z.ZodType, string, string] = [schema, '', ''];
  let [isOptional, isNullable] = [false, false];
  for (;;) {
    for (const own of lineage(inner)) seen.add(own);
    if (about === '') about = inner.description ?? '';
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodExactOptional) isOptional = true;
    else if (inner instanceof z.ZodNullable) isNullable = true;
    else if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      isOptional ||= side === 'input';
      fallback = JSON.stringify(inner.def.defaultValue);
    } else if (!(inner instanceof z.ZodReadonly)) return { schema: inner, about, isOptional, isNullable, fallback };
    inner = inner.def.innerType as z.ZodType;
  }
}

/** The schema and those that it was made of, as `.describe` makes one of another. */
export function lineage(schema: z.ZodType): readonly z.ZodType[] {
  const { parent } = schema._zod;
  return parent === undefined ? [schema] : [schema, ...lineage(parent as z.ZodType)];
}

function linkTo(schema: z.ZodType, named: NamedSchemas): TypeText {
  const name = named.get(schema) ?? '';
  return plain(`[${name}](#${name.toLowerCase().replaceAll(' ', '-')})`);
}

/** A field or a whole schema; `indent` is that of its own list. Throws RangeError for a schema that is not understood. */
export function describeSchema(schema: z.ZodType, frame: Frame, indent = '', isOwnSection = false): Described {
  const { schema: inner, about, isOptional, isNullable, fallback } = unwrap(schema, frame);
  const ofSection = isOwnSection ? undefined : lineage(inner).find((own) => frame.named.has(own));
  const { type, lines } = ofSection ? linkTo(ofSection, frame.named) : describeType(inner, frame, indent);
  // The description of a section stands there, and not again wherever the section is linked.
  const own = about === ofSection?.description ? '' : about;
  const standard = fallback !== '' && frame.side === 'input' ? `Default: \`${fallback}\`.` : '';
  return {
    type: isNullable ? `${type} or null` : type,
    about: [own, standard].filter((part) => part !== '').join(' '),
    isOptional,
    lines,
  };
}

interface TypeText {
  readonly type: string;
  readonly lines: readonly string[];
}

const plain = (type: string): TypeText => ({ type, lines: [] });

function describeType(schema: z.ZodType, frame: Frame, indent: string): TypeText {
  if (schema instanceof z.ZodString) return plain('text');
  if (schema instanceof z.ZodNumber) return plain(numberText(schema));
  if (schema instanceof z.ZodBoolean) return plain('true or false');
  if (schema instanceof z.ZodNull) return plain('null');
  if (schema instanceof z.ZodLiteral) return plain([...schema.values].map(quoted).join(' or '));
  if (schema instanceof z.ZodEnum) return plain(schema.options.map(quoted).join(' or '));
  if (schema instanceof z.ZodUnknown || schema instanceof z.ZodLazy) return plain('any JSON');
  // The one class that crosses a border whole, by structured cloning.
  if (schema instanceof z.ZodCustom) return plain('Float32Array');
  return describeCompound(schema, frame, indent);
}

function describeCompound(schema: z.ZodType, frame: Frame, indent: string): TypeText {
  if (schema instanceof z.ZodObject) return { type: 'object', lines: fieldLines(schema, frame, indent) };
  if (schema instanceof z.ZodArray)
    return prefixed('list of ', describeSchema(schema.element as z.ZodType, frame, indent));
  if (schema instanceof z.ZodRecord)
    return prefixed('map from text to ', describeSchema(schema.valueType as z.ZodType, frame, indent));
  if (schema instanceof z.ZodTuple) {
    const parts = schema.def.items.map((item) => describeSchema(item as z.ZodType, frame, indent));
    return { type: `[${parts.map(({ type }) => type).join(', ')}]`, lines: parts.flatMap(({ lines }) => lines) };
  }
  if (schema instanceof z.ZodUnion) {
    const tag = schema instanceof z.ZodDiscriminatedUnion ? schema.def.discriminator : undefined;
    return unionText({ options: schema.options as readonly z.ZodType[], tag }, frame, indent);
  }
  throw new RangeError(`docs/protocol.md cannot describe a schema of type ${schema.def.type}`);
}

function prefixed(prefix: string, { type, lines }: Described): TypeText {
  return { type: prefix + type, lines };
}

interface Alternatives {
  readonly options: readonly z.ZodType[];
  /** The field by whose value they are told apart. */
  readonly tag: string | undefined;
}

/** Alternatives without fields on one line; others as a list of their own. */
function unionText({ options, tag }: Alternatives, frame: Frame, indent: string): TypeText {
  const described = options.map((option) => describeSchema(option, frame, `${indent}  `));
  if (described.every(({ lines }) => lines.length === 0)) return plain(described.map(({ type }) => type).join(' or '));
  const lines = described.flatMap(({ type, about, lines: fields }, i) => [
    `${indent}- ${tagOf(options[i], tag) ?? type}${about === '' ? '' : `: ${about}`}`,
    ...fields,
  ]);
  return { type: 'one of', lines };
}

/** An object whose tag has one value is called by it. */
function tagOf(option: z.ZodType | undefined, tag: string | undefined): string | undefined {
  const field = option instanceof z.ZodObject && tag !== undefined ? (option.shape[tag] as z.ZodType) : undefined;
  return field instanceof z.ZodLiteral && tag !== undefined
    ? `\`${tag}\` ${[...field.values].map(quoted).join(' or ')}`
    : undefined;
}

function fieldLines(schema: z.ZodObject, frame: Frame, indent: string): readonly string[] {
  const fields = Object.entries<z.core.$ZodType>(schema.shape).map(([name, own]) => ({ label: `\`${name}\``, own }));
  const { catchall } = schema.def;
  const others = catchall === undefined || catchall instanceof z.ZodNever ? [] : [catchall];
  return [...fields, ...others.map((own) => ({ label: 'any other name', own }))].flatMap(({ label, own }) => {
    const { type, about, isOptional, lines } = describeSchema(own as z.ZodType, frame, `${indent}  `);
    const meaning = about === '' ? '' : `. ${about}`;
    return [`${indent}- ${label}${isOptional ? ' (optional)' : ''}: ${type}${meaning}`, ...lines];
  });
}

function numberText(schema: z.ZodNumber): string {
  const bounds = (schema.def.checks ?? []).flatMap((check) => {
    const { def } = check._zod;
    if (def.check !== 'greater_than' && def.check !== 'less_than') return [];
    const { value, inclusive } = def as z.core.$ZodCheckGreaterThanDef;
    const words = def.check === 'greater_than' ? ['from', 'above'] : ['to', 'below'];
    return [`${inclusive ? words[0] : words[1]} ${String(value)}`];
  });
  return [schema.format === 'safeint' ? 'integer' : 'number', ...bounds].join(' ');
}

const quoted = (value: unknown): string => `\`${JSON.stringify(value)}\``;
