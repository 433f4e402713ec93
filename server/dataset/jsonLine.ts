import { type DatasetProblem, type Example, type FieldNames, noEscapes, type Span } from './example.ts';
import { itemSpans, jsonEscapes, memberSpans, skipSpace } from './jsonSource.ts';
import { lineBreaks, type LineResult, type LineSource } from './lineSource.ts';
import { answerIndex, contentKey, isAnswer, CONVERSATIONS, isParts, plainText, type Json } from './messages.ts';

/** A string of the record and its source, both relative to the line. */
interface Located {
  readonly text: string;
  readonly inner: Span;
  /** What stands before it in the same string, where that is a conversation. */
  readonly before?: string;
}

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
  return objectExamples(source, record as Json, memberSpans(text, start), fields);
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
    return problem(source, fault(what), fieldRemedy, candidates);
  }
  const shared = sharedFields(record, fields);
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
      const broken = problem(source, { what, at: spans.get(name)?.start }, fieldRemedy);
      return { examples: earlier.examples, problems: [...earlier.problems, ...broken.problems] };
    }
    const context = promptOf(record[name], located, shared.prompt);
    examples.push(example(source, located, { ...shared, ...context, ...(side && { side }) }));
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
      problems.push(...problem(source, { what, at: items[index]?.start }, fieldRemedy).problems);
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
  const conversations = fields.messages === undefined ? CONVERSATIONS : [fields.messages];
  const completion = fields.completion ?? 'completion';
  // Before "text", in which some copies of such data sets repeat instruction and answer.
  if (!has(completion) && fields.text === undefined && isAlpaca(record)) return [{ name: 'output' }];
  for (const name of [completion, fields.text ?? 'text', ...conversations]) {
    if (has(name)) return [{ name }];
  }
  return (['chosen', 'rejected'] as const)
    .map((side) => ({ name: fields[side] ?? side, side }))
    .filter(({ name }) => has(name));
}

function wanted(fields: FieldNames): string {
  const names = [fields.completion ?? 'completion', fields.text ?? 'text', fields.messages ?? 'messages'];
  return `field ${names.map((name) => JSON.stringify(name)).join(', ')} or "${fields.chosen ?? 'chosen'}"`;
}

const fieldRemedy =
  'Name the field that holds the text in the settings or the sweep file (fields.text, fields.completion).';

function sharedFields(record: Json, fields: FieldNames): Pick<Example, 'prompt' | 'label' | 'group'> {
  const prompt = plainText(record[fields.prompt ?? 'prompt']) ?? (isAlpaca(record) ? alpacaPrompt(record) : undefined);
  const label = scalar(record[fields.label ?? 'label']);
  const group = scalar(record[fields.group ?? 'group']);
  return {
    ...(prompt !== undefined && { prompt }),
    ...(label !== undefined && { label }),
    ...(group !== undefined && { group }),
  };
}

function example(
  { text, line, offset }: LineSource,
  { text: judged, inner }: Located,
  rest: Partial<Example>,
): Example {
  const range = { start: offset + inner.start, end: offset + inner.end };
  const escapes = inner.end - inner.start === judged.length ? noEscapes : jsonEscapes(text, inner);
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

/**
 * The text of a value that is a string, a message, a list of messages (its last assistant message, else its last) or of
 * content parts; undefined where there is none, or more than one part.
 */
function locate(source: string, value: unknown, span: Span | undefined): Located | undefined {
  if (span === undefined) return undefined;
  if (typeof value === 'string') return { text: value, inner: { start: span.start + 1, end: span.end - 1 } };
  if (Array.isArray(value)) {
    if (isParts(value) && value.length > 1) return undefined;
    const index = answerIndex(value);
    return locate(source, value[index], itemSpans(source, span.start)[index]);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const name = contentKey(value as Json);
  return locate(source, (value as Json)[name], memberSpans(source, span.start).get(name));
}

function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
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
