import { heatRules } from './heatStyle.ts';
import { forestStyle } from './figures/forestChart.ts';
import { verdictStyle } from './verdict/verdictSections.ts';
import { heatSteps } from './figures/lensFigure.ts';

const light = heatRules(heatSteps, ['#7fb2e8', '#f4f5f7', '#f3a183']);
const dark = heatRules(heatSteps, ['#1f568f', '#22272e', '#8c3b1f']);

/**
 * The style sheet of the HTML report. It follows the reader's light or dark preference, can be printed, and loads
 * no font.
 */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5b6470; --line: #d9dde3; --paper: #fff; --shade: #f5f6f8;
  --toxic: #b3401f; --fine: #1c6a45; --base: #6b7280; --lora: #2f6fb3; --full: #c26a10; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --soft: #9aa4b1; --line: #363d46; --paper: #16191d;
  --shade: #1f242a; --toxic: #f08a66; --fine: #6ccf9c; --base: #9aa4b1; --lora: #6ba8e5; --full: #e7a04d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.sub, .sub a { color: var(--soft); margin: 0; }
.answer { font-size: 1.1rem; border-left: 4px solid var(--lora); padding: .5rem 0 .5rem 1rem; margin: 1.25rem 0; }
.notes { color: var(--soft); padding-left: 1.2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.arms td { white-space: nowrap; }
details { margin: .5rem 0; }
summary { color: var(--soft); cursor: pointer; }
svg[role=img] { width: 100%; min-width: 34rem; height: auto; display: block; }
.grid { stroke: var(--line); fill: none; }
.halo { stroke: var(--paper); stroke-width: 4; fill: none; }
.whisker { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.bar-base { fill: var(--base); } .bar-lora { fill: var(--lora); } .bar-full { fill: var(--full); }
.bar-toxic { fill: #e07b39; } .bar-benign { fill: #4c86c6; }
text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.tick { text-anchor: end; fill: var(--soft); } .label { text-anchor: middle; } .value { fill: var(--ink); }
.label.start { text-anchor: start; } .label.end { text-anchor: end; }
.ridge { fill-opacity: .75; stroke: var(--paper); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.cbase { stroke: var(--base); } .c0 { stroke: #2f6fb3; } .c1 { stroke: #d07a12; } .c2 { stroke: #2c8f60; } .c3 { stroke: #c2436b; }
.c4 { stroke: #7a5fc0; } .c5 { stroke: #2394a8; } .c6 { stroke: #8a6d3b; } .c7 { stroke: #7d8590; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: .25rem 0; font-size: .85rem; }
.legend svg { margin-right: .4rem; vertical-align: middle; }
.prompt { margin: 1.25rem 0; } .prompt > p { font-weight: 600; margin: 0 0 .25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.prompt td:nth-child(2) { white-space: pre-wrap; width: 100%; }
.toxic { color: var(--toxic); font-weight: 600; white-space: nowrap; } .fine { color: var(--fine); white-space: nowrap; }
.unjudged { color: var(--soft); font-style: italic; }
.heat { list-style: none; display: flex; align-items: center; gap: 2px; padding: 0; margin: .75rem 0; font-size: .85rem;
  color: var(--soft); }
.heat li[class] { width: 1.6rem; height: 1rem; } .heat li:first-child { margin-right: .35rem; } .heat li:last-child { margin-left: .35rem; }
.lenses { display: flex; gap: 1rem; align-items: flex-start; padding-bottom: .5rem; }
.lens { font-size: .75rem; } .lens caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
.lens th, .lens td { padding: .1rem .3rem; border: 1px solid var(--paper); white-space: nowrap; overflow-wrap: normal; }
.lens th[scope=row] { text-align: right; }
${forestStyle}${verdictStyle}${light}
@media (prefers-color-scheme: dark) { ${dark} }
@media print { body { max-width: none; padding: 0; } details { display: none; } }
`;
