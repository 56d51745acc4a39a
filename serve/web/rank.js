// Rank: the artists that somebody knows, best first.

import { account } from './account.js';
import { api } from './api.js';
import {
  announce,
  debounce,
  genreChip,
  h,
  icon,
  iconButton,
  named,
  percent,
  plural,
  sleeve,
  toast,
} from './dom.js';
import { artistSearch } from './combobox.js';
import { problemBox } from './problems.js';
import { draggable } from './reorder.js';
import { MOST_RANKED, setTaste, setUser, state } from './state.js';

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export async function show(main, { signal, params, changed }) {
  if (params.has('user')) {
    setUser(params.get('user'));
    changed();
  }
  const rows = new Map(); // artist id -> row
  const list = h('ol', { class: 'ranking', 'aria-label': 'Your ranking, best first' });
  const status = h('div', { class: 'rank-status' });
  const preview = h('div', { class: 'preview' });
  const greeting = h('div', { class: 'greeting' });
  let artists = state.taste;
  let draw = 0; // of the survey

  // --- the list -------------------------------------------------------------------------------

  function change(next, { said, focus } = {}) {
    artists = next;
    setTaste(artists);
    draw_list();
    if (focus) focus();
    if (said) announce(said);
    look();
  }

  function move(artist, to) {
    const from = artists.indexOf(artist);
    const place = Math.max(0, Math.min(artists.length - 1, to));
    const focused = document.activeElement;
    if (place === from) return announce(`${artist.name} stays at rank ${from + 1}`);
    const next = artists.filter((a) => a !== artist);
    next.splice(place, 0, artist);
    change(next, {
      said: `${artist.name} is now rank ${place + 1} of ${next.length}`,
      focus: () => focused?.isConnected && focused.focus({ preventScroll: false }),
    });
  }

  function remove(artist) {
    const place = artists.indexOf(artist);
    const before = artists;
    change(
      artists.filter((a) => a !== artist),
      {
        said: `${artist.name} removed`,
        focus: () => {
          const near = artists[Math.min(place, artists.length - 1)];
          (near
            ? rows.get(near.artist_id).querySelector('.remove')
            : document.querySelector('.search input')
          )?.focus();
        },
      }
    );
    toast(`Removed ${artist.name}.`, {
      label: 'Undo',
      run: () => change(before, { said: 'Taken back' }),
    });
  }

  function add(artist) {
    if (!artists) return toast('One moment: the survey is still on its way.');
    const at = artists.findIndex((a) => a.artist_id === artist.artist_id);
    if (at >= 0) return toast(`${artist.name} is already in your ranking, at ${at + 1}.`);
    const before = artists;
    if (artists.length < MOST_RANKED) {
      change([...artists, artist], { said: `${artist.name} added at rank ${artists.length + 1}` });
      toast(`Added ${artist.name} at rank ${artists.length}.`);
    } else {
      const gone = artists[artists.length - 1];
      change([...artists.slice(0, -1), artist], {
        said: `${artist.name} took the place of ${gone.name}`,
      });
      toast(`${artist.name} took the place of ${gone.name}: ten are enough.`, {
        label: 'Undo',
        run: () => change(before, { said: 'Taken back' }),
      });
    }
    rows.get(artist.artist_id)?.classList.add('fresh');
  }

  function row_of(artist) {
    const rank = h('input', {
      class: 'rank-number',
      type: 'number',
      min: 1,
      inputmode: 'numeric',
      'aria-label': `Rank of ${artist.name}`,
      onchange: (event) => {
        const typed = Number.parseInt(event.target.value, 10);
        if (Number.isFinite(typed)) move(artist, typed - 1);
        number();
      },
      onfocus: (event) => event.target.select(),
    });
    const grip = h(
      'button',
      {
        type: 'button',
        class: 'grip',
        'aria-label': `Move ${artist.name}: drag, or use the arrow keys`,
        onkeydown: (event) => {
          const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
          if (!step) return;
          event.preventDefault();
          move(artist, artists.indexOf(artist) + step);
        },
      },
      icon('grip')
    );
    const row = h(
      'li',
      { class: 'ranked', 'data-artist': artist.artist_id },
      grip,
      rank,
      sleeve(artist.name, artist.genre),
      h('span', { class: 'ranked-name' }, named(artist.name), genreChip(artist.genre)),
      h(
        'span',
        { class: 'ranked-buttons' },
        iconButton(
          'up',
          `Move ${artist.name} up`,
          () => move(artist, artists.indexOf(artist) - 1),
          { class: 'icon-button up' }
        ),
        iconButton(
          'down',
          `Move ${artist.name} down`,
          () => move(artist, artists.indexOf(artist) + 1),
          { class: 'icon-button down' }
        ),
        iconButton('close', `Remove ${artist.name}`, () => remove(artist), {
          class: 'icon-button remove',
        })
      )
    );
    draggable(row, list, (to) => move(artist, to));
    return row;
  }

  function number() {
    artists.forEach((artist, i) => {
      const row = rows.get(artist.artist_id);
      const field = row.querySelector('.rank-number');
      field.value = i + 1;
      field.max = artists.length;
      row.querySelector('.up').setAttribute('aria-disabled', String(i === 0));
      row.querySelector('.down').setAttribute('aria-disabled', String(i === artists.length - 1));
    });
  }

  // Rows glide to their new places: all are measured before, and all after, the change.
  function draw_list() {
    const before = new Map([...list.children].map((row) => [row, row.getBoundingClientRect().top]));
    const wanted = artists.map((artist) => {
      if (!rows.has(artist.artist_id)) rows.set(artist.artist_id, row_of(artist));
      return rows.get(artist.artist_id);
    });
    for (const [id, row] of rows) {
      if (!wanted.includes(row)) {
        rows.delete(id);
        row.remove();
      }
    }
    wanted.forEach((row, i) => {
      if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
    });
    number();
    if (!still()) {
      const moved = wanted.map((row) => [
        row,
        before.has(row) ? before.get(row) - row.getBoundingClientRect().top : 0,
      ]);
      for (const [row, by] of moved) {
        if (by) {
          row.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], {
            duration: 180,
            easing: 'cubic-bezier(.2,.8,.3,1)',
          });
        }
      }
    }
    draw_status();
  }

  const { form, tell, greet_known } = account({
    signal,
    changed,
    ranking: () => artists,
    loaded: (next) => change(next, { said: `Loaded ${plural(next.length, 'artist')}` }),
  });

  // Beside the list: nothing, or what to do without one.
  function draw_status() {
    tell();
    status.replaceChildren(
      artists?.length
        ? ''
        : h(
            'div',
            { class: 'empty' },
            h('h2', {}, 'Nothing ranked yet'),
            h('p', {}, 'Search for artists you like, or start from ten that many people know.'),
            h(
              'button',
              { type: 'button', class: 'primary', onclick: () => start_over() },
              'Start with ten'
            )
          )
    );
  }

  // --- a first look at what would come --------------------------------------------------------

  let looking;
  const look = debounce(async () => {
    looking?.abort();
    if (!artists?.length || signal.aborted) return preview.replaceChildren();
    looking = new AbortController();
    try {
      const body = await api.taste(artists, { top_k: 5 }, looking.signal);
      if (signal.aborted) return;
      preview.replaceChildren(
        h('h2', {}, 'A first look'),
        h(
          'ul',
          { class: 'glance' },
          body.recommendations.map((r) =>
            h(
              'li',
              {},
              sleeve(r.artist_name, r.genre),
              named(r.artist_name),
              h('span', { class: 'figure' }, percent(r.score))
            )
          )
        )
      );
    } catch {
      preview.replaceChildren(); // an extra: nothing is lost without it
    }
  }, 350);

  // --- the survey ----------------------------------------------------------------------------

  const survey = async (options) =>
    (await api.survey(options, signal)).map(({ artist_id, name, genre }) => ({
      artist_id,
      name,
      genre,
    }));

  async function start_over() {
    try {
      change(await survey(draw ? { seed: draw } : {}), { said: 'A new list of artists' });
    } catch (problem) {
      if (!signal.aborted)
        status.replaceChildren(problemBox(problem, { retry: start_over, signal }));
    }
  }

  async function first_list() {
    status.replaceChildren(h('p', { class: 'quiet' }, 'Fetching artists…'));
    try {
      artists = await survey({});
      if (signal.aborted) return;
      draw_list();
      look();
    } catch (problem) {
      if (signal.aborted) return;
      artists = [];
      status.replaceChildren(problemBox(problem, { retry: first_list, signal }));
    }
  }

  if (!state.taste) {
    greeting.append(
      h(
        'ol',
        { class: 'steps' },
        h('li', {}, h('strong', {}, 'Order'), ' these artists: the ones you love go to the top.'),
        h('li', {}, h('strong', {}, 'Remove'), ' whom you do not know, and add your own.'),
        h('li', {}, h('strong', {}, 'Listen'), ' to what we suggest, and see why.')
      )
    );
  }
  main.append(
    h(
      'div',
      { class: 'view-head' },
      h('h1', { tabindex: -1 }, 'Whom do you like?'),
      h(
        'p',
        { class: 'lead' },
        'Ten artists are enough. Drag them, use the arrows, or type a rank.'
      )
    ),
    greeting,
    h(
      'div',
      { class: 'split' },
      h(
        'section',
        { class: 'ranking-side', 'aria-label': 'Ranking' },
        artistSearch({
          label: 'Add an artist',
          placeholder: 'Search by name',
          onpick: add,
          signal,
          note: (a) => (artists?.some((b) => b.artist_id === a.artist_id) ? 'in your list' : ''),
        }),
        list,
        status,
        h(
          'div',
          { class: 'actions' },
          h(
            'button',
            {
              type: 'button',
              class: 'plain',
              onclick: () => {
                ++draw;
                start_over();
              },
            },
            icon('again'),
            'Ten others'
          ),
          h(
            'button',
            { type: 'button', class: 'plain', onclick: () => change([], { said: 'List emptied' }) },
            icon('close'),
            'Empty the list'
          )
        )
      ),
      h('aside', { class: 'side', 'aria-label': 'Save, and a first look' }, form, preview)
    )
  );
  tell();
  if (artists) {
    draw_list();
    look();
  } else {
    await first_list();
  }
  greet_known();
}
