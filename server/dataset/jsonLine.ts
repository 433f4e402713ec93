import { nameColumns } from './columns.ts';
import { type DatasetProblem, type Example, type FieldNames, namesTexts, noEscapes, type Span } from './example.ts';
import { itemSpans, jsonEscapes, memberSpans, skipSpace } from './jsonSource.ts';
import { lineBreaks, type LineResult, type LineSource } from './lineSource.ts';
import { locate, type Located } from './locatedText.ts';
import {
  answerIndex,
  chatTurns,
  contentKey,
  isAnswer,
  CONVERSATIONS,
  isParts,
  plainText,
  type Json,
} from './messages.ts';
import { recordShape, scalar, shapedTexts } from './shapedRecord.ts';
import { generalShapes, type Shape } from './shapes.ts';

/**
 * The examples of one JSONL line: `prompt` + `completion`, `text`, `messages` or ShareGPT's `conversations` (every
 * assistant message is an example), `chosen` and `rejected` (both are, each by its last assistant message, since such
 * pairs share the others), or Alpaca's `instruction`, `input` and `output`. Values may be strings or lists of messages.
 */
export function jsonLine(source: LineSource, fields: FieldNames): LineResult {
  const { text } = source;
  const start = skipSpace(text, 0);
  if (start === text.length) return { examples: [], problems: [] };
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    return problem(source, syntaxFault(text, error), 'Correct the line, or delete it.');
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return problem(source, fault('the line is JSON but no object'), 'Write one object a line: {"text": "..."}.');
  }
  const shape = recordShape(record, fields);
  return shape
    ? shapedExamples(source, record as Json, start, shape, fields)
    : objectExamples(source, record as Json, memberSpans(text, start), fields);
}

/** Of a record of a published form. */
function shapedExamples(source: LineSource, record: Json, start: number, shape: Shape, fields: FieldNames): LineResult {
  const texts = shapedTexts(source.text, start, record, shape, fields);
  if (typeof texts === 'string') return problem(source, fault(`${texts} (read as ${shape.name})`), nameColumns);
  return { examples: texts.map(({ located, rest }) => example(source, located, rest)), problems: [] };
}

function objectExamples(
  source: LineSource,
  record: Json,
  spans: ReadonlyMap<string, Span>,
  fields: FieldNames,
): LineResult {
  const find = (name: string): Located | undefined => locate(source.text, record[name], spans.get(name));
  const names = judgedFields(record, fields);
  if (names.length === 0) {
    const found = Object.keys(record)
      .map((name) => JSON.stringify(name))
      .join(', ');
    const what = `there is no ${wanted(fields)}; the line has ${found || 'no field'}`;
    const candidates = Object.keys(record).filter((name) => typeof record[name] === 'string');
    return problem(source, fault(what), nameColumns, candidates);
  }
  const shared = sharedFields(record, fields, names);
  const [first] = names;
  // Pairs share the turns before their answers.
  const isChat = first !== undefined && first.side === undefined;
  const earlier = isChat ? earlierTurns(source, record[first.name], spans.get(first.name), shared) : nothing;
  const examples: Example[] = [...earlier.examples];
  for (const { name, side } of names) {
    const whole = find(name);
    const located = side && whole && shared.prompt === undefined ? answerOnly(source.text, whole) : whole;
    if (located === undefined) {
      const what = `field ${JSON.stringify(name)} holds no ${typeof record[name] === 'object' ? 'single ' : ''}text`;
      const broken = problem(source, { what, at: spans.get(name)?.start }, nameColumns);
      return { examples: earlier.examples, problems: [...earlier.problems, ...broken.problems] };
    }
    const context = promptOf(record[name], located, shared.prompt);
    const turns = turnsOf(record[fields.prompt ?? 'prompt'], record[name]);
    examples.push(example(source, located, { ...shared, ...context, ...(turns && { turns }), ...(side && { side }) }));
  }
  return { examples, problems: earlier.problems };
}

const nothing: LineResult = { examples: [], problems: [] };

/**
 * The assistant messages of a chat before its last, each with the messages before it as its prompt. A message without
 * content, as one that only calls a tool, has no text to judge; content of another kind is a problem.
 */
function earlierTurns(source: LineSource, chat: unknown, span: Span | undefined, shared: Partial<Example>): LineResult {
  const examples: Example[] = [];
  const problems: DatasetProblem[] = [];
  const messages: readonly unknown[] = Array.isArray(chat) ? chat : [];
  const items = messages.length > 1 && span !== undefined ? itemSpans(source.text, span.start) : [];
  messages.slice(0, answerIndex(messages)).forEach((message, index) => {
    if (!isAnswer(message) || isSilent(message)) return;
    const located = locate(source.text, message, items[index]);
    if (located === undefined) {
      const what = `message ${index + 1} of the chat holds no text`;
      problems.push(...problem(source, { what, at: items[index]?.start }, nameColumns).problems);
      return;
    }
    const prompt = plainText(messages.slice(0, index)) ?? shared.prompt;
    examples.push(example(source, located, { ...shared, ...(prompt && { prompt }), isEarlierTurn: true }));
  });
  return { examples, problems };
}

function isSilent(message: Json): boolean {
  return (message[contentKey(message)] ?? null) === null;
}

/** The fields of the record that hold a text to judge; the first form that it has. */
function judgedFields(record: Json, fields: FieldNames): { name: string; side?: 'chosen' | 'rejected' }[] {
  const has = (name: string) => Object.hasOwn(record, name);
  const named = [fields.completion, fields.text, fields.messages].filter((name) => name !== undefined);
  if (named.length > 0)
    return named
      .filter(has)
      .slice(0, 1)
      .map((name) => ({ name }));
  const sides = (['chosen', 'rejected'] as const).map((side) => ({ name: fields[side] ?? side, side }));
  // Before "messages" and "text", in which some data sets repeat one of the answers.
  if (sides.every(({ name }) => has(name))) return sides;
  // Before "text", in which some copies of such data sets repeat instruction and answer.
  if (!has('completion') && isAlpaca(record)) return [{ name: 'output' }];
  for (const name of ['completion', 'text', ...CONVERSATIONS]) {
    if (has(name) && (name !== 'conversation' || Array.isArray(record[name]))) return [{ name }];
  }
  return sides.filter(({ name }) => has(name));
}

function wanted(fields: FieldNames): string {
  const named = [fields.completion, fields.text, fields.messages].filter((name) => name !== undefined);
  if (named.length > 0) return `field ${named.map((name) => JSON.stringify(name)).join(' or ')}`;
  const names = ['completion', 'text', 'messages'];
  return `field ${names.map((name) => JSON.stringify(name)).join(', ')} or "${fields.chosen ?? 'chosen'}"`;
}

type Named = ReturnType<typeof judgedFields>;

/** The form of a record of any content. */
function generalShape(record: Json, fields: FieldNames, [first]: Named): Shape | undefined {
  if (first === undefined || namesTexts(fields)) return undefined;
  if (first.side !== undefined) return generalShapes.preferences;
  if (first.name === 'output') return generalShapes.alpaca;
  if (first.name === 'completion') return typeof record.label === 'boolean' ? generalShapes.kto : generalShapes.pairs;
  if (first.name === 'text') return generalShapes.texts;
  return first.name === 'conversations' ? generalShapes.shareGpt : generalShapes.chats;
}

function sharedFields(
  record: Json,
  fields: FieldNames,
  names: Named,
): Pick<Example, 'prompt' | 'promptMessages' | 'label' | 'group' | 'shape'> {
  const asked = record[fields.prompt ?? 'prompt'];
  const messages = Array.isArray(asked) && !isParts(asked) ? asked.length : 0;
  const shape = generalShape(record, fields, names);
  const prompt = plainText(asked) ?? (isAlpaca(record) ? alpacaPrompt(record) : undefined);
  const label = scalar(record[fields.label ?? 'label']);
  const group = scalar(record[fields.group ?? 'group']);
  return {
    ...(shape && { shape }),
    ...(prompt !== undefined && { prompt }),
    ...(messages > 1 && { promptMessages: messages }),
    ...(label !== undefined && { label }),
    ...(group !== undefined && { group }),
  };
}

function example(
  { text, line, offset }: LineSource,
  { text: judged, inner, escapes: own }: Located,
  rest: Partial<Example>,
): Example {
  const range = { start: offset + inner.start, end: offset + inner.end };
  const isPlain = inner.end - inner.start === judged.length;
  const escapes = own ?? (isPlain ? noEscapes : jsonEscapes(text, inner));
  return { line: line + lineBreaks(text, 0, inner.start), text: judged, range, escapes, ...rest };
}

/** Stanford Alpaca's form: an instruction, what it is about (often empty), and the answer. */
const isAlpaca = (record: Json): boolean => typeof record.instruction === 'string' && typeof record.output === 'string';

/** The instruction, and after a blank line its input where there is one. */
function alpacaPrompt({ instruction, input }: Json): string {
  return [instruction, input].filter((part) => typeof part === 'string' && part.trim() !== '').join('\n\n');
}

/** What stands before the answer, and in how many messages; `given` is the line's own prompt. */
function promptOf(
  value: unknown,
  { before }: Located,
  given: string | undefined,
): Pick<Example, 'prompt' | 'promptMessages'> {
  if (given !== undefined) return {};
  if (before !== undefined) return { prompt: before };
  const earlier = Array.isArray(value) && !isParts(value) ? value.slice(0, answerIndex(value)) : [];
  const prompt = plainText(earlier);
  return prompt ? { prompt, ...(earlier.length > 1 && { promptMessages: earlier.length }) } : {};
}

/** The chat that ends in an answer: its own messages, behind those of the line's prompt where that is a list of them. */
function turnsOf(prompt: unknown, value: unknown): Example['turns'] {
  if (!Array.isArray(value) || isParts(value)) return undefined;
  return chatTurns(
    Array.isArray(prompt) && !isParts(prompt) ? [...(prompt as unknown[]), ...(value as unknown[])] : value,
  );
}

/** Where the last answer of a conversation begins that is written as one text (Anthropic's HH). */
const LAST_ANSWER = String.raw`\n\nAssistant:`;

/** The answer alone of a preference pair whose texts hold the whole conversation; any other text as it stands. */
function answerOnly(source: string, { text, inner }: Located): Located {
  const raw = source.slice(inner.start, inner.end);
  const found = raw.lastIndexOf(LAST_ANSWER);
  if (found < 0 || !text.includes('\n\nHuman:')) return { text, inner };
  const at = found + LAST_ANSWER.length;
  const decoded = (part: string): string => JSON.parse(`"${part}"`) as string;
  const answer = { text: decoded(raw.slice(at)), inner: { start: inner.start + at, end: inner.end } };
  return { ...answer, before: decoded(raw.slice(0, at)) };
}

interface Fault {
  readonly what: string;
  /** Offset into the line where it is known. */
  readonly at?: number | undefined;
}

const fault = (what: string): Fault => ({ what });

function syntaxFault(text: string, error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message)?.[1];
  // The parser quotes the text at length; its first clause says what was wrong.
  const reason = message.replace(/,? ?(\.\.\.)?".*$/s, '').replace(/ in JSON at position.*$/s, '');
  return { what: `the line is no JSON: ${reason}`, at: position === undefined ? text.length : Number(position) };
}

function problem(
  { text, line, offset }: LineSource,
  { what, at }: Fault,
  remedy: string,
  candidates?: readonly string[],
): LineResult {
  const range = at === undefined ? { start: offset, end: offset + text.length } : faultSpan(text.length, at, offset);
  const found: DatasetProblem = { line, range, what, remedy, ...(candidates && { candidates }) };
  return { examples: [], problems: [found] };
}

/** From the fault to the line's end, at least one unit wide where the line has one. */
function faultSpan(length: number, at: number, offset: number): Span {
  return { start: offset + Math.max(0, Math.min(at, length - 1)), end: offset + length };
}
