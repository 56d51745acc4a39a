// A field that finds artists as one types: the combobox pattern of the ARIA Authoring Practices.

import { api } from './api.js';
import { count, debounce, genreChip, h, icon, named } from './dom.js';

let made = 0;

// `onpick(artist)` with {artist_id, name, genre}; `note(artist)` may add a word to a row.
export function artistSearch({ label, placeholder, onpick, signal, note = () => '' }) {
  const id = `search-${++made}`;
  let found = [];
  let active = -1;
  let running;

  const list = h('ul', {
    class: 'options',
    role: 'listbox',
    id: `${id}-list`,
    'aria-label': label,
    hidden: true,
  });
  const status = h('p', { class: 'search-status', role: 'status' });
  const input = h('input', {
    id,
    type: 'text',
    role: 'combobox',
    placeholder,
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-expanded': 'false',
    'aria-controls': list.id,
    'aria-autocomplete': 'list',
    enterkeyhint: 'search',
  });
  const box = h(
    'div',
    { class: 'search' },
    h('label', { for: id }, label),
    h('div', { class: 'search-field' }, icon('search'), input),
    list,
    status
  );

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function pick(artist) {
    input.value = '';
    found = [];
    status.textContent = '';
    close();
    onpick({ artist_id: artist.artist_id, name: artist.name, genre: artist.genre ?? '' });
  }

  function mark(next) {
    list.children[active]?.setAttribute('aria-selected', 'false');
    active = next;
    const row = list.children[active];
    if (!row) return input.removeAttribute('aria-activedescendant');
    row.setAttribute('aria-selected', 'true');
    row.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', row.id);
  }

  function open() {
    list.replaceChildren(
      ...found.map((artist, i) =>
        h(
          'li',
          {
            role: 'option',
            id: `${id}-${i}`,
            'aria-selected': 'false',
            onpointerdown: (event) => event.preventDefault(), // the focus stays in the field
            onclick: () => pick(artist),
          },
          named(artist.name),
          genreChip(artist.genre),
          h(
            'span',
            { class: 'quiet' },
            note(artist) ||
              (artist.listeners === undefined ? '' : `${count(artist.listeners)} listeners`)
          )
        )
      )
    );
    list.hidden = found.length === 0;
    input.setAttribute('aria-expanded', String(found.length > 0));
    active = -1;
    input.removeAttribute('aria-activedescendant');
  }

  async function look() {
    running?.abort();
    const q = input.value.trim();
    if (!q) {
      status.textContent = '';
      return close();
    }
    running = new AbortController();
    try {
      const body = await api.search({ q, limit: 8 }, running.signal);
      found = body.artists;
      status.textContent = found.length ? '' : `No artist like “${q}”. Perhaps another spelling?`;
      open();
    } catch (problem) {
      if (problem.name === 'AbortError') return;
      close();
      status.textContent =
        problem.status === 429
          ? 'Too many searches at once: wait a moment and go on typing.'
          : `Search failed. ${problem.message}`;
    }
  }

  input.addEventListener('input', debounce(look, 130));
  input.addEventListener('focus', () => {
    if (found.length) open();
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const last = found.length - 1;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) return found.length ? open() : undefined;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      mark(active < 0 ? (step > 0 ? 0 : last) : (active + step + last + 1) % (last + 1));
    } else if (event.key === 'Enter' && !list.hidden) {
      event.preventDefault();
      pick(found[Math.max(active, 0)]);
    } else if (event.key === 'Escape') {
      if (list.hidden) input.value = '';
      else event.stopPropagation();
      close();
    }
  });
  signal?.addEventListener('abort', () => running?.abort());
  return box;
}
