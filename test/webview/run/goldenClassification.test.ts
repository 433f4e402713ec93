import assert from 'node:assert/strict';
import { expectedKinds } from '../../golden/expectedClassification.ts';
import { summary } from '../../golden/goldenClassification.ts';
import { cellOf } from '../../golden/tables.ts';
import { calibrationChart, marginChart } from '../../../webview/run/sections/classificationCharts.ts';
import { calibrationTable, marginTable, ruleTable } from '../../../server/measures/catalogue/kindTable.ts';
import { drawnRuleMeasures, kindBars } from '../../../server/measures/charts/measureCharts.ts';

type Kind = keyof typeof expectedKinds;
const kinds = Object.keys(expectedKinds) as Kind[];
const rules = ['completion', 'probability'] as const;
const measured = ['accuracy', 'accuracyParity', 'worstGroupError'] as const;
const styles = new Map();

describe('the run panel of a classification run whose every figure differs from every other', () => {
  for (const rule of rules) {
    it(`has every figure of every kind of arm in its own cell, decided by ${rule}`, () => {
      const table = ruleTable(summary, rule);
      for (const kind of kinds) {
        const own = expectedKinds[kind][rule];
        const at = (column: string) => cellOf(table, kind, column);
        assert.equal(at('accuracy'), own.accuracy);
        assert.equal(at('accuracy, women'), own.women);
        assert.equal(at('accuracy, men'), own.men);
        assert.equal(at('accuracy parity, points'), own.parity);
        assert.equal(at('worst group error, points'), `${own.worst} (${own.worstGroup})`);
        assert.equal(at('harmful bias gap, women, points'), own.gapWomen);
        assert.equal(at('harmful bias gap, men, points'), own.gapMen);
      }
      const shares = kinds.map((kind) => cellOf(table, kind, 'women kept'));
      assert.deepEqual(shares.slice(1), ['100 %', '100 %', '25 %', '25 %']);
      assert.equal(cellOf(table, 'full-m25', 'harmful bias gap, men, points'), 'is the reference');
    });

    it(`draws bars of the same figures, decided by ${rule}`, () => {
      for (const measure of measured) {
        const drawn = drawnRuleMeasures(summary, rule).find(({ key }) => key === `${rule}.${measure}`)!;
        const { bars } = kindBars(drawn, summary, styles);
        const expected = summary.kinds.map(({ result }) => result.rules.find((own) => own.rule === rule)?.[measure]);
        assert.deepEqual(
          bars.map(({ value, low, high, n }) => ({ value, low, high, n })),
          expected,
        );
      }
    });
  }

  it('has margins and calibration of each kind in the cells of their own label and group', () => {
    const [margins, calibration] = [marginTable(summary), calibrationTable(summary)];
    for (const { name } of summary.kinds) {
      const own = expectedKinds[name as Kind];
      const row = margins.rows.find(([first]) => first?.split(' ')[0] === name);
      for (const label of ['negative', 'positive'] as const) {
        assert.equal(row?.[margins.header.indexOf(`margin where ${label}`)], own.margins[label].margin);
        assert.equal(row[margins.header.indexOf(`decided ${label}`)], own.margins[label].n);
      }
      for (const group of ['women', 'men'] as const) {
        const cell = cellOf(calibration, name, `calibration error, ${group}`);
        assert.equal(cell, expectedKinds[name as Kind].calibration[group]);
      }
    }
  });

  it('draws how sure decisions are, and how right, from the counts of their own label and group', () => {
    for (const label of summary.labels) {
      const expected = summary.kinds.map(({ result }) => {
        const { histogram, n } = result.margins.find((own) => own.label === label)!;
        return histogram.map((count) => count / n);
      });
      assert.deepEqual(
        marginChart(summary, label, styles).series.map(({ y }) => y),
        expected,
      );
    }
    for (const group of summary.groups) {
      const expected = summary.kinds.map(({ result }) => {
        return [result.calibration.find((own) => own.group === group)?.bins[1]?.accuracy];
      });
      const { series } = calibrationChart(summary, group, styles);
      assert.deepEqual(
        series.slice(0, -1).map(({ y }) => y),
        expected,
      );
    }
  });
});
