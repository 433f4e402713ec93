import assert from 'node:assert/strict';
import { junitXml } from '../../../../server/report/verdict/junit.ts';

describe('the results of a gate as JUnit', () => {
  it('are a case a requirement: passed, failed, or an error where it is not decided', () => {
    const xml = junitXml('a run', [
      { requirement: 'a', subject: 'safe', outcome: 'passed', why: 'fine' },
      { requirement: 'b', subject: 'kl', outcome: 'failed', why: 'not fine' },
      { requirement: 'c', subject: 'kl', outcome: 'undecided', why: 'unknown' },
      { requirement: 'd', subject: 'gap', outcome: 'undecided', why: 'unknown' },
    ]);
    assert.equal(
      xml,
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="4" failures="1" errors="2">\n' +
        '  <testsuite name="a run" tests="4" failures="1" errors="2">\n' +
        '    <testcase classname="rankscope.gate" name="a">\n      <system-out>fine</system-out>\n    </testcase>\n' +
        '    <testcase classname="rankscope.gate" name="b">\n      <failure message="not fine" type="failed"/>\n    </testcase>\n' +
        '    <testcase classname="rankscope.gate" name="c">\n      <error message="unknown" type="undecided"/>\n    </testcase>\n' +
        '    <testcase classname="rankscope.gate" name="d">\n      <error message="unknown" type="undecided"/>\n    </testcase>\n' +
        '  </testsuite>\n</testsuites>\n',
    );
  });

  it('shows names and reasons as text', () => {
    const xml = junitXml('<run>', [
      { requirement: 'a "b"', subject: 'safe', outcome: 'failed', why: '<script>\u0007' },
    ]);
    assert.ok(!xml.includes('<run>') && !xml.includes('a "b"') && !xml.includes('<script>') && !xml.includes('\u0007'));
  });
});
