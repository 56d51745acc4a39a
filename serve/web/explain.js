// Why an artist is recommended: the parts of its score.

import { h } from './dom.js';

const REASONS = 3; // artists named in an explanation

// How `item` came to its score: [{name, value, kind}], whose values add up to item.raw_score.
export function parts(item) {
  const sorted = [...item.explanation].sort((a, b) => b.contribution - a.contribution);
  const told = sorted
    .slice(0, REASONS)
    .map((e) => ({ name: e.artist_name, value: e.contribution, kind: 'artist' }));
  const rest = sorted.slice(REASONS);
  if (rest.length) {
    told.push({
      name: rest.length === 1 ? rest[0].artist_name : `${rest.length} others`,
      kind: 'rest',
      value: rest.reduce((sum, e) => sum + e.contribution, 0),
    });
  }
  told.push({ name: 'Popularity', value: item.bias, kind: 'bias' });
  return told;
}

const signed = (value) => (value < 0 ? '−' : '') + Math.abs(value).toFixed(2);

// The parts as bars, and what they add up to.
export function why(item) {
  if (!item.explanation?.length) return h('p', { class: 'why quiet' }, 'Popular with everybody.');
  const rows = parts(item);
  // All bars share one scale, with zero where the longest negative one ends.
  const low = Math.min(0, ...rows.map((r) => r.value));
  const high = Math.max(0, ...rows.map((r) => r.value));
  const span = high - low || 1;
  const cells = rows.map((r) =>
    h(
      'tr',
      { class: `part ${r.kind}` },
      h('th', { scope: 'row' }, h('bdi', {}, r.name)),
      h(
        'td',
        { class: 'bar-cell' },
        h('span', {
          class: r.value < 0 ? 'bar minus' : 'bar',
          vars: {
            '--from': (Math.min(r.value, 0) - low) / span,
            '--size': Math.abs(r.value) / span,
          },
        })
      ),
      h('td', { class: 'figure', 'data-value': r.value }, signed(r.value))
    )
  );
  return h(
    'table',
    { class: 'why' },
    h('caption', {}, 'Why'),
    h('tbody', {}, cells),
    h(
      'tfoot',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, 'Score'),
        h('td', {}),
        h('td', { class: 'figure', 'data-sum': item.raw_score }, signed(item.raw_score))
      )
    )
  );
}
