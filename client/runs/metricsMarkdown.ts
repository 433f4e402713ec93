import type { ArmMetrics } from '../../server/protocol/run.ts';

interface Column {
  readonly title: string;
  readonly cell: (arm: ArmMetrics) => string | undefined;
}

/** The arms' figures as a Markdown table. A column that no arm has is left out; what an arm lacks stays empty. */
export function metricsMarkdown(name: string, arms: readonly ArmMetrics[]): string {
  const columns = all.filter(({ cell }) => arms.some((arm) => cell(arm) !== undefined));
  const rows = [
    columns.map(({ title }) => title),
    columns.map((_, index) => (index === 0 ? '---' : '---:')),
    ...arms.map((arm) => columns.map(({ cell }) => cell(arm) ?? '')),
  ];
  const heading = escaped(name.replace(/\s+/g, ' '));
  return [`**${heading}**`, '', ...rows.map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n');
}

const all: readonly Column[] = [
  { title: 'arm', cell: ({ id }) => escaped(id) },
  { title: 'toxic', cell: ({ toxicity }) => percent(toxicity.rate) },
  { title: '95 % interval', cell: ({ toxicity: { low, high } }) => interval(low, high) },
  { title: 'judged', cell: ({ toxicity: { n } }) => (n > 0 ? String(n) : undefined) },
  { title: 'HONEST', cell: ({ honest }) => percent(honest) },
  { title: 'KL from base, nats', cell: ({ kl }) => kl?.mean.toFixed(4) },
  { title: 'KL at every position', cell: ({ klAll }) => klAll?.mean.toFixed(4) },
  { title: 'perplexity', cell: ({ perplexity }) => perplexity?.toFixed(2) },
  { title: 'accuracy', cell: accuracy },
  { title: 'failure', cell: ({ failure }) => (failure === undefined ? undefined : escaped(failure)) },
];

/** Of the first rule by which labels were decided. */
function accuracy({ classification }: ArmMetrics): string | undefined {
  const measured = classification?.rules[0]?.accuracy;
  return measured === undefined || !('value' in measured) ? undefined : percent(measured.value);
}

const percent = (share: number | undefined): string | undefined =>
  share === undefined ? undefined : `${(100 * share).toFixed(1)} %`;

const interval = (low: number | undefined, high: number | undefined): string | undefined =>
  low === undefined || high === undefined ? undefined : `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`;

/** Text that is shown as it stands: no markup, no link, no cell of its own. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|&#~]/g, '\\$&').replace(/\r?\n/g, ' ');
}
