/**
 * Table 1 of arXiv 2405.18572: harmful bias gap of the minority (magnitudes) and accuracy parity, percent, by rank.
 * Its two blocks belong to two shares of the minority. The paper's text does not contain the numbers of these
 * shares.
 */
import type { TextTable } from '../../measures/text/textTable.ts';

type Row = readonly [rank: string, hbg: number | undefined, ap: number];

const columns: Readonly<Record<'IMDb' | 'SST2', Readonly<Record<'GPT-2' | 'OPT 1.3B', readonly [Row[], Row[]]>>>> = {
  IMDb: {
    'GPT-2': [
      [
        ['2', 3.4, 14.5],
        ['8', 2.0, 13.4],
        ['64', 0.8, 10.3],
        ['RFT', undefined, 11.2],
      ],
      [
        ['2', 4.9, 7.8],
        ['8', 2.3, 5.1],
        ['64', 0.5, 3.4],
        ['RFT', undefined, 2.0],
      ],
    ],
    'OPT 1.3B': [
      [
        ['2', 1.9, 7.2],
        ['8', 0.2, 5.9],
        ['64', 0.1, 6.5],
        ['RFT', undefined, 5.9],
      ],
      [
        ['2', 1.9, 7.2],
        ['8', 0.2, 5.9],
        ['64', 0.1, 6.5],
        ['RFT', undefined, 5.9],
      ],
    ],
  },
  SST2: {
    'GPT-2': [
      [
        ['2', 1.8, 17.4],
        ['8', 0.5, 19.5],
        ['64', 0.9, 14.2],
        ['RFT', undefined, 8.8],
      ],
      [
        ['2', 1.8, 11.5],
        ['8', 0.9, 10.1],
        ['64', 0.0, 7.5],
        ['RFT', undefined, 2.1],
      ],
    ],
    'OPT 1.3B': [
      [
        ['2', 0.3, 6.9],
        ['8', 0.7, 7.7],
        ['64', 0.7, 7.7],
        ['RFT', undefined, 7.4],
      ],
      [
        ['2', 0.7, 3.8],
        ['8', 0.1, 3.9],
        ['64', 0.1, 3.4],
        ['RFT', undefined, 3.4],
      ],
    ],
  },
};

/**
 * The paper's numbers for a data set, both blocks and both models; undefined for a data set that the paper does not
 * use.
 */
export function paperTable1(dataset: string): TextTable | undefined {
  if (dataset !== 'IMDb' && dataset !== 'SST2') return undefined;
  const { 'GPT-2': gpt2, 'OPT 1.3B': opt } = columns[dataset];
  const blocks = [0, 1] as const;
  return {
    header: [
      'rank',
      ...blocks.flatMap((block) =>
        ['GPT-2', 'OPT 1.3B'].flatMap((model) =>
          ['HBG', 'AP'].map((name) => `${model}, block ${block + 1}, ${name} (%)`),
        ),
      ),
    ],
    rows: gpt2[0].map(([rank], row) => [
      rank,
      ...blocks.flatMap((block) => [gpt2, opt].flatMap((own) => cells(own[block][row]))),
    ]),
  };
}

function cells(row: Row | undefined): readonly string[] {
  if (!row) return ['', ''];
  const [, hbg, ap] = row;
  return [hbg === undefined ? '' : hbg.toFixed(1), ap.toFixed(1)];
}
