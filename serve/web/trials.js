// The trials of a tuning study: what came out one after another, and which settings it took.

import { chart } from './chart.js';
import { h, s } from './dom.js';

const AXES = 7; // parameters beside one another
const BEST = 0.1; // share of the trials that is drawn in the accent colour
const LOG = 20; // from this ratio on an axis is logarithmic

const short = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(3))) : value);

// An axis as {name, low, high, at(trial)}: `at` is 0 below to 1 above, undefined without a value.
function axis(name, read, trials) {
  const values = trials.map(read).filter((v) => v !== undefined && v !== null);
  if (values.every((v) => typeof v === 'number')) {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = low > 0 && high / low > LOG ? Math.log : (v) => v;
    const place = (v) => (scale(v) - scale(low)) / (scale(high) - scale(low) || 1);
    return {
      name,
      low: short(low),
      high: short(high),
      varies: high > low,
      at: (t) => (Number.isFinite(read(t)) ? place(read(t)) : undefined),
    };
  }
  const kinds = [...new Set(values.map(String))].sort();
  const last = kinds.length - 1;
  return {
    name,
    low: kinds[0],
    high: kinds[last],
    varies: last > 0,
    at: (t) => {
      const place = kinds.indexOf(String(read(t)));
      return place < 0 ? undefined : place / (last || 1);
    },
  };
}

// A line per trial across an axis per parameter that varies, and one for the value.
function parallel(trials, best_first) {
  const names = [...new Set(trials.flatMap((t) => Object.keys(t.params ?? {})))];
  const axes = names
    .map((name) => axis(name, (t) => t.params?.[name], trials))
    .filter((a) => a.varies)
    .slice(0, AXES);
  if (!axes.length) return '';
  axes.push(axis('value', (t) => t.value, trials));
  const [width, height, top, bottom, side] = [560, 262, 46, 26, 48];
  const x = (i) => side + (i * (width - 2 * side)) / (axes.length - 1);
  const y = (share) => height - bottom - share * (height - top - bottom);
  const number_best = Math.max(1, Math.round(BEST * trials.length));
  const line = (trial, place) => {
    let d = '';
    axes.forEach((a, i) => {
      const share = a.at(trial);
      if (share !== undefined) d += `${d ? 'L' : 'M'}${x(i).toFixed(1)} ${y(share).toFixed(1)}`;
    });
    return s('path', { class: place < number_best ? 'line' : 'faint', d });
  };
  const text = (kind, i, at, words) =>
    s('text', { class: kind, x: x(i), y: at, 'text-anchor': 'middle' }, words);
  return s(
    'svg',
    {
      class: 'chart parallel',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `Settings of ${trials.length} trials: ${axes.map((a) => a.name).join(', ')}`,
    },
    best_first.map(line).reverse(), // the best on top
    axes.map((a, i) => [
      s('line', { class: 'axis-line', x1: x(i), x2: x(i), y1: y(0), y2: y(1) }),
      text('axis', i, i % 2 ? 23 : 10, a.name.replaceAll('_', ' ')),
      text('tick', i, y(1) - 6, a.high),
      text('tick', i, y(0) + 15, a.low),
    ])
  );
}

export function tuning(trials, maximize = true) {
  const done = trials.filter((t) => Number.isFinite(t.value)).sort((a, b) => a.number - b.number);
  if (!done.length) return h('p', { class: 'quiet' }, 'No trial of this study has ended.');
  const best_first = [...done].sort((a, b) => (maximize ? b.value - a.value : a.value - b.value));
  const [winner] = best_first;
  let best = done[0].value;
  const path = done.map((t) => {
    best = maximize ? Math.max(best, t.value) : Math.min(best, t.value);
    return [t.number, best];
  });
  const value = winner.value.toFixed(3);
  return h(
    'div',
    { class: 'tuning' },
    chart({
      label: `Value of ${done.length} trials, and the best so far: ${value} by trial ${winner.number}`,
      x: 'trial',
      y: 'value',
      series: [
        { kind: 'dots', points: done.map((t) => [t.number, t.value]) },
        { kind: 'line', points: path },
      ],
    }),
    parallel(done, best_first),
    h(
      'p',
      {},
      `Best: trial ${winner.number} with ${value}: `,
      h(
        'code',
        {},
        Object.entries(winner.params ?? {})
          .map(([k, v]) => `${k} ${short(v)}`)
          .join(', ')
      )
    )
  );
}
