#include "report/page.h"

namespace mrec::report {

// The six colours of series are told apart by the colour-blind as well (after Okabe and Ito, 2008),
// and stand out from both backgrounds by 3 : 1; text does by 4.5 : 1 at least.
std::string_view style_sheet() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --surface: #ffffff; --text: #1b232d; --muted: #566170; --rule: #dfe3e8;
  --grid: #e6e9ed; --axis: #8a94a0; --link: #1a5a9e; --warn: #fdf3e1; --warn-edge: #c4761a;
  --s1: #2f6fb5; --s2: #cc6315; --s3: #168567; --s4: #9a55a8; --s5: #717b87; --s6: #b08a00;
  --interval: #1b232d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151a; --surface: #191f26; --text: #e6eaef; --muted: #a4afbb; --rule: #2c353f;
    --grid: #29313a; --axis: #6f7b88; --link: #86b9f2; --warn: #2e2616; --warn-edge: #d99a44;
    --s1: #6aa7e8; --s2: #f0944a; --s3: #4dc09c; --s4: #cf93db; --s5: #9ba6b2; --s6: #d9b93b;
    --interval: #e6eaef;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 66rem; background: var(--page);
  color: var(--text); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: break-word;
}
header { padding: 3rem 0 0.5rem; }
h1 { margin: 0; font-size: 2.1rem; line-height: 1.2; letter-spacing: -0.015em; }
header p { margin: 0.5rem 0 0; color: var(--muted); font-size: 1.05rem; }
h2 { margin: 0 0 0.4rem; font-size: 1.45rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { margin: 0 0 0.6rem; font-size: 1rem; line-height: 1.35; }
p { margin: 0 0 1rem; }
.lead { color: var(--muted); max-width: 44rem; }
a { color: var(--link); }
nav ol {
  list-style: none; margin: 1rem 0 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: 0.3rem 1.1rem; border-bottom: 1px solid var(--rule); padding-bottom: 1rem;
}
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { padding-top: 2.6rem; }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.8rem;
  margin: 1rem 0 1.4rem;
}
.tiles > div, figure, .table {
  background: var(--surface); border: 1px solid var(--rule); border-radius: 10px;
}
.tiles > div { padding: 0.8rem 1rem; }
.tiles dt { color: var(--muted); font-size: 0.85rem; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd.note { color: var(--muted); font-size: 0.82rem; font-weight: 400; line-height: 1.4; }
.figures { display: grid; gap: 1rem; margin: 1rem 0; }
.figures.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); }
.figures.half { grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.figures.full { grid-template-columns: minmax(0, 1fr); }
figure { margin: 0; padding: 1.1rem 1.2rem 1rem; min-width: 0; }
.small figure { padding: 0.8rem 0.9rem; }
.small h3 { font-size: 0.92rem; margin-bottom: 0.3rem; }
figcaption, .caption { margin: 0.6rem 0 0; color: var(--muted); font-size: 0.88rem; line-height: 1.5; }
.small figcaption { font-size: 0.8rem; margin-top: 0.3rem; }
.chart { overflow-x: auto; }
.chart svg { display: block; width: 100%; height: auto; }
.small .chart svg { max-width: 17rem; }
.full .chart svg { min-width: 40rem; max-width: 62rem; margin: 0 auto; }
details { margin-top: 0.6rem; font-size: 0.88rem; }
summary { cursor: pointer; color: var(--link); }
.table { padding: 1.1rem 1.2rem 1rem; margin: 1rem 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { padding: 0.32rem 0.7rem; text-align: left; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
th { color: var(--muted); font-weight: 600; white-space: nowrap; vertical-align: bottom; }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td bdi { overflow-wrap: anywhere; }
td:not(.number) { min-width: 7rem; }
td:not(.number):last-child:not(:first-child) { min-width: 13rem; }
.warning {
  background: var(--warn); border-left: 4px solid var(--warn-edge); border-radius: 4px;
  padding: 0.7rem 1rem;
}
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.85rem; }
footer p { margin: 0 0 0.3rem; }
svg text { fill: var(--muted); font: 12px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; }
svg .name { fill: var(--text); unicode-bidi: plaintext; }
svg .label { fill: var(--muted); font-weight: 600; }
svg .grid { stroke: var(--grid); stroke-width: 1; fill: none; }
svg .axis { stroke: var(--axis); stroke-width: 1; fill: none; }
svg .s1 { fill: var(--s1); } svg .s2 { fill: var(--s2); } svg .s3 { fill: var(--s3); }
svg .s4 { fill: var(--s4); } svg .s5 { fill: var(--s5); } svg .s6 { fill: var(--s6); }
svg .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
svg .line.s1 { stroke: var(--s1); } svg .line.s2 { stroke: var(--s2); stroke-dasharray: 9 3; }
svg .line.s3 { stroke: var(--s3); stroke-dasharray: 3 3; } svg .line.s4 { stroke: var(--s4); stroke-dasharray: 12 3 3 3; }
svg .line.s5 { stroke: var(--s5); } svg .line.s6 { stroke: var(--s6); stroke-dasharray: 6 6; }
svg .reference { fill: none; stroke: var(--axis); stroke-width: 1.2; stroke-dasharray: 4 4; }
svg .interval { fill: none; stroke: var(--interval); stroke-width: 1.4; }
svg .dot { fill-opacity: 0.55; }
svg .t1, svg .t2, svg .t3, svg .t4, svg .t5 { fill: var(--s1); }
svg .t1 { fill-opacity: 0.2; } svg .t2 { fill-opacity: 0.37; } svg .t3 { fill-opacity: 0.55; }
svg .t4 { fill-opacity: 0.75; } svg .t5 { fill-opacity: 1; }
svg .thread { fill: none; stroke: var(--s5); stroke-width: 1; stroke-opacity: 0.35; stroke-linejoin: round; }
svg .thread.strong { stroke: var(--s2); stroke-width: 2; stroke-opacity: 0.9; }
svg .thread.complete { stroke: var(--s1); stroke-opacity: 0.5; }
svg .thread.pruned { stroke: var(--s2); stroke-opacity: 0.6; stroke-dasharray: 4 3; }
svg .ring { fill: none; stroke: var(--s2); stroke-width: 1.6; }
svg .hover { fill: transparent; }
svg .plus { fill: var(--s1); } svg .minus { fill: var(--s2); }
svg rect:hover, svg circle:hover { filter: brightness(1.15); }
@media (min-width: 54rem) {
  /* Beside a tall chart there is room for two; an odd one has its words at its side. */
  .half figure.tall { grid-row: span 2; }
  .half figure.odd {
    grid-column: 1 / -1; display: grid; grid-template-columns: 1fr 1fr; column-gap: 3.6rem;
    grid-template-rows: auto auto 1fr;
  }
  .odd h3 { grid-column: 1 / -1; }
  .odd .chart { grid-row: 2 / span 2; }
}
@media (max-width: 40rem) {
  body { padding: 0 0.8rem 3rem; }
  header { padding-top: 1.6rem; }
  h1 { font-size: 1.6rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.6rem; }
  .tiles dd { font-size: 1.2rem; }
  figure, .table { padding: 0.8rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root {
    --page: #ffffff; --surface: #ffffff; --text: #000000; --muted: #444444; --rule: #cccccc;
    --grid: #e6e9ed; --axis: #8a94a0; --link: #000000; --warn: #ffffff; --interval: #000000;
    --s1: #2f6fb5; --s2: #cc6315; --s3: #168567; --s4: #9a55a8; --s5: #717b87; --s6: #b08a00;
  }
  body { max-width: none; padding: 0; }
  nav, details { display: none; }
  figure, .table tr, .tiles > div { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .chart, .scroll { overflow: visible; }
  .small .chart svg { max-width: 17rem; }
.full .chart svg { min-width: 0; }
}
)css";
}

}  // namespace mrec::report
