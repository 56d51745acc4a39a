// What steers the list: how well known, how alike, which genres. Its state is also in the URL.

import { api } from './api.js';
import { debounce, h, iconButton } from './dom.js';
import { remember } from './state.js';

const GENRES = 80; // offered in the filter

export const setting_of = (params) => ({
  obscure: Math.max(-1, Math.min(1, Number(params.get('obscure')) || 0)),
  varied: Math.max(0, Math.min(1, Number(params.get('varied')) || 0)),
  genres: (params.get('genre') ?? '').split('|').filter(Boolean),
});

// {form, reset}: changes `setting` and then calls `load()`.
export function steering({ signal, setting, load }) {
  const reload = debounce(load, 200);

  function slider(key, title, from, to, min, steps) {
    const id = `slider-${key}`;
    const say = (value) =>
      value === 0 && min < 0
        ? 'balanced'
        : `${Math.round(100 * Math.abs(value))} % ${value < 0 ? from : to}`.toLowerCase();
    const input = h('input', {
      type: 'range',
      id,
      min,
      max: 1,
      step: 1 / steps,
      value: setting[key],
      'aria-valuetext': say(setting[key]),
    });
    input.addEventListener('input', () => {
      setting[key] = Number(input.value);
      input.setAttribute('aria-valuetext', say(setting[key]));
      remember({ [key]: setting[key] || null });
      reload();
    });
    return h(
      'div',
      { class: 'slider' },
      h('label', { for: id }, title),
      input,
      h('span', { class: 'ends', 'aria-hidden': 'true' }, h('span', {}, from), h('span', {}, to))
    );
  }

  const chosen = h('ul', { class: 'pills', 'aria-label': 'Chosen genres' });
  const genre = h('select', { id: 'genre' }, h('option', { value: '' }, 'All genres'));
  function set_genres(genres) {
    setting.genres = genres;
    remember({ genre: genres.join('|') });
    draw_genres();
    load();
  }
  function draw_genres() {
    chosen.replaceChildren(
      ...setting.genres.map((g) =>
        h(
          'li',
          {},
          h('bdi', {}, g),
          iconButton('close', `No longer only ${g}`, () =>
            set_genres(setting.genres.filter((x) => x !== g))
          )
        )
      )
    );
    chosen.hidden = !setting.genres.length;
    genre.options[0].textContent = setting.genres.length ? 'Add a genre' : 'All genres';
  }
  genre.addEventListener('change', () => {
    const picked = genre.value;
    genre.value = '';
    if (picked && !setting.genres.includes(picked)) set_genres([...setting.genres, picked]);
  });
  api
    .genres(signal)
    .then((body) =>
      genre.append(
        ...body.genres
          .slice(0, GENRES)
          .map((g) => h('option', { value: g.genre }, `${g.genre} (${g.artists})`))
      )
    )
    .catch(() => {
      genre.disabled = true;
    });

  const form = h(
    'form',
    { class: 'steer', 'aria-label': 'Steer the list', onsubmit: (e) => e.preventDefault() },
    slider('obscure', 'How well known', 'Familiar', 'Obscure', -1, 10),
    slider('varied', 'How alike', 'Similar', 'Varied', 0, 10),
    h('div', { class: 'genre-filter' }, h('label', { for: 'genre' }, 'Genre'), genre, chosen)
  );

  function reset() {
    Object.assign(setting, { obscure: 0, varied: 0, genres: [] });
    remember({ obscure: null, varied: null, genre: null });
    for (const input of form.querySelectorAll('input')) input.value = 0;
    draw_genres();
    load();
  }

  draw_genres();
  return { form, reset };
}
