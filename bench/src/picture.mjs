// A few of the results as a picture that stands alone and follows the reader's light or dark.

import { figure } from "./measures.mjs";
import { compared } from "./report.mjs";
import { LIMIT, OURS } from "./sites.mjs";

/** The measures that are drawn, wins and losses alike, with shorter words. */
const PANELS = [
  ["bytes", "Bytes of the whole site"],
  ["slow-usable", "Cold start, slow phone and line: form usable, ms"],
  ["slow-rows", "Cold start, slow phone and line: first rows, ms"],
  ["keys-10000-sign-in", "10,000 keys: sign-in to rows, ms"],
  ["keys-10000-reload", "10,000 keys: reload to rows, ms"],
  ["search", "10,000 keys, slow phone: search, ms"],
  ["scroll", "10,000 keys, slow phone: slowest frame, ms"],
  ["memory", "10,000 keys: memory, MiB"],
];

const [WIDTH, COLUMNS, GUTTER] = [880, 2, 40];
const PANEL = (WIDTH - (COLUMNS - 1) * GUTTER) / COLUMNS;
const [BAR, GAP, HEAD, LABEL, NUMBER] = [14, 6, 26, 140, 66];

/** A bar is cut off beyond so many times ours or the limit, whichever is more. */
const MOST = 4;

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.bar { fill: #8c959f; } .ours { fill: #0f766e; } .limit { fill: #bcc3ca; }
.spread { stroke: #1f2328; stroke-width: 1; }
.cut { fill: #fff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .bar { fill: #6e7681; } .ours { fill: #2dd4bf; } .limit { fill: #444c56; }
  .spread { stroke: #e6edf3; } .cut { fill: #0d1117; }
}`;

/** The whole file. */
export function picture(sites, summaries, words) {
  const results = new Map(compared(sites, summaries).map((it) => [it.measure.id, it]));
  const drawn = PANELS.map(([id, title]) => panel(results.get(id), title, sites));
  const height = HEAD + sites.length * (BAR + GAP) + 20;
  const rows = Math.ceil(drawn.length / COLUMNS);
  const placed = drawn.map((content, at) => {
    const [x, y] = [(at % COLUMNS) * (PANEL + GUTTER), Math.floor(at / COLUMNS) * height];
    return `<g transform="translate(${x} ${y})">${content}</g>`;
  });
  const whole = rows * height + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${whole}" role="img">
<title>Occam Keys beside its peers: less is better</title>
<style>${STYLE}</style>
${placed.join("\n")}
<text x="0" y="${whole - 8}">${escaped(words)}</text>
</svg>
`;
}

function panel({ measure, of }, title, sites) {
  const room = PANEL - LABEL - NUMBER;
  const medians = sites.map(({ name }) => of(name)?.median ?? 0);
  const reference = Math.max(of(OURS)?.median ?? 0, of(LIMIT)?.median ?? 0);
  const most = Math.min(Math.max(...medians), MOST * reference) || Math.max(...medians, 1);
  const lines = sites.map((site, at) => {
    const y = HEAD + at * (BAR + GAP);
    const name = `<text x="0" y="${y + 11}">${escaped(site.title)}</text>`;
    const summary = of(site.name);
    if (!summary) return `${name}<text x="${LABEL}" y="${y + 11}">–</text>`;
    const length = (value) => round(Math.min(1, value / most) * room);
    const end = LABEL + length(summary.median);
    const kind = site.name === OURS ? "ours" : site.name === LIMIT ? "limit" : "bar";
    const size = `width="${round(end - LABEL)}" height="${BAR}"`;
    const bar = `<rect class="${kind}" x="${LABEL}" y="${y}" ${size}/>`;
    const isCut = summary.median > most;
    const cut = `<path class="cut" d="M${end - 16} ${y}l4 0l-4 ${BAR}l-4 0z"/>`;
    const [low, high] = [LABEL + length(summary.low), LABEL + length(summary.high)];
    const middle = y + BAR / 2;
    const spread = `<line class="spread" x1="${low}" x2="${high}" y1="${middle}" y2="${middle}"/>`;
    const beyond = Math.max(end, isCut ? end : high) + 6;
    const median = figure(summary.median, measure.unit);
    const number = `<text x="${beyond}" y="${y + 11}">${median}</text>`;
    return name + bar + (isCut ? cut : spread) + number;
  });
  return `<text class="title" x="0" y="14">${escaped(title)}</text>${lines.join("")}`;
}

const round = (value) => Math.round(value * 10) / 10;

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
