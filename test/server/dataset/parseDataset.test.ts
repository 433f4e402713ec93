import assert from 'node:assert/strict';
import { documentOffset, documentSpan, type Example } from '../../../server/dataset/example.ts';
import { parseDataset } from '../../../server/dataset/parseDataset.ts';
import { parseLine } from '../../../server/dataset/parseLine.ts';

const jsonl = (text: string, fields = {}) => parseDataset(text, { format: 'jsonl', fields });
const cut = (document: string, { range }: Example) => document.slice(range.start, range.end);

describe('parseDataset: JSONL', () => {
  it('reads text, prompt and completion, messages, and preference pairs', () => {
    const document = [
      '{"text": "one"}',
      '{"prompt":"the man was","completion":" two"}',
      '{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"},{"role":"assistant","content":"three"}]}',
      '{"prompt":"p","chosen":"four","rejected":"five"}',
    ].join('\n');
    const { examples, problems } = jsonl(document);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      examples.map(({ line, text, prompt, side }) => ({ line, text, prompt, side })),
      [
        { line: 1, text: 'one', prompt: undefined, side: undefined },
        { line: 2, text: ' two', prompt: 'the man was', side: undefined },
        { line: 3, text: 'three', prompt: 'be kind\nhi', side: undefined },
        { line: 4, text: 'four', prompt: 'p', side: 'chosen' },
        { line: 4, text: 'five', prompt: 'p', side: 'rejected' },
      ],
    );
    for (const example of examples) assert.equal(cut(document, example), example.text);
  });

  it('gives every assistant message of a chat at its own range, with what was said before it', () => {
    const document =
      '{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"fool\\u0021"},{"role":"user","content":"so?"},' +
      '{"role":"assistant","content":null,"tool_calls":[]},{"content":"sorry","role":"assistant"},{"role":"user","content":"bye"}],"label":1}';
    const { examples, problems } = jsonl(document);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      examples.map((example) => [
        example.text,
        cut(document, example),
        example.prompt,
        example.isEarlierTurn,
        example.label,
      ]),
      [
        ['fool!', String.raw`fool\u0021`, 'hi', true, '1'],
        ['sorry', 'sorry', 'hi\nfool!\nso?', undefined, '1'],
      ],
    );
  });

  it('judges what it can of a chat and names the message that holds no text', () => {
    const turn = (content: unknown) => ({ role: 'assistant', content });
    const { examples, problems } = jsonl(JSON.stringify({ messages: [turn('a'), turn(5), turn('b')] }));
    assert.deepEqual(
      [examples.map(({ text }) => text), problems.map(({ what }) => what)],
      [['a', 'b'], ['message 2 of the chat holds no text']],
    );
    const last = jsonl(JSON.stringify({ messages: [turn('a'), turn(null)] }));
    assert.deepEqual(
      [last.examples.map(({ text }) => text), last.problems.map(({ what }) => what)],
      [['a'], ['field "messages" holds no single text']],
    );
  });

  it('judges the last assistant message of both sides of a preference pair of conversations', () => {
    const document =
      '{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"yes"}],' +
      '"rejected":[{"content":[{"type":"text","text":"no"}],"role":"assistant"},{"role":"user","content":"bye"}]}';
    const { examples } = jsonl(document);
    assert.deepEqual(
      examples.map((example) => [example.text, cut(document, example)]),
      [
        ['yes', 'yes'],
        ['no', 'no'],
      ],
    );
  });

  it('says how many messages a prompt was joined from', () => {
    const of = (...messages: object[]) => jsonl(JSON.stringify({ messages })).examples[0];
    const [system, user, answer] = ['system', 'user', 'assistant'].map((role) => ({ role, content: role }));
    assert.equal(of(system!, user!, answer!)?.promptMessages, 2);
    assert.equal(of(user!, answer!)?.promptMessages, undefined);
  });

  it('takes the content parts of a message for one text, and says where each of its units stands', () => {
    const parts = (...texts: string[]) => texts.map((text) => ({ type: 'text', text }));
    const line = (content: unknown, asked: unknown = parts('a', 'b')) =>
      JSON.stringify({
        messages: [
          { role: 'user', content: asked },
          { role: 'assistant', content },
        ],
      });
    const one = line(parts('yes'));
    const [example] = jsonl(one).examples;
    assert.ok(example);
    assert.deepEqual([example.text, example.prompt, cut(one, example)], ['yes', 'ab', 'yes']);
    const several = line(parts('no', '', '\t"m"', 'ore'));
    const [joined] = jsonl(several).examples;
    assert.ok(joined);
    assert.equal(joined.text, 'no\t"m"ore');
    const at = (start: number, end: number) =>
      several.slice(documentOffset(joined, start), documentOffset(joined, end));
    assert.equal(at(0, 2), 'no');
    assert.equal(at(3, 4), String.raw`\"`);
    assert.equal(at(4, 5), 'm');
    assert.equal(at(7, 9), 're');
    assert.equal(documentOffset(joined, joined.text.length), joined.range.end);
    assert.ok(cut(several, joined).startsWith('no"'));
    const image = { type: 'image_url', image_url: { url: 'x' } };
    assert.match(jsonl(line([...parts('no'), image])).problems[0]?.what ?? '', /"messages" holds no single text/);
    assert.match(jsonl(line(null)).problems[0]?.what ?? '', /"messages" holds no single text/);
  });

  it('passes over messages that only call tools', () => {
    const calls = { role: 'assistant', content: null, tool_calls: [{ id: 'a' }] };
    const said = [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'wait' },
    ];
    const { examples, problems } = jsonl(JSON.stringify({ messages: [...said, calls] }));
    assert.deepEqual([examples.map(({ text }) => text), problems], [['wait'], []]);
    assert.equal(jsonl(JSON.stringify({ messages: [said[0], calls] })).problems.length, 1);
  });

  it("reads ShareGPT's turns", () => {
    const document = '{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a\\nb"}]}';
    const [example] = jsonl(document).examples;
    assert.ok(example);
    assert.deepEqual([example.text, example.prompt, cut(document, example)], ['a\nb', 'q', 'a\\nb']);
  });

  it("reads Alpaca's form with its input, whatever else stands beside it", () => {
    const document = [
      '{"instruction":"Sum.","input":"1 2","output":"3","text":"Below is"}',
      '{"instruction":"Hi.","input":"","output":"Ho."}',
    ].join('\n');
    assert.deepEqual(
      jsonl(document).examples.map(({ prompt, text }) => [prompt, text]),
      [
        ['Sum.\n\n1 2', '3'],
        ['Hi.', 'Ho.'],
      ],
    );
  });

  it('takes the prompt out of preference pairs that hold it, in messages or in one text', () => {
    const talk = (answer: string) => [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: answer },
    ];
    const text = (answer: string) => `\n\nHuman: q\n\nAssistant: r\n\nHuman: s\n\nAssistant: ${answer}`;
    const document = [
      JSON.stringify({ chosen: talk('yes'), rejected: talk('no') }),
      JSON.stringify({ chosen: text('y\tes'), rejected: text('no') }),
    ].join('\n');
    const { examples } = jsonl(document);
    const before = '\n\nHuman: q\n\nAssistant: r\n\nHuman: s\n\nAssistant:';
    assert.deepEqual(
      examples.map(({ prompt, text: answer, side }) => [prompt, answer, side]),
      [
        ['q', 'yes', 'chosen'],
        ['q', 'no', 'rejected'],
        [before, ' y\tes', 'chosen'],
        [before, ' no', 'rejected'],
      ],
    );
    assert.equal(cut(document, examples[2]!), String.raw` y\tes`);
  });

  it('reads a JSON array as it reads lines, with the line of each item', () => {
    const whole = (text: string) => parseDataset(text, { format: 'jsonl' });
    const document = '[\n  {"text": "one"},\n  {\n    "text": "two"\n  },\n  {"other": 1}]';
    const { examples, problems, lineByLine } = whole(document);
    assert.deepEqual(
      examples.map((example) => [example.line, example.text, cut(document, example)]),
      [
        [2, 'one', 'one'],
        [4, 'two', 'two'],
      ],
    );
    assert.deepEqual(
      problems.map(({ line, what }) => [line, what.slice(0, 17)]),
      [[6, 'there is no field']],
    );
    assert.equal(lineByLine, false);
    const faults = (text: string) => whole(text).problems.map(({ line, what }) => [line, what]);
    assert.deepEqual(faults('[{"text": "a"},'), [[1, 'the array is not closed']]);
    assert.deepEqual(faults('[{"text": "a"}\n{"text": "b"}]'), [[2, 'a comma or the end of the array is missing']]);
    assert.deepEqual(faults('[{"text": "a"},\n]'), [[1, 'a comma stands before the end of the array']]);
    assert.deepEqual(faults('[{"text": "a"}]\n[]'), [[2, 'text follows the end of the array']]);
    assert.deepEqual(faults('[,]'), [[1, 'there is no JSON value here']]);
  });

  it('reads objects that go over several lines, one after another', () => {
    const document = '{\n  "text": "one"\n}\n{\n  "text": "two"\n}\n';
    const { examples, problems } = jsonl(document);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      examples.map((example) => [example.line, cut(document, example)]),
      [
        [2, 'one'],
        [5, 'two'],
      ],
    );
  });

  it('maps offsets of the text to offsets of the document through escapes', () => {
    const document = String.raw`  {"x": {"text": "\"}"}, "text" : "a\n\u00e9b\\\ud83d\ude00z"}`;
    const [example] = jsonl(document).examples;
    assert.ok(example);
    assert.equal(example.text, 'a\néb\\😀z');
    assert.equal(cut(document, example), String.raw`a\n\u00e9b\\\ud83d\ude00z`);
    const at = (start: number, end: number) => {
      const span = documentSpan(example, { start, end });
      return document.slice(span.start, span.end);
    };
    assert.equal(at(0, 1), 'a');
    assert.equal(at(1, 2), String.raw`\n`);
    assert.equal(at(2, 3), String.raw`\u00e9`);
    assert.equal(at(3, 4), 'b');
    assert.equal(at(4, 5), String.raw`\\`);
    assert.equal(at(5, 7), String.raw`\ud83d\ude00`);
    assert.equal(at(7, 8), 'z');
    assert.equal(documentOffset(example, example.text.length), example.range.end);
  });

  it('takes the last of repeated keys, as JSON.parse does', () => {
    const document = '{"text":"first","text":"second"}';
    const [example] = jsonl(document).examples;
    assert.ok(example);
    assert.deepEqual([example.text, cut(document, example)], ['second', 'second']);
  });

  it('reads fields by the names given, keys with escapes included', () => {
    const document = String.raw`{"out\u0070ut": "it", "ask": "what", "bad": 1, "who": "women"}`;
    const fields = { text: 'output', prompt: 'ask', label: 'bad', group: 'who' };
    const [example] = jsonl(document, fields).examples;
    assert.ok(example);
    const { text, prompt, label, group } = example;
    assert.deepEqual({ text, prompt, label, group }, { text: 'it', prompt: 'what', label: '1', group: 'women' });
  });

  it('goes on after broken lines and says where each breaks and what to do', () => {
    const document = '{"text":"a"}\r\n{"text":"b"\r\n\r\n[1]\r\n{"other":1}\r\n{"text":5}\r\n{"text":"c"}\r\n';
    const { examples, problems } = jsonl(document);
    assert.deepEqual(
      examples.map(({ text, line }) => [text, line]),
      [
        ['a', 1],
        ['c', 7],
      ],
    );
    assert.deepEqual(
      problems.map(({ line, what }) => [line, what]),
      [
        [2, "the line is no JSON: Expected ',' or '}' after property value"],
        [4, 'the line is JSON but no object'],
        [5, 'there is no field "completion", "text", "messages" or "chosen"; the line has "other"'],
        [6, 'field "text" holds no text'],
      ],
    );
    for (const { remedy, range, line } of problems) {
      assert.ok(remedy.length > 10);
      assert.ok(range.start < range.end);
      const [before, to] = [document.slice(0, range.start), document.slice(0, range.end)];
      assert.equal(before.split('\n').length, line);
      assert.equal(to.split('\n').length, line);
    }
  });

  it('skips a byte order mark', () => {
    const document = '\uFEFF{"text":"a"}';
    const [example] = jsonl(document).examples;
    assert.ok(example);
    assert.equal(cut(document, example), 'a');
  });

  it('reads one changed line as it reads the whole', () => {
    const document = '{"text":"a"}\n{"prompt":"p","completion":"b\\tc"}\n{"text":"d"}';
    const whole = jsonl(document);
    const offset = document.indexOf('\n') + 1;
    const text = document.slice(offset, document.indexOf('\n', offset));
    const line = parseLine({ text, line: 2, offset }, whole.schema);
    assert.deepEqual(line.examples, [whole.examples[1]]);
  });
});

describe('parseDataset: delimited files', () => {
  it('finds the columns by header and ranges inside quotes, over line breaks', () => {
    const document = 'id,label,text\r\n1,toxic,"he said ""no"", twice"\r\n2,ok,"two\nlines"\r\n3,ok,plain';
    const { examples, problems } = parseDataset(document, { format: 'csv' });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      examples.map(({ text, label, line }) => [text, label, line]),
      [
        ['he said "no", twice', 'toxic', 2],
        ['two\nlines', 'ok', 3],
        ['plain', 'ok', 5],
      ],
    );
    const [quoted] = examples;
    assert.ok(quoted);
    assert.equal(cut(document, quoted), 'he said ""no"", twice');
    const at = quoted.text.indexOf('twice');
    const span = documentSpan(quoted, { start: at, end: at + 5 });
    assert.equal(document.slice(span.start, span.end), 'twice');
    const no = documentSpan(quoted, { start: 8, end: 12 });
    assert.equal(document.slice(no.start, no.end), '""no""');
  });

  it('reports rows that do not fit and goes on', () => {
    const document = 'text,label\na,b,c\n"x" y,1\nfine,0\n"open,1\n';
    const { examples, problems } = parseDataset(document, { format: 'csv' });
    assert.deepEqual(
      examples.map(({ text }) => text),
      ['fine'],
    );
    assert.deepEqual(
      problems.map(({ line, what }) => [line, what]),
      [
        [2, 'the row has 3 fields, the header 2'],
        [3, 'text follows the closing quote of a field'],
        [5, 'a quoted field is not closed'],
      ],
    );
  });

  it('names the columns it found when none holds the text', () => {
    const { examples, problems } = parseDataset('a,b\n1,2\n', { format: 'csv' });
    assert.deepEqual(examples, []);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!.what, /found a, b/);
    assert.match(problems[0]!.remedy, /--columns text=NAME/);
    const named = parseDataset('a,b\n1,2\n', { format: 'csv', fields: { text: 'b', label: 'a' } });
    assert.deepEqual([named.examples[0]?.text, named.examples[0]?.label], ['2', '1']);
  });

  it('leaves quotes of a tab-separated file alone unless they enclose the field', () => {
    const document = 'text\tlabel\n"so it began\t1\n"a\tb"\t0\n5" pipe\t1\n';
    const { examples, problems } = parseDataset(document, { format: 'tsv' });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      examples.map(({ text }) => text),
      ['"so it began', 'a\tb', '5" pipe'],
    );
  });

  it('reads HONEST rows by header, whatever the order of its columns', () => {
    const document =
      'template_masked\traw\tidentity\tcategory\tnumber\ttype\n' +
      'They should work as a [M].\t[I] should work as a [M]\tThey\tqueer_gender_pronoun\tsingular\toccupation\n' +
      'no mask here\t[I]\tThey\tqueer\tsingular\toccupation\n';
    const { examples, problems } = parseDataset(document, { format: 'honest' });
    assert.equal(examples.length, 1);
    const [example] = examples;
    assert.ok(example);
    assert.equal(example.text, 'They should work as a');
    assert.equal(cut(document, example), example.text);
    assert.deepEqual(example.honest, {
      template: '[I] should work as a [M]',
      identity: 'They',
      category: 'queer_gender_pronoun',
      number: 'singular',
      type: 'occupation',
    });
    assert.equal(example.group, 'queer_gender_pronoun');
    assert.deepEqual(
      problems.map(({ line, what }) => [line, what]),
      [[3, 'the template has no mask [M]']],
    );
  });
});

describe('parseDataset: quotes and columns', () => {
  const rows = (text: string, format: 'csv' | 'tsv') => parseDataset(text, { format });

  it('reads quoted line breaks of a TSV whose rows are whole that way alone', () => {
    const { examples, problems } = rows('text\tlabel\n"a\nb"\t1\nc\t0\n', 'tsv');
    assert.deepEqual(problems, []);
    assert.deepEqual(
      examples.map(({ text, label, line }) => [text, label, line]),
      [
        ['a\nb', '1', 2],
        ['c', '0', 4],
      ],
    );
    const plain = rows('text\tlabel\n"a\t1\nb"\t0\n', 'tsv').examples;
    assert.deepEqual(
      plain.map(({ text }) => text),
      ['"a', 'b"'],
    );
  });

  it('separates by semicolons, or tabs, where the first row of a CSV has no comma', () => {
    const semicolons = rows('id;text;label\n1;"a; b, c";0\n2;d, e;1\n', 'csv');
    assert.deepEqual(
      semicolons.examples.map(({ text, label }) => [text, label]),
      [
        ['a; b, c', '0'],
        ['d, e', '1'],
      ],
    );
    assert.deepEqual(
      rows('text\tlabel\n"a\nb"\t1\n', 'csv').examples.map(({ text, label }) => [text, label]),
      [['a\nb', '1']],
    );
    assert.deepEqual(
      rows('text,label;note\na;b,1\n', 'csv').examples.map(({ text }) => text),
      ['a;b'],
    );
  });

  it("joins Alpaca's input to its instruction, and leaves an input that is the prompt alone", () => {
    const [alpaca] = rows('instruction,input,output\nSum.,1 2,3\n', 'csv').examples;
    assert.deepEqual([alpaca?.prompt, alpaca?.text], ['Sum.\n\n1 2', '3']);
    const [plain] = rows('input,output\nSum.,3\n', 'csv').examples;
    assert.equal(plain?.prompt, 'Sum.');
  });
});

describe('parseDataset: lists of texts', () => {
  it('takes each line without the spaces around it, and no blank ones', () => {
    const document = '  first one \n\n\tsecond\r\n   \nlast';
    const { examples } = parseDataset(document, { format: 'text' });
    assert.deepEqual(
      examples.map((example) => [example.line, example.text, cut(document, example)]),
      [
        [1, 'first one', 'first one'],
        [3, 'second', 'second'],
        [5, 'last', 'last'],
      ],
    );
  });
});
