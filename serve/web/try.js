// API: where the reference is, and requests to try.

import { api } from './api.js';
import { h, toast } from './dom.js';
import { state } from './state.js';

const sample = () =>
  JSON.stringify(
    {
      ratings: (state.taste?.length ? state.taste : [{ artist_id: 227 }])
        .slice(0, 5)
        .map((a, i) => ({ artist_id: a.artist_id, rank: i + 1 })),
      top_k: 5,
      explain: true,
    },
    null,
    2
  );

const EXAMPLES = [
  ['Recommendations for a taste', 'POST', '/api/v1/recommendations/taste', sample],
  [
    'Recommendations for a user',
    'POST',
    '/api/v1/recommendations',
    () => JSON.stringify({ user_id: state.user || 'alice', top_k: 5 }, null, 2),
  ],
  ['Find an artist', 'GET', '/api/v1/artists?q=beyonce&limit=5'],
  [
    'Similar artists',
    'GET',
    () => `/api/v1/artists/${state.taste?.[0]?.artist_id ?? 227}/similar?limit=5`,
  ],
  ['The survey', 'GET', '/api/v1/survey-artists'],
  ['Genres', 'GET', '/api/v1/genres'],
  ['The model', 'GET', '/api/v1/model'],
  ['Ready?', 'GET', '/health/ready'],
];

const in_shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export async function show(main, { signal }) {
  const method = h(
    'select',
    { id: 'try-method' },
    ['GET', 'POST', 'PUT', 'DELETE'].map((m) => h('option', {}, m))
  );
  const path = h('input', {
    id: 'try-path',
    type: 'text',
    spellcheck: 'false',
    autocomplete: 'off',
    required: true,
  });
  const body = h('textarea', { id: 'try-body', rows: 9, spellcheck: 'false' });
  const body_row = h('div', {}, h('label', { for: 'try-body' }, 'Body (JSON)'), body);
  const curl = h('code', {});
  const answer = h('div', { class: 'answer', 'aria-live': 'polite' });
  const examples = h(
    'select',
    { id: 'try-example' },
    EXAMPLES.map(([title], i) => h('option', { value: i }, title))
  );

  const has_body = () => method.value === 'POST' || method.value === 'PUT';
  function refresh() {
    body_row.hidden = !has_body();
    curl.textContent =
      `curl ${method.value === 'GET' ? '' : `-X ${method.value} `}${in_shell(location.origin + path.value)}` +
      (has_body()
        ? ` \\\n  -H 'Content-Type: application/json' -d ${in_shell(body.value.replace(/\s*\n\s*/g, ' '))}`
        : '');
  }
  function take() {
    const [, m, p, b] = EXAMPLES[examples.value];
    method.value = m;
    path.value = typeof p === 'function' ? p() : p;
    body.value = b ? b() : '';
    refresh();
  }

  async function send(event) {
    event.preventDefault();
    if (!path.value.startsWith('/') || path.value.startsWith('//')) {
      answer.replaceChildren(
        h('p', { class: 'fault' }, 'A path starts with one "/": only this server is asked.')
      );
      return;
    }
    answer.setAttribute('aria-busy', 'true');
    const started = performance.now();
    try {
      const response = await api.raw(method.value, path.value, {
        body: has_body() ? body.value : undefined,
        signal,
      });
      const text = await response.text();
      const took = performance.now() - started;
      let pretty = text;
      try {
        pretty = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // Not JSON: shown as it is.
      }
      const header = (name) =>
        response.headers.get(name) && `${name}: ${response.headers.get(name)}`;
      answer.replaceChildren(
        h(
          'p',
          {},
          h(
            'strong',
            { class: response.ok ? 'status ok' : 'status bad', 'data-status': response.status },
            response.status
          ),
          h('span', { class: 'quiet' }, ` in ${took.toFixed(0)} ms`)
        ),
        h(
          'p',
          { class: 'quiet' },
          ['Mrec-Model', 'X-Request-Id', 'Retry-After', 'ETag']
            .map(header)
            .filter(Boolean)
            .join(' · ')
        ),
        h(
          'pre',
          { tabindex: 0, role: 'region', 'aria-label': 'Body of the reply' },
          h('code', {}, pretty.slice(0, 50000) || '(empty)')
        )
      );
    } catch (problem) {
      if (!signal.aborted) answer.replaceChildren(h('p', { class: 'fault' }, problem.message));
    } finally {
      answer.removeAttribute('aria-busy');
    }
  }

  examples.addEventListener('change', take);
  for (const field of [method, path, body]) field.addEventListener('input', refresh);
  const link = (to, title, text) =>
    h(
      'li',
      {},
      h(
        'a',
        { class: 'tile', href: to },
        h('strong', {}, title),
        h('span', { class: 'quiet' }, text)
      )
    );
  const all = h('div', {});

  main.append(
    h(
      'div',
      { class: 'view-head' },
      h('h1', { tabindex: -1 }, 'API'),
      h(
        'p',
        { class: 'lead' },
        'All that this page does goes through a REST service, which is yours as well.'
      )
    ),
    h(
      'ul',
      { class: 'tiles' },
      link('/docs', 'Reference', '/docs: every endpoint, its fields and limits'),
      link('/openapi.json', 'OpenAPI', '/openapi.json: for generators of clients'),
      link('/metrics', 'Metrics', '/metrics: for Prometheus'),
      link('/health', 'Health', '/health: alive; /health/ready: of use')
    ),
    h(
      'div',
      { class: 'split even' },
      h(
        'form',
        { class: 'panel', onsubmit: send, 'aria-label': 'Try a request' },
        h('h2', {}, 'Try it'),
        h('div', {}, h('label', { for: 'try-example' }, 'Example'), examples),
        h(
          'div',
          { class: 'request-line' },
          h('div', {}, h('label', { for: 'try-method' }, 'Method'), method),
          h('div', {}, h('label', { for: 'try-path' }, 'Path'), path)
        ),
        body_row,
        h(
          'div',
          { class: 'actions' },
          h('button', { type: 'submit', class: 'primary' }, 'Send'),
          h(
            'button',
            {
              type: 'button',
              class: 'plain',
              onclick: async () => {
                try {
                  await navigator.clipboard.writeText(curl.textContent);
                  toast('Copied.');
                } catch {
                  toast('The browser does not let the page copy: select the text.');
                }
              },
            },
            'Copy as curl'
          )
        ),
        h('pre', { tabindex: 0, role: 'region', 'aria-label': 'The same with curl' }, curl)
      ),
      h('section', { class: 'panel', 'aria-label': 'Reply' }, h('h2', {}, 'Reply'), answer)
    ),
    all
  );
  answer.append(h('p', { class: 'quiet' }, 'Nothing sent yet.'));
  take();

  try {
    const { paths } = await api.schema(signal);
    const rows = Object.entries(paths).flatMap(([p, methods]) =>
      Object.entries(methods).map(([m, op]) => [m.toUpperCase(), p, op])
    );
    all.replaceChildren(
      h(
        'section',
        { class: 'panel', 'aria-label': 'Endpoints' },
        h('h2', {}, 'Endpoints'),
        h(
          'ul',
          { class: 'endpoints' },
          rows.map(([m, p, op]) =>
            h(
              'li',
              {},
              h(
                'button',
                {
                  type: 'button',
                  class: 'plain',
                  onclick: () => {
                    method.value = m;
                    path.value = p;
                    body.value = op.requestBody ? sample() : '';
                    refresh();
                    path.focus();
                  },
                },
                h('span', { class: `verb ${m.toLowerCase()}` }, m),
                h('code', {}, p)
              ),
              h('span', { class: 'quiet' }, op.summary ?? '')
            )
          )
        )
      )
    );
  } catch {
    // The list is an extra; /docs tells by itself when it has nothing.
  }
}
