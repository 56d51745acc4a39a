// Who ranks: a name, what the service keeps under it, and where to go with a ranking.

import { api } from './api.js';
import { announce, debounce, h, plural, toast } from './dom.js';
import { problemBox } from './problems.js';
import { href, MOST_RANKED, setSaved, setTaste, setUser, state } from './state.js';

// {form, tell, greet_known}. `ranking()` is what is on the screen, best first; `loaded(artists)` takes
// what the service had; `changed()` is told of another name.
export function account({ signal, changed, ranking, loaded }) {
  const user = h('input', {
    id: 'user',
    type: 'text',
    value: state.user,
    autocomplete: 'username',
    'aria-describedby': 'user-hint',
    spellcheck: 'false',
    autocapitalize: 'off',
    placeholder: 'for example: alice',
  });
  const hint = h('p', { class: 'quiet', id: 'user-hint' });
  const save = h('button', { type: 'submit', class: 'primary' }, 'Save and recommend');
  const attempt = h(
    'button',
    { type: 'button', class: 'secondary', onclick: () => try_it() },
    'Just try, without saving'
  );
  const found = h('div', { class: 'found' });
  const outcome = h('div', { class: 'outcome' });

  function user_fault() {
    const length = [...user.value].length;
    if (!user.value.trim()) return 'A name is needed to save: any will do.';
    if (length > 100) return `That name has ${length} characters; 100 are the most.`;
    return '';
  }

  // The buttons need something to send.
  function tell() {
    hint.textContent = 'Under this name the service keeps your ranking.';
    save.disabled = attempt.disabled = !ranking()?.length;
  }

  async function greet_known() {
    found.replaceChildren();
    const name = user.value;
    if (user_fault() || state.saved === name) return;
    let body;
    try {
      body = await api.ratings(name, signal);
    } catch {
      return; // only a courtesy; what matters tells its failures itself
    }
    if (!body || user.value !== name || signal.aborted) return;
    found.replaceChildren(
      h(
        'div',
        { class: 'notice' },
        h(
          'p',
          {},
          h('bdi', { class: 'name' }, name),
          ` has saved a ranking of ${plural(body.count, 'artist')}.`
        ),
        h(
          'div',
          { class: 'actions' },
          h(
            'button',
            { type: 'button', class: 'secondary', onclick: () => load(body.ratings, name) },
            'Load it'
          ),
          h(
            'a',
            { class: 'button secondary', href: href('for-you', { user: name }) },
            'See recommendations'
          ),
          h('button', { type: 'button', class: 'plain', onclick: () => forget(name) }, 'Delete it')
        )
      )
    );
  }

  async function load(ratings, name) {
    const sorted = [...ratings].sort((a, b) => a.rank - b.rank).slice(0, MOST_RANKED);
    const known = new Map((ranking() ?? []).map((a) => [a.artist_id, a]));
    const next = await Promise.all(
      sorted.map(
        async (r) =>
          known.get(r.artist_id) ??
          api
            .artist(r.artist_id, signal)
            .then((a) => ({ artist_id: a.artist_id, name: a.name, genre: a.genre }))
            .catch(() => ({ artist_id: r.artist_id, name: r.artist_name, genre: '' }))
      )
    );
    if (signal.aborted) return;
    found.replaceChildren();
    loaded(next);
    setSaved(name);
  }

  async function forget(name) {
    try {
      await api.forget(name);
      found.replaceChildren();
      setSaved('');
      toast(`What ${name} had saved is deleted.`);
    } catch (problem) {
      found.replaceChildren(problemBox(problem, { retry: () => forget(name), signal }));
    }
  }

  async function submit(event) {
    event?.preventDefault();
    const fault = user_fault();
    user.setAttribute('aria-invalid', String(Boolean(fault)));
    hint.textContent = fault || hint.textContent;
    hint.classList.toggle('fault', Boolean(fault));
    if (fault) return user.focus();
    save.setAttribute('aria-busy', 'true');
    try {
      await api.rate(user.value, ranking());
      if (signal.aborted) return;
      setTaste(ranking());
      setSaved(user.value);
      announce('Saved');
      location.hash = href('for-you', { user: user.value });
    } catch (problem) {
      if (!signal.aborted) outcome.replaceChildren(problemBox(problem, { retry: submit, signal }));
    } finally {
      save.removeAttribute('aria-busy');
    }
  }

  function try_it() {
    setTaste(ranking());
    location.hash = href('for-you');
  }

  user.addEventListener('input', () => {
    setUser(user.value);
    hint.classList.remove('fault');
    user.removeAttribute('aria-invalid');
    changed();
    tell();
  });
  user.addEventListener('input', debounce(greet_known, 500));

  const form = h(
    'form',
    { class: 'panel', onsubmit: submit, novalidate: true },
    h('h2', {}, 'Hear what follows'),
    h('label', { for: 'user' }, 'Your name'),
    user,
    hint,
    found,
    h('div', { class: 'actions stacked' }, save, attempt),
    outcome
  );

  return { form, tell, greet_known };
}
