// Map: artists in a plane, near to whom the same people like.

import { api } from './api.js';
import {
  announce,
  count,
  debounce,
  genreChip,
  h,
  iconButton,
  named,
  percent,
  sleeve,
} from './dom.js';
import { artistSearch } from './combobox.js';
import { detailLink } from './artist.js';
import { Plane } from './plane.js';
import { problemBox } from './problems.js';
import { href, rated, remember, state } from './state.js';

const MOST = 1200; // artists on the map
const LISTED = 40; // of those in view, in the list
const LEGEND = 7;
const CLICK = 4; // px that a pointer may move in a click

export async function show(main, { signal, params }) {
  const canvas = h('canvas', { 'aria-hidden': 'true' });
  const tip = h('div', { class: 'tip', hidden: true });
  const stage = h(
    'div',
    {
      class: 'stage',
      tabindex: 0,
      role: 'application',
      'aria-label': 'Map of artists',
      'aria-describedby': 'map-help',
    },
    canvas,
    tip
  );
  const side = h('div', { class: 'map-side' });
  const legend = h('ul', { class: 'legend', 'aria-label': 'Genres: show one alone' });
  const plane = new Plane(canvas, (seen) => {
    stage.dataset.scale = plane.magnification.toFixed(3);
    list_in_view(seen);
  });
  let by_id = new Map();
  let opened = null; // the artist whose similar ones the list shows

  main.append(
    h(
      'div',
      { class: 'view-head' },
      h('h1', { tabindex: -1 }, 'Map'),
      h('p', { class: 'lead' }, 'Artists whom the same people like stand close together.')
    ),
    h(
      'div',
      { class: 'map-layout' },
      h(
        'section',
        { class: 'map-main', 'aria-label': 'Map' },
        h(
          'div',
          { class: 'map-frame' },
          stage,
          h(
            'div',
            { class: 'map-buttons', role: 'group', 'aria-label': 'Zoom' },
            iconButton('plus', 'Zoom in', () => plane.zoom(1.5)),
            iconButton('minus', 'Zoom out', () => plane.zoom(1 / 1.5)),
            iconButton('fit', 'Whole map', () => plane.fit())
          )
        ),
        legend,
        h(
          'p',
          { class: 'quiet', id: 'map-help' },
          'Drag to move, wheel or pinch to zoom; with the keyboard: arrows, plus, minus, and 0 for the whole. ' +
            'The list holds the same artists.'
        )
      ),
      h(
        'aside',
        { 'aria-label': 'Artists on the map' },
        artistSearch({
          label: 'Find an artist',
          placeholder: 'Search by name',
          signal,
          onpick: (a) => choose(a, true),
        }),
        side
      )
    )
  );

  // --- moving --------------------------------------------------------------------------------

  function at(event) {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  function hover(a, p) {
    if (a !== plane.hovered) {
      plane.hovered = a;
      stage.classList.toggle('pointing', Boolean(a));
      tip.hidden = !a;
      if (a)
        tip.replaceChildren(
          named(a.name),
          h(
            'span',
            { class: 'quiet' },
            `${a.genre ? a.genre + ', ' : ''}${count(a.listeners)} listeners`
          )
        );
      plane.draw();
    }
    if (a)
      tip.style.transform = `translate(${Math.min(p.x + 14, plane.width - 190)}px, ${p.y + 16}px)`;
  }

  const down = new Map(); // pointers
  let moved = 0;
  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    if (!down.size) moved = 0;
    down.set(event.pointerId, at(event));
  });
  stage.addEventListener('pointermove', (event) => {
    const p = at(event);
    const before = down.get(event.pointerId);
    if (!before) return hover(plane.at(p), p);
    moved += Math.hypot(p.x - before.x, p.y - before.y);
    if (down.size === 1 && moved > CLICK) {
      hover(null);
      plane.pan(p.x - before.x, p.y - before.y);
    } else if (down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)[1];
      const middle = { x: (p.x + other.x) / 2, y: (p.y + other.y) / 2 };
      plane.pan((p.x - before.x) / 2, (p.y - before.y) / 2);
      plane.zoom(
        Math.hypot(p.x - other.x, p.y - other.y) /
          (Math.hypot(before.x - other.x, before.y - other.y) || 1),
        middle
      );
    }
    down.set(event.pointerId, p);
  });
  const up = (event) => {
    const p = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (!p || event.type !== 'pointerup' || moved > CLICK || down.size) return;
    const a = plane.at(p);
    if (a) choose(a);
    else if (opened) choose(null);
  };
  stage.addEventListener('pointerup', up);
  stage.addEventListener('pointercancel', up);
  stage.addEventListener('pointerleave', () => hover(null));
  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const step = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
      plane.zoom(Math.exp(-Math.max(-160, Math.min(160, step)) * 0.0022), at(event));
    },
    { passive: false }
  );
  stage.addEventListener('keydown', (event) => {
    const steps = {
      ArrowLeft: [60, 0],
      ArrowRight: [-60, 0],
      ArrowUp: [0, 60],
      ArrowDown: [0, -60],
    };
    if (steps[event.key]) plane.pan(...steps[event.key]);
    else if (event.key === '+' || event.key === '=') plane.zoom(1.3);
    else if (event.key === '-') plane.zoom(1 / 1.3);
    else if (event.key === '0') plane.fit();
    else if (event.key === 'Escape' && opened) choose(null);
    else return;
    event.preventDefault();
  });

  // --- beside the map ------------------------------------------------------------------------

  const list_in_view = debounce((seen) => {
    if (opened || signal.aborted) return;
    side.replaceChildren(
      h('h2', {}, 'In view'),
      h(
        'p',
        { class: 'quiet' },
        seen.length > LISTED ? `The ${LISTED} most popular of ${count(seen.length)}.` : ''
      ),
      artist_list(seen.slice(0, LISTED))
    );
  }, 150);

  const artist_list = (list, more = {}) =>
    h(
      'ul',
      { class: 'artist-rows', ...more },
      list.map((a) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'artist-row',
              'data-artist': a.artist_id,
              onclick: () => choose(a, true),
            },
            sleeve(a.name, a.genre),
            h('span', { class: 'row-text' }, named(a.name), genreChip(a.genre)),
            a.similarity !== undefined && h('span', { class: 'figure' }, percent(a.similarity))
          )
        )
      )
    );

  async function choose(artist, move = false) {
    const a = by_id.get(artist?.artist_id);
    opened = artist;
    plane.chosen = a ?? null;
    plane.near = new Set();
    remember({ focus: artist?.artist_id ?? null });
    if (a && move) plane.fly(a);
    plane.draw();
    if (!artist) return;
    const body = h('div', {}, h('p', { class: 'quiet' }, 'Fetching…'));
    const back = h(
      'button',
      { type: 'button', class: 'plain', onclick: () => choose(null) },
      'Back to all in view'
    );
    const heading = h('h2', { tabindex: -1 }, 'Like ', named(artist.name));
    side.replaceChildren(
      heading,
      h(
        'div',
        { class: 'actions' },
        detailLink(artist.artist_id, { class: 'button secondary' }, 'Details'),
        back
      ),
      !a
        ? h(
            'p',
            { class: 'notice' },
            `Not on the map, which has the ${count(plane.artists.length)} most popular artists.`
          )
        : '',
      body
    );
    const wanted = artist.artist_id;
    try {
      const { similar } = await api.similar(wanted, { limit: 15 }, signal);
      if (!body.isConnected) return;
      plane.near = new Set(similar.map((x) => x.artist_id));
      body.replaceChildren(artist_list(similar, { class: 'artist-rows similar' }));
      announce(`${similar.length} artists like ${artist.name}`);
      plane.draw();
    } catch (problem) {
      if (!signal.aborted && body.isConnected) {
        body.replaceChildren(problemBox(problem, { retry: () => choose(artist), signal }));
      }
    }
  }

  function draw_legend(groups) {
    const key = (kind, text) =>
      h('li', { class: `key ${kind}` }, h('span', { 'aria-hidden': 'true' }), text);
    legend.replaceChildren(
      ...groups.map((g) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'chip',
              'aria-pressed': String(plane.only === g),
              onclick: (event) => {
                plane.only = plane.only === g ? '' : g;
                for (const b of legend.querySelectorAll('button'))
                  b.setAttribute('aria-pressed', 'false');
                event.currentTarget.setAttribute('aria-pressed', String(plane.only === g));
                plane.draw();
              },
            },
            [...genreChip(g).childNodes]
          )
        )
      ),
      rated().length ? key('rated', 'You ranked') : '',
      state.recommended.length ? key('recommended', 'Recommended to you') : ''
    );
  }

  // --- start ---------------------------------------------------------------------------------

  async function load() {
    side.replaceChildren(h('p', { class: 'quiet' }, 'Fetching the map…'));
    let body;
    try {
      body = await api.map(MOST, signal);
    } catch (problem) {
      if (signal.aborted) return;
      side.replaceChildren(problemBox(problem, { retry: load, signal }));
      return;
    }
    if (signal.aborted) return;
    const artists = body.artists
      .map((a) => ({ ...a, group: (a.genre || '').toLowerCase() }))
      .sort((a, b) => b.listeners - a.listeners);
    by_id = new Map(artists.map((a) => [a.artist_id, a]));
    if (!artists.length) {
      side.replaceChildren(
        h(
          'div',
          { class: 'empty' },
          h('h2', {}, 'The map is empty'),
          h('p', {}, 'This model has no artists to place.')
        )
      );
      return;
    }
    const sizes = new Map();
    for (const { group } of artists) if (group) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    draw_legend(
      [...sizes]
        .sort((a, b) => b[1] - a[1])
        .slice(0, LEGEND)
        .map(([g]) => g)
    );
    if (body.explained?.length === 2) {
      document
        .getElementById('map-help')
        .append(
          ` The two directions hold ${percent(body.explained[0] + body.explained[1])} of what ` +
            'tells the artists apart: who is far away here is unlike, who is near may differ otherwise.'
        );
    }
    mark();
    resize();
    plane.set_artists(artists);
    const focus = Number(params.get('focus'));
    if (focus) {
      const a = by_id.get(focus);
      if (a) choose(a, true);
      else
        api
          .artist(focus, signal)
          .then((x) => choose(x))
          .catch(() => {});
    }
  }

  function mark() {
    plane.ranked = new Set(rated());
    plane.recommended = new Set(state.recommended.map((a) => a.artist_id));
    plane.draw();
  }
  function resize() {
    const { width, height } = stage.getBoundingClientRect();
    plane.resize(width, height);
  }
  const watch = new ResizeObserver(resize);
  watch.observe(stage);
  signal.addEventListener('abort', () => watch.disconnect());
  const recolour = () => plane.read_colours();
  addEventListener('theme', recolour, { signal });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour, { signal });

  await load();

  // Who comes straight to the map sees their recommendations too.
  if (state.taste?.length && !state.recommended.length) {
    api
      .taste(state.taste, { top_k: 20 }, signal)
      .then((body) => {
        state.recommended = body.recommendations.map((r) => ({
          artist_id: r.artist_id,
          name: r.artist_name,
          genre: r.genre ?? '',
        }));
        draw_legend([...legend.querySelectorAll('button')].map((b) => b.textContent));
        mark();
      })
      .catch(() => {});
  }
  if (!rated().length) {
    main
      .querySelector('.lead')
      .append(' ', h('a', { href: href('rank') }, 'Rank a few'), ' to see yourself on it.');
  }
}
