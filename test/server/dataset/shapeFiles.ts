/** A small file of our own making for each form of data set, with what is read of it, worked out by hand. */
export interface ShapeFile {
  readonly form: string;
  readonly file: string;
  readonly content: string;
  /** Text, prompt, group and label of every example. */
  readonly examples: readonly (readonly [string, (string | undefined)?, (string | undefined)?, string?])[];
  /** What the file was taken for. */
  readonly takenFor?: string;
  /** How many texts hold an insult. */
  readonly toxic: number;
  /** What `readPrompts` gives; undefined where nothing of it is a prompt. */
  readonly prompts?: readonly string[] | undefined;
}

const lines = (...records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');
const rows = (delimiter: string, ...cells: readonly (readonly string[])[]): string =>
  cells.map((row) => `${row.join(delimiter)}\n`).join('');

const stereo = { id: 'x', target: 'nurse', bias_type: 'gender', context: 'The nurse is BLANK.' };
const talk = (...said: readonly [string, string][]) => said.map(([from, value]) => ({ from, value }));
const messages = (...said: readonly [string, string][]) => said.map(([role, content]) => ({ role, content }));

export const shapeFiles: readonly ShapeFile[] = [
  {
    form: 'RealToxicityPrompts',
    file: 'rtp.jsonl',
    content: lines(
      {
        filename: 'a',
        begin: 0,
        prompt: { text: 'So he', toxicity: 0.1 },
        continuation: { text: ' is an idiot', toxicity: 0.9 },
      },
      {
        filename: 'b',
        begin: 5,
        prompt: { text: 'And she', toxicity: null },
        continuation: { text: ' sang', toxicity: 0.1 },
      },
    ),
    examples: [
      [' is an idiot', 'So he'],
      [' sang', 'And she'],
    ],
    takenFor: 'RealToxicityPrompts (text: continuation.text; prompt: prompt.text)',
    toxic: 1,
    prompts: ['So he', 'And she'],
  },
  {
    form: 'BOLD',
    file: 'bold.jsonl',
    content: lines(
      {
        domain: 'gender',
        name: 'A',
        category: 'American_actors',
        prompts: ['A is an ', 'A idiot, '],
        wikipedia: ['A is an actor', 'A'],
      },
      { domain: 'gender', name: 'B', category: 'American_actresses', prompts: ['B was '], wikipedia: ['B was one'] },
    ),
    examples: [
      ['A is an ', undefined, 'American_actors'],
      ['A idiot, ', undefined, 'American_actors'],
      ['B was ', undefined, 'American_actresses'],
    ],
    takenFor: 'BOLD (text: prompts[]; group: category)',
    toxic: 1,
    prompts: ['A is an ', 'A idiot, ', 'B was '],
  },
  {
    form: 'BBQ',
    file: 'bbq.jsonl',
    content: lines({
      ...{ example_id: 1, question_index: '1', question_polarity: 'neg', category: 'Age', context_condition: 'ambig' },
      ...{
        context: 'A man and a boy met.',
        question: 'Who forgot?',
        ans0: 'The man',
        ans1: 'The idiot',
        ans2: 'Unknown',
        label: 2,
      },
    }),
    examples: [['Unknown', 'A man and a boy met. Who forgot?', 'Age']],
    takenFor: 'BBQ (text: ans0, ans1, ans2; prompt: context, question; group: category)',
    toxic: 0,
    prompts: ['A man and a boy met. Who forgot?'],
  },
  {
    form: 'CrowS-Pairs',
    file: 'crows.csv',
    content: rows(
      ',',
      ['', 'sent_more', 'sent_less', 'stereo_antistereo', 'bias_type', 'annotations'],
      ['0', '"She, an idiot, came."', '"He, an idiot, came."', 'stereo', 'gender', "\"[['gender'], ['gender']]\""],
      ['1', 'They sang.', 'We sang.', 'antistereo', 'nationality', '[]'],
    ),
    examples: [
      ['She, an idiot, came.', undefined, 'gender'],
      ['He, an idiot, came.', undefined, 'gender'],
      ['They sang.', undefined, 'nationality'],
      ['We sang.', undefined, 'nationality'],
    ],
    takenFor: 'CrowS-Pairs (text: sent_more, sent_less; group: bias_type)',
    toxic: 2,
    prompts: ['She, an idiot, came.', 'He, an idiot, came.', 'They sang.', 'We sang.'],
  },
  {
    form: 'HateCheck',
    file: 'hatecheck.csv',
    content: rows(
      ',',
      ['', 'functionality', 'case_id', 'test_case', 'label_gold', 'target_ident', 'direction'],
      ['0', 'derog_neg_emote_h', '1', 'You idiot.', 'hateful', 'women', 'directed'],
      ['1', 'ident_neutral_nh', '2', 'I am a man.', 'non-hateful', '', ''],
    ),
    examples: [
      ['You idiot.', undefined, 'women', 'hateful'],
      ['I am a man.', undefined, '', 'non-hateful'],
    ],
    takenFor: 'HateCheck (text: test_case; label: label_gold; group: target_ident)',
    toxic: 1,
    prompts: ['You idiot.', 'I am a man.'],
  },
  {
    form: 'ParaDetox of its authors',
    file: 'paradetox.tsv',
    content: rows(
      '\t',
      ['toxic', 'neutral1', 'neutral2', 'neutral3'],
      ['you idiot', 'you are wrong', 'that is wrong', ''],
      ['what an idiot', 'he errs', '', ''],
    ),
    examples: [
      ['you are wrong', 'you idiot'],
      ['that is wrong', 'you idiot'],
      ['he errs', 'what an idiot'],
    ],
    takenFor: 'ParaDetox (text: neutral1, neutral2, neutral3; prompt: toxic)',
    toxic: 0,
    prompts: ['you idiot', 'what an idiot'],
  },
  {
    form: 'ParaDetox of the hub',
    file: 'paradetox.jsonl',
    content: lines({ en_toxic_comment: 'you idiot', en_neutral_comment: 'you are wrong' }),
    examples: [['you are wrong', 'you idiot']],
    takenFor: 'ParaDetox (text: en_neutral_comment; prompt: en_toxic_comment)',
    toxic: 0,
    prompts: ['you idiot'],
  },
  {
    form: 'ToxiGen as people rated it',
    file: 'toxigen.csv',
    content: rows(
      ',',
      ['text', 'target_group', 'factual?', 'ingroup_effect', 'toxicity_ai', 'toxicity_human'],
      ['you idiot', 'women', 'x', 'y', '4', '4.5'],
      ['a song', 'muslim', 'x', 'y', '1', '3'],
    ),
    examples: [
      ['you idiot', undefined, 'women', '4.5'],
      ['a song', undefined, 'muslim', '3'],
    ],
    takenFor: 'ToxiGen (text: text; label: toxicity_human; group: target_group)',
    toxic: 1,
    prompts: ['you idiot', 'a song'],
  },
  {
    form: 'ToxiGen as it was generated',
    file: 'toxigen.jsonl',
    content: lines({
      prompt: 'women sing',
      generation: 'they sing',
      generation_method: 'topk',
      group: 'women',
      prompt_label: 0,
    }),
    examples: [['they sing', 'women sing', 'women']],
    takenFor: 'ToxiGen (text: generation; prompt: prompt; group: group)',
    toxic: 0,
    prompts: ['women sing'],
  },
  {
    form: 'StereoSet of the hub',
    file: 'stereoset.jsonl',
    content: lines({
      ...stereo,
      sentences: { sentence: ['A nurse is an idiot.', 'A nurse sings.'], gold_label: [1, 0] },
    }),
    examples: [
      ['A nurse is an idiot.', undefined, 'gender'],
      ['A nurse sings.', undefined, 'gender'],
    ],
    takenFor: 'StereoSet (text: sentences.sentence[]; group: bias_type)',
    toxic: 1,
    prompts: ['A nurse is an idiot.', 'A nurse sings.'],
  },
  {
    form: 'StereoSet of its authors',
    file: 'stereoset.json',
    content: JSON.stringify(
      {
        version: '1',
        data: {
          intersentence: [{ ...stereo, bias_type: 'race', sentences: [{ sentence: 'So he came.', gold_label: 'x' }] }],
          intrasentence: [{ ...stereo, sentences: [{ sentence: 'What an idiot.' }, { sentence: 'She "sang".' }] }],
        },
      },
      undefined,
      2,
    ),
    examples: [
      ['So he came.', undefined, 'race'],
      ['What an idiot.', undefined, 'gender'],
      ['She "sang".', undefined, 'gender'],
    ],
    takenFor:
      'StereoSet (text: data.intersentence[].sentences[].sentence, data.intrasentence[].sentences[].sentence; ' +
      'group: data.intersentence[].bias_type, data.intrasentence[].bias_type)',
    toxic: 1,
    prompts: ['So he came.', 'What an idiot.', 'She "sang".'],
  },
  {
    form: 'WinoBias of its authors',
    file: 'anti_stereotyped_type1.txt.dev',
    content: '1 [The developer] met the nurse because [he] sang.\n2 The idiot saw [the baker] and thanked [her].\n',
    examples: [['The developer met the nurse because he sang.'], ['The idiot saw the baker and thanked her.']],
    takenFor: 'WinoBias (text: the sentence)',
    toxic: 1,
    prompts: ['The developer met the nurse because he sang.', 'The idiot saw the baker and thanked her.'],
  },
  {
    form: 'WinoBias of the hub',
    file: 'winobias.jsonl',
    content: lines({
      document_id: 'a',
      tokens: ['The', 'idiot', 'did', "n't", 'see', 'her', ',', 'he', 'sang', '.'],
      coreference_clusters: ['0', '1'],
    }),
    examples: [["The idiot didn't see her, he sang."]],
    takenFor: 'WinoBias (text: tokens[+])',
    toxic: 1,
    prompts: ["The idiot didn't see her, he sang."],
  },
  {
    form: 'Jigsaw',
    file: 'train.csv',
    content: rows(
      ',',
      ['id', 'comment_text', 'toxic', 'severe_toxic', 'obscene', 'threat', 'insult', 'identity_hate'],
      ['a', '"You idiot,\n""sir"""', '1', '0', '0', '0', '1', '0'],
      ['b', 'Thanks!', '0', '0', '0', '0', '0', '0'],
    ),
    examples: [
      ['You idiot,\n"sir"', undefined, undefined, '1'],
      ['Thanks!', undefined, undefined, '0'],
    ],
    takenFor: 'Jigsaw toxic comments (text: comment_text; label: toxic)',
    toxic: 1,
    prompts: ['You idiot,\n"sir"', 'Thanks!'],
  },
  {
    form: 'Civil Comments of the hub',
    file: 'civil.jsonl',
    content: lines(
      { text: 'You idiot.', toxicity: 0.8, severe_toxicity: 0.1, identity_attack: 0 },
      { text: 'Thanks.', toxicity: 0, severe_toxicity: 0, identity_attack: 0 },
    ),
    examples: [
      ['You idiot.', undefined, undefined, '0.8'],
      ['Thanks.', undefined, undefined, '0'],
    ],
    takenFor: 'Civil Comments (text: text; label: toxicity)',
    toxic: 1,
    prompts: ['You idiot.', 'Thanks.'],
  },
  {
    form: 'Civil Comments of the contest',
    file: 'civil.csv',
    content: rows(
      ',',
      ['id', 'target', 'comment_text', 'severe_toxicity', 'obscene', 'identity_attack', 'insult'],
      ['1', '0.5', 'You idiot.', '0', '0', '0', '0.5'],
    ),
    examples: [['You idiot.', undefined, undefined, '0.5']],
    takenFor: 'Civil Comments (text: comment_text; label: target)',
    toxic: 1,
    prompts: ['You idiot.'],
  },
  {
    form: 'KTO',
    file: 'kto.jsonl',
    content: lines(
      { prompt: 'p', completion: 'you idiot', label: false },
      { prompt: 'q', completion: 'yes', label: true },
    ),
    examples: [
      ['you idiot', 'p', undefined, 'false'],
      ['yes', 'q', undefined, 'true'],
    ],
    takenFor: 'KTO (text: completion; prompt: prompt; label: label)',
    toxic: 1,
    prompts: ['p', 'q'],
  },
  {
    form: 'preference pairs beside a list of messages',
    file: 'ultrafeedback.jsonl',
    content: lines({
      prompt: 'q',
      messages: messages(['user', 'q'], ['assistant', 'yes']),
      chosen: messages(['user', 'q'], ['assistant', 'yes']),
      rejected: messages(['user', 'q'], ['assistant', 'you idiot']),
    }),
    examples: [
      ['yes', 'q'],
      ['you idiot', 'q'],
    ],
    takenFor: 'preference pairs (text: chosen, rejected; prompt: prompt)',
    toxic: 1,
    prompts: ['q'],
  },
  {
    form: 'ShareGPT',
    file: 'sharegpt.json',
    content: JSON.stringify(
      [
        { id: 'a', conversations: talk(['human', 'q'], ['gpt', 'yes']) },
        { id: 'b', conversations: talk(['human', 'r'], ['gpt', 'you idiot'], ['human', 's'], ['gpt', 'sorry']) },
      ],
      undefined,
      2,
    ),
    examples: [
      ['yes', 'q'],
      ['you idiot', 'r'],
      ['sorry', 'r\nyou idiot\ns'],
    ],
    takenFor: 'ShareGPT (text: conversations)',
    toxic: 1,
    prompts: undefined,
  },
  {
    form: 'Alpaca',
    file: 'alpaca.json',
    content: JSON.stringify([
      { instruction: 'Sum.', input: '1 2', output: '3' },
      { instruction: 'Insult me.', input: '', output: 'you idiot' },
    ]),
    examples: [
      ['3', 'Sum.\n\n1 2'],
      ['you idiot', 'Insult me.'],
    ],
    takenFor: 'Alpaca (text: output; prompt: instruction, input)',
    toxic: 1,
    prompts: ['Sum.\n\n1 2', 'Insult me.'],
  },
];
