// Line and scatter charts as inline SVG, coloured by style.css.

import { h, s } from './dom.js';

const round_steps = [1, 2, 2.5, 5, 10];

export function ticks(low, high, about = 4) {
  const rough = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * round_steps.find((r) => r * power >= rough);
  const all = [];
  for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-6; t += step)
    all.push(Number(t.toPrecision(12)));
  return all;
}

// `series` [{points: [[x, y]], kind: 'line'|'dots'|'quiet'}]; `x` and `y` are what the axes say.
export function chart({ label, x, y, series, width = 560, height = 240, from_zero = false }) {
  const points = series.flatMap((one) => one.points).filter(([, v]) => Number.isFinite(v));
  if (!points.length) return h('p', { class: 'quiet' }, 'No values yet.');
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  let [y0, y1] = [from_zero ? 0 : Math.min(...ys), Math.max(...ys)];
  if (y0 === y1)
    [y0, y1] = [from_zero ? 0 : y0 - Math.abs(y0 || 1) * 0.1, y1 + Math.abs(y1 || 1) * 0.1];
  const pad = { left: 56, right: 12, top: 26, bottom: 40 };
  const at_x = (v) =>
    pad.left + (x1 === x0 ? 0.5 : (v - x0) / (x1 - x0)) * (width - pad.left - pad.right);
  const at_y = (v) =>
    height - pad.bottom - ((v - y0) / (y1 - y0)) * (height - pad.top - pad.bottom);
  return s(
    'svg',
    { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    ticks(y0, y1).map((t) => [
      s('line', { class: 'grid', x1: pad.left, x2: width - pad.right, y1: at_y(t), y2: at_y(t) }),
      s(
        'text',
        { class: 'tick', x: pad.left - 8, y: at_y(t) + 4, 'text-anchor': 'end' },
        String(t)
      ),
    ]),
    ticks(x0, x1, 6).map((t) =>
      s(
        'text',
        { class: 'tick', x: at_x(t), y: height - pad.bottom + 18, 'text-anchor': 'middle' },
        String(t)
      )
    ),
    s('text', { class: 'axis', x: width - pad.right, y: height - 4, 'text-anchor': 'end' }, x),
    s('text', { class: 'axis', x: 4, y: 12 }, y),
    series.map((one) => {
      const place = one.points
        .filter(([, v]) => Number.isFinite(v))
        .map(([a, b]) => [at_x(a), at_y(b)]);
      if (one.kind === 'dots')
        return place.map(([a, b]) => s('circle', { class: 'dots', cx: a, cy: b, r: 3.2 }));
      return s('path', {
        class: one.kind,
        d: place.map(([a, b], i) => `${i ? 'L' : 'M'}${a.toFixed(1)} ${b.toFixed(1)}`).join(''),
      });
    })
  );
}
