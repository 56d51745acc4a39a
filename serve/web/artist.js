// The detail of one artist, in a dialog over whichever view is open: "?artist=707" in the URL.

import { api } from './api.js';
import { count, genreChip, h, iconButton, named, percent, sleeve, toast } from './dom.js';
import { problemBox } from './problems.js';
import { hidden, href, MOST_RANKED, place, remember, setHidden, setTaste, state } from './state.js';

const PAGE = 10;

// A row that opens the detail of another artist.
export const similarRow = (artist) =>
  h(
    'li',
    {},
    detailLink(
      artist.artist_id,
      { class: 'artist-row' },
      sleeve(artist.name, artist.genre),
      h('span', { class: 'row-text' }, named(artist.name), genreChip(artist.genre)),
      h('span', {
        class: 'meter',
        'aria-hidden': 'true',
        vars: { '--share': Math.max(0, artist.similarity) },
      }),
      h(
        'span',
        { class: 'figure', title: 'cosine of the angle between the two' },
        percent(artist.similarity)
      )
    )
  );

// Opens an artist without leaving the view.
export function detailHref(id) {
  const { view, params } = place();
  return href(view, { ...Object.fromEntries(params), artist: id });
}
// A link to it; where it leads is settled by app.js at the click, as filters change the place.
export const detailLink = (id, properties, ...children) =>
  h('a', { ...properties, href: detailHref(id), 'data-detail': id }, children);

let dialog;
let running;

export function closeArtist() {
  running?.abort();
  if (dialog?.open) dialog.close();
}

export async function showArtist(id) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  if (!dialog) {
    dialog = h('dialog', { class: 'detail', 'aria-labelledby': 'detail-name' });
    dialog.addEventListener('close', () => {
      running.abort();
      if (place().params.has('artist')) remember({ artist: null });
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
  }
  const body = h(
    'div',
    { class: 'detail-body' },
    h('h2', { id: 'detail-name' }, 'Artist'),
    h('p', { class: 'quiet' }, 'Fetching…')
  );
  dialog.replaceChildren(
    iconButton('close', 'Close', () => dialog.close(), { class: 'icon-button close' }),
    body
  );
  if (!dialog.open) dialog.showModal();

  let artist;
  let first;
  try {
    [artist, first] = await Promise.all([
      api.artist(id, signal),
      api.similar(id, { limit: PAGE }, signal),
    ]);
  } catch (problem) {
    if (signal.aborted) return;
    body.replaceChildren(
      h('h2', { id: 'detail-name' }, 'Artist'),
      problemBox(problem, { retry: () => showArtist(id), signal })
    );
    return;
  }
  if (signal.aborted) return;

  const brief = { artist_id: artist.artist_id, name: artist.name, genre: artist.genre ?? '' };
  const is_ranked = () => (state.taste ?? []).some((a) => a.artist_id === brief.artist_id);
  const is_hidden = () => hidden().some((a) => a.artist_id === brief.artist_id);
  const actions = h('div', { class: 'actions' });

  function draw_actions() {
    actions.replaceChildren(
      is_ranked()
        ? h('span', { class: 'quiet' }, 'In your ranking')
        : h('button', { type: 'button', class: 'primary', onclick: rank }, 'Add to my ranking'),
      h(
        'button',
        { type: 'button', class: 'secondary', onclick: hide },
        is_hidden() ? 'For me again' : 'Not for me'
      ),
      h(
        'a',
        { class: 'button secondary', href: href('map', { focus: brief.artist_id }) },
        'Show on the map'
      )
    );
  }
  function rank() {
    const taste = state.taste ?? [];
    setTaste([...taste.slice(0, MOST_RANKED - 1), brief]);
    toast(
      taste.length < MOST_RANKED
        ? `Added ${brief.name} to your ranking.`
        : `${brief.name} took the last place of your ranking.`
    );
    draw_actions();
    dispatchEvent(new CustomEvent('taste'));
  }
  function hide() {
    setHidden(
      is_hidden() ? hidden().filter((a) => a.artist_id !== brief.artist_id) : [...hidden(), brief]
    );
    draw_actions();
    dispatchEvent(new CustomEvent('hidden'));
  }

  const similar = h(
    'ul',
    { class: 'artist-rows', 'aria-label': `Artists similar to ${artist.name}` },
    first.similar.map(similarRow)
  );
  const more = h(
    'button',
    {
      type: 'button',
      class: 'secondary',
      hidden: first.similar.length < PAGE,
      onclick: async () => {
        try {
          const next = await api.similar(
            id,
            { limit: PAGE, offset: similar.childElementCount },
            signal
          );
          similar.append(...next.similar.map(similarRow));
          more.hidden = next.similar.length < PAGE;
        } catch (problem) {
          if (!signal.aborted) toast(problem.message);
        }
      },
    },
    'More similar artists'
  );

  draw_actions();
  const known = artist.popularity_percentile;
  body.replaceChildren(
    h(
      'div',
      { class: 'detail-head' },
      sleeve(artist.name, artist.genre),
      h(
        'div',
        {},
        h('h2', { id: 'detail-name' }, named(artist.name)),
        h(
          'p',
          { class: 'facts' },
          genreChip(artist.genre),
          h('span', {}, `${count(artist.listeners)} listeners`),
          Number.isFinite(known) &&
            h(
              'span',
              { class: 'quiet' },
              `more than ${known.toFixed(known < 99 ? 0 : 1)} % of all artists`
            )
        )
      )
    ),
    actions,
    h('h3', {}, 'Similar artists'),
    first.similar.length ? similar : h('p', { class: 'quiet' }, 'The model knows none.'),
    more
  );
}
