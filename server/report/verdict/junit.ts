/** The results of a gate as JUnit XML, which build servers display. Each requirement is a test case. */
import { escapeHtml } from '../tables/htmlText.ts';
import { printable } from '../../measures/text/printable.ts';
import type { GateResult } from './gate.ts';

export function junitXml(run: string, results: readonly GateResult[]): string {
  const count = (outcome: GateResult['outcome']): number => results.filter((own) => own.outcome === outcome).length;
  const suite = `tests="${results.length}" failures="${count('failed')}" errors="${count('undecided')}"`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites ${suite}>\n  <testsuite name="${text(run)}" ${suite}>\n${results.map(testCase).join('')}  </testsuite>\n</testsuites>\n`
  );
}

/** An undecided requirement becomes an error: the check could not be made. */
function testCase({ requirement, outcome, why }: GateResult): string {
  const open = `    <testcase classname="rankscope.gate" name="${text(requirement)}"`;
  if (outcome === 'passed') return `${open}>\n      <system-out>${text(why)}</system-out>\n    </testcase>\n`;
  const kind = outcome === 'failed' ? 'failure' : 'error';
  return `${open}>\n      <${kind} message="${text(why)}" type="${outcome}"/>\n    </testcase>\n`;
}

function text(value: string): string {
  return escapeHtml(printable(value));
}
