// For you: recommendations as cards that say why, and what steers them.

import { api } from './api.js';
import {
  announce,
  count,
  download,
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
import { detailLink } from './artist.js';
import { why } from './explain.js';
import { csv, jspf } from './export.js';
import { problemBox } from './problems.js';
import { hidden, href, MOST_EXCLUDED, remember, setHidden, setUser, state } from './state.js';
import { setting_of, steering } from './steer.js';

const PAGE = 12;
const FURTHEST = 1000; // the largest offset that the service takes

export async function show(main, { signal, params, changed }) {
  const user = params.get('user') ?? '';
  if (user && user !== state.user) {
    setUser(user);
    changed();
  }
  const whose = user || 'you';
  const setting = { ...setting_of(params), popular: params.has('popular') };
  let items = [];
  let total = Infinity;
  let running;

  const cards = h('ol', { class: 'cards', 'aria-label': `Recommendations for ${whose}` });
  const outcome = h('div', { class: 'outcome' });
  const more = h(
    'button',
    { type: 'button', class: 'secondary more', hidden: true, onclick: () => load(true) },
    'Show more'
  );
  const told = h('p', { class: 'quiet told', role: 'status' });
  const away = h('div', { class: 'away' });

  if (!user && !state.taste?.length) {
    main.append(
      h('div', { class: 'view-head' }, h('h1', { tabindex: -1 }, 'For you')),
      h(
        'div',
        { class: 'empty' },
        h('h2', {}, 'We do not know you yet'),
        h('p', {}, 'Rank a few artists that you like: ten are plenty, and it takes a minute.'),
        h('a', { class: 'button primary', href: href('rank') }, 'Rank artists')
      )
    );
    return;
  }

  const options = (offset) => ({
    top_k: PAGE,
    explain: true,
    ...(offset && { offset }),
    ...(setting.obscure && { familiarity: -setting.obscure }),
    ...(setting.varied && { diversity: setting.varied }),
    ...(setting.genres.length && { genres: setting.genres }),
    ...(hidden().length && {
      exclude: hidden()
        .slice(-MOST_EXCLUDED)
        .map((a) => a.artist_id),
    }),
    ...(user && setting.popular && { fallback: 'popular' }),
  });

  function card(item) {
    const artist = { artist_id: item.artist_id, name: item.artist_name, genre: item.genre ?? '' };
    return h(
      'li',
      { class: 'card', 'data-artist': item.artist_id },
      h(
        'div',
        { class: 'card-head' },
        sleeve(item.artist_name, item.genre),
        h(
          'div',
          { class: 'card-title' },
          h('h2', {}, detailLink(item.artist_id, {}, named(item.artist_name))),
          genreChip(item.genre)
        ),
        h('p', { class: 'match' }, h('strong', {}, percent(item.score)), h('span', {}, 'match'))
      ),
      h('span', { class: 'meter', 'aria-hidden': 'true', vars: { '--share': item.score } }),
      why(item),
      h(
        'div',
        { class: 'card-foot' },
        h('span', { class: 'quiet' }, `No. ${item.rank}`),
        h(
          'button',
          {
            type: 'button',
            class: 'plain not-for-me',
            'aria-label': `${item.artist_name}: not for me`,
            onclick: () => hide(artist),
          },
          icon('hide'),
          'Not for me'
        )
      )
    );
  }

  function hide(artist) {
    const li = cards.querySelector(`[data-artist="${artist.artist_id}"]`);
    const next = li?.nextElementSibling ?? li?.previousElementSibling;
    setHidden([...hidden(), artist]);
    items = items.filter((i) => i.artist_id !== artist.artist_id);
    li?.remove();
    (next?.querySelector('.not-for-me') ?? told).focus?.();
    announce(`${artist.name} will not be suggested again`);
    toast(`${artist.name} will not be suggested again.`, {
      label: 'Undo',
      run: () => back(artist),
    });
    draw_away();
    tell();
    if (items.length < PAGE && items.length < total) load(true, 1); // the gap is filled
  }

  function back(artist) {
    setHidden(hidden().filter((a) => a.artist_id !== artist.artist_id));
    draw_away();
    load();
  }

  function draw_away() {
    const gone = hidden();
    away.replaceChildren(
      ...(gone.length
        ? [
            h(
              'details',
              {},
              h(
                'summary',
                {},
                `Not for ${user ? 'them' : 'you'}: ${plural(gone.length, 'artist')}`
              ),
              h(
                'ul',
                { class: 'pills' },
                gone.map((a) =>
                  h(
                    'li',
                    {},
                    named(a.name),
                    iconButton('close', `Suggest ${a.name} again`, () => back(a))
                  )
                )
              )
            ),
          ]
        : [])
    );
  }

  function tell(source) {
    const filtered = setting.genres.length ? ` in ${setting.genres.join(', ')}` : '';
    told.textContent = !items.length
      ? ''
      : source === 'popular'
        ? 'What everybody likes, as nothing is known of this taste yet.'
        : `${plural(items.length, 'artist')}${Number.isFinite(total) ? ` of ${count(total)}` : ''}${filtered}. ` +
          'A match is how probable it is, for the model, that you listen to the artist.';
  }

  async function load(further = false, number = PAGE) {
    running?.abort();
    running = new AbortController();
    const mine = running;
    cards.setAttribute('aria-busy', 'true');
    try {
      const wanted = { ...options(further ? items.length : 0), top_k: number };
      const body = user
        ? await api.recommend(user, wanted, mine.signal)
        : await api.taste(state.taste, wanted, mine.signal);
      if (signal.aborted) return;
      const gone = new Set(hidden().map((a) => a.artist_id));
      const fresh = body.recommendations.filter((r) => !gone.has(r.artist_id));
      items = further ? [...items, ...fresh] : fresh;
      total = body.total ?? Infinity;
      outcome.replaceChildren();
      if (further) cards.append(...fresh.map(card));
      else cards.replaceChildren(...fresh.map(card));
      state.recommended = items.map((i) => ({
        artist_id: i.artist_id,
        name: i.artist_name,
        genre: i.genre ?? '',
      }));
      if (items[0]?.explanation) state.rated = items[0].explanation.map((e) => e.artist_id);
      if (!items.length) {
        outcome.replaceChildren(
          h(
            'div',
            { class: 'empty' },
            h('h2', {}, 'Nothing passes these filters'),
            h('p', {}, 'Fewer genres, or another place of the sliders, give more.'),
            h('button', { type: 'button', class: 'primary', onclick: reset }, 'Clear the filters')
          )
        );
      }
      more.hidden =
        body.recommendations.length < number || items.length >= total || items.length > FURTHEST;
      tell(body.source);
      if (further && number === PAGE)
        cards.children[items.length - fresh.length]?.querySelector('h2 a')?.focus();
    } catch (problem) {
      if (mine.signal.aborted || signal.aborted) return;
      failed(problem, further, number);
    } finally {
      if (mine === running) cards.removeAttribute('aria-busy');
    }
  }

  function failed(problem, further, number) {
    if (!further) {
      items = [];
      cards.replaceChildren();
      more.hidden = true;
      tell();
    }
    if (problem.status === 404 && user) {
      outcome.replaceChildren(
        h(
          'div',
          { class: 'empty', 'data-status': 404 },
          h('h2', {}, 'Nothing saved for ', h('bdi', { class: 'name' }, user)),
          h('p', {}, 'Rank a few artists under this name first. Or see what everybody likes.'),
          h(
            'div',
            { class: 'actions' },
            h('a', { class: 'button primary', href: href('rank', { user }) }, 'Rank artists'),
            h(
              'button',
              {
                type: 'button',
                class: 'secondary',
                onclick: () => {
                  setting.popular = true;
                  remember({ popular: 1 });
                  load();
                },
              },
              'What everybody likes'
            )
          )
        )
      );
      return;
    }
    outcome.replaceChildren(
      problemBox(problem, {
        retry: () => load(further, number),
        signal,
        extra: [h('a', { class: 'button secondary', href: href('rank') }, 'Back to the ranking')],
      })
    );
  }

  const { form: steer, reset } = steering({ signal, setting, load: () => load() });

  const name = () => `mrec-${(user || 'taste').replace(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 40)}`;
  main.append(
    h(
      'div',
      { class: 'view-head with-actions' },
      h(
        'div',
        {},
        h('h1', { tabindex: -1 }, 'For ', h('bdi', { class: 'name' }, whose)),
        user
          ? told
          : h(
              'div',
              {},
              told,
              h(
                'p',
                { class: 'quiet' },
                'Only tried: nothing is saved. ',
                h('a', { href: href('rank') }, 'Change the ranking')
              )
            )
      ),
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            onclick: () => download(`${name()}.csv`, 'text/csv', csv(items)),
          },
          icon('save'),
          'CSV'
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            onclick: () =>
              download(
                `${name()}.jspf`,
                'application/json',
                jspf(items, `Recommended to ${whose}`)
              ),
          },
          icon('save'),
          'JSPF'
        )
      )
    ),
    steer,
    away,
    cards,
    outcome,
    h('div', { class: 'actions centred' }, more)
  );
  cards.append(
    ...Array.from({ length: 6 }, () => h('li', { class: 'card skeleton', 'aria-hidden': 'true' }))
  );
  addEventListener(
    'hidden',
    () => {
      draw_away();
      load();
    },
    { signal }
  );
  draw_away();
  await load();
}
