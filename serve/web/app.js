// The frame of the page: routes, navigation, theme, and what concerns all views.

import { api, connection, models, Problem } from './api.js';
import { announce, banner, h, icon, store, stored, toast } from './dom.js';
import { closeArtist, detailHref, showArtist } from './artist.js';
import { problemBox } from './problems.js';
import { href, key, place, setUser, shown, state } from './state.js';

const VIEWS = {
  rank: { title: 'Rank', icon: 'rank', file: './rank.js' },
  'for-you': { title: 'For you', icon: 'heart', file: './foryou.js' },
  map: { title: 'Map', icon: 'map', file: './map.js' },
  model: { title: 'Model', icon: 'model', file: './model.js' },
  api: { title: 'API', icon: 'api', file: './try.js' },
};

const main = document.getElementById('main');
let leaving = new AbortController();

function draw_frame() {
  const { view } = place();
  document.querySelector('nav.views').replaceChildren(
    h(
      'ul',
      {},
      Object.entries(VIEWS).map(([name, v]) =>
        h(
          'li',
          {},
          h(
            'a',
            {
              href:
                name === 'for-you' && state.saved ? href(name, { user: state.saved }) : href(name),
              'aria-current': name === view && 'page',
            },
            icon(v.icon),
            h('span', {}, v.title)
          )
        )
      )
    )
  );
  const who = document.querySelector('.who');
  who.hidden = !state.user;
  who.replaceChildren(
    h('span', { class: 'unseen' }, 'You are '),
    h('bdi', { class: 'name' }, state.user)
  );
}

async function render({ first = false } = {}) {
  const here = place();
  if (!VIEWS[here.view]) {
    history.replaceState(null, '', href('rank'));
    return render({ first });
  }
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  shown.key = key(here);
  draw_frame();
  document.title = `${VIEWS[here.view].title} · mrec`;
  main.className = `view-${here.view}`;
  main.replaceChildren();
  try {
    const { show } = await part(VIEWS[here.view].file);
    if (signal.aborted) return;
    const showing = show(main, { signal, params: here.params, changed: draw_frame });
    if (!first) {
      scrollTo(0, 0);
      main.querySelector('h1')?.focus({ preventScroll: true });
    }
    await showing;
  } catch (error) {
    if (signal.aborted) return;
    // A browser may remember that a part did not come, so that is asked for with a new page.
    const retry = error.status === 0 ? () => location.reload() : () => render();
    main.replaceChildren(
      h('h1', { tabindex: -1 }, VIEWS[here.view].title),
      problemBox(error, { retry, signal })
    );
  }
}

async function part(file) {
  try {
    return await import(file);
  } catch {
    throw new Problem(0, 'A part of the page did not come.');
  }
}

// The other views come while nothing else is to do: they open at once, also when the server is away.
function fetch_ahead() {
  for (const { file } of Object.values(VIEWS)) import(file).catch(() => {});
}

function overlay() {
  const artist = place().params.get('artist');
  if (/^\d+$/.test(artist ?? '')) showArtist(Number(artist));
  else closeArtist();
}

addEventListener('hashchange', () => {
  const here = place();
  if (key(here) !== shown.key) {
    closeArtist();
    render();
  }
  overlay();
});

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-detail]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  location.hash = detailHref(link.dataset.detail);
});
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault(); // the hash is the route
  main.focus();
});

// --- theme: as the system, light, dark ---------------------------------------------------------

const THEMES = {
  auto: ['Theme of the system', 'auto'],
  light: ['Light theme', 'sun'],
  dark: ['Dark theme', 'moon'],
};
let theme = stored('mrec.theme', 'auto');
if (!THEMES[theme]) theme = 'auto';
const switcher = document.getElementById('theme');
function draw_theme() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  switcher.replaceChildren(icon(THEMES[theme][1]));
  switcher.setAttribute('aria-label', `${THEMES[theme][0]}: change`);
  switcher.title = THEMES[theme][0];
  dispatchEvent(new CustomEvent('theme'));
}
switcher.addEventListener('click', () => {
  const names = Object.keys(THEMES);
  theme = names[(names.indexOf(theme) + 1) % names.length];
  store('mrec.theme', theme);
  draw_theme();
  announce(THEMES[theme][0]);
});

// --- the server: another model, or gone --------------------------------------------------------

models.onchange = (model) => {
  banner(
    'model',
    h(
      'p',
      {},
      'The server has a new model, ',
      h('code', {}, model),
      '. What you see may be of the one before.'
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'secondary',
        onclick: () => {
          banner('model', null);
          render();
        },
      },
      'Show the new one'
    ),
    h('button', { type: 'button', class: 'plain', onclick: () => banner('model', null) }, 'Later')
  );
};

let lost = 0;
connection.onlost = () => {
  if (lost) return;
  banner(
    'server',
    h(
      'p',
      {},
      'The server does not answer. Trying again every few seconds; your ranking is kept here.'
    ),
    h(
      'button',
      { type: 'button', class: 'secondary', onclick: () => api.health().catch(() => {}) },
      'Try now'
    )
  );
  lost = setInterval(() => api.health().catch(() => {}), 4000);
};
connection.onfound = () => {
  if (!lost) return;
  clearInterval(lost);
  lost = 0;
  banner('server', null);
  toast('The server is back.');
  dispatchEvent(new CustomEvent('found'));
};

addEventListener('taste', draw_frame);
const { params } = place();
if (params.get('user')) setUser(params.get('user'));
draw_theme();
render({ first: true }).then(() => setTimeout(fetch_ahead, 1000));
overlay();
