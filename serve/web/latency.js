// How fast the server answers, from what it tells Prometheus.

import { api } from './api.js';
import { chart } from './chart.js';
import { count, h } from './dom.js';

const EVERY = 2000; // ms between two looks at /metrics
const REMEMBERED = 90; // looks

// Histograms of seconds in Prometheus's text format: [{labels, buckets: [[le, count]], count}].
export function histograms(text) {
  const found = new Map();
  for (const line of text.split('\n')) {
    const m = /^(\w*seconds\w*)_bucket\{(.*)\}\s+([0-9.eE+]+)/.exec(line);
    if (!m) continue;
    const labels = Object.fromEntries(
      [...m[2].matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((l) => [l[1], l[2]])
    );
    const { le, ...rest } = labels;
    const name = Object.values(rest).join(' ') || m[1];
    if (!found.has(name)) found.set(name, { name, buckets: [] });
    found.get(name).buckets.push([le === '+Inf' ? Infinity : Number(le), Number(m[3])]);
  }
  return [...found.values()].map((one) => ({ ...one, count: one.buckets.at(-1)?.[1] ?? 0 }));
}

// The share `q` of all lay below this many seconds, linear within a bucket; NaN without any.
export function quantile(buckets, q) {
  const all = buckets.at(-1)?.[1] ?? 0;
  if (!all) return NaN;
  let [below, upto] = [0, 0];
  for (const [le, n] of buckets) {
    if (n >= q * all)
      return le === Infinity ? below : below + (le - below) * ((q * all - upto) / (n - upto || 1));
    [below, upto] = [le, n];
  }
  return below;
}

const milliseconds = (s) =>
  Number.isFinite(s) ? `${(s * 1000).toFixed(s < 0.01 ? 2 : 0)} ms` : '–';

// A table by endpoint and the rate of requests, looked at again and again until `signal`.
export function latency(signal) {
  const looks = [];
  const place = h('div', { class: 'latency' }, h('p', { class: 'quiet' }, 'Looking…'));
  let before;
  async function look() {
    if (document.hidden) return;
    let now;
    try {
      now = histograms(await api.metrics(signal));
    } catch (problem) {
      if (!signal.aborted) {
        place.replaceChildren(
          h(
            'p',
            { class: 'quiet' },
            problem.status === 404
              ? 'This server has no /metrics.'
              : `No figures at the moment. ${problem.message}`
          )
        );
      }
      return;
    }
    if (signal.aborted) return;
    const served = now.filter((one) => one.count).sort((a, b) => b.count - a.count);
    const total = served.reduce((sum, one) => sum + one.count, 0);
    if (before)
      looks.push([
        looks.length ? looks.at(-1)[0] + EVERY / 1000 : 0,
        Math.max(0, (total - before) / (EVERY / 1000)),
      ]);
    before = total;
    if (looks.length > REMEMBERED) looks.shift();
    if (!served.length)
      return place.replaceChildren(h('p', { class: 'quiet' }, 'No request has been timed yet.'));
    place.replaceChildren(
      h(
        'div',
        { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Latency by endpoint' },
        h(
          'table',
          { class: 'plain-table' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ['Endpoint', 'Requests', 'Half within', '99 % within'].map((t, i) =>
                h('th', { scope: 'col', class: i && 'figure' }, t)
              )
            )
          ),
          h(
            'tbody',
            {},
            served
              .slice(0, 12)
              .map((one) =>
                h(
                  'tr',
                  {},
                  h('th', { scope: 'row' }, h('code', {}, one.name.replace('/api/v1/', '/'))),
                  h('td', { class: 'figure' }, count(one.count)),
                  h('td', { class: 'figure' }, milliseconds(quantile(one.buckets, 0.5))),
                  h('td', { class: 'figure' }, milliseconds(quantile(one.buckets, 0.99)))
                )
              )
          )
        )
      ),
      looks.length > 1
        ? chart({
            label: 'Requests per second while this page is open',
            x: 'seconds',
            y: 'requests / s',
            height: 160,
            from_zero: true,
            series: [{ kind: 'line', points: looks }],
          })
        : h('p', { class: 'quiet' }, 'The rate follows in a few seconds.')
    );
  }
  look();
  const timer = setInterval(look, EVERY);
  signal.addEventListener('abort', () => clearInterval(timer));
  return place;
}
