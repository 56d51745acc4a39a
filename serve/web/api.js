// The REST service as functions. They return the body of a reply, or throw Problem.

const BASE = '/api/v1';
const LIMIT = 15000; // ms that a reply may take

// What went wrong, in words for people. `status` is 0 when there was no reply at all.
export class Problem extends Error {
  constructor(status, message, { retryAfter = 0, requestId = '' } = {}) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter; // s, or 0
    this.requestId = requestId;
  }
}

export const models = {
  current: null, // of the latest reply that named one
  onchange: () => {}, // (model, previous)
};
// The key that some servers want; for this tab only.
export const key = {
  get: () => {
    try {
      return sessionStorage.getItem('mrec.key') ?? '';
    } catch {
      return '';
    }
  },
  set: (text) => {
    try {
      sessionStorage.setItem('mrec.key', text);
    } catch {
      // Without storage a key cannot be kept, and the server goes on asking for it.
    }
  },
};
export const connection = { onlost: () => {}, onfound: () => {} };

// `detail` is a text, or the list of what a request lacks.
function words(detail) {
  if (Array.isArray(detail)) {
    return detail
      .map((d) => {
        const place = (d.loc ?? []).filter((l) => l !== 'body').join(' ');
        return place ? `${place}: ${d.msg}` : d.msg;
      })
      .join('; ');
  }
  return typeof detail === 'string' ? detail : '';
}

async function reply(method, path, { body, signal } = {}) {
  const limit = AbortSignal.timeout(LIMIT);
  const request = {
    method,
    headers: { Accept: 'application/json' },
    signal: signal && AbortSignal.any ? AbortSignal.any([signal, limit]) : (signal ?? limit),
  };
  if (key.get()) request.headers['X-Api-Key'] = key.get();
  if (body !== undefined) {
    request.headers['Content-Type'] = 'application/json';
    request.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    if (signal?.aborted) throw error;
    connection.onlost();
    throw new Problem(
      0,
      error.name === 'TimeoutError'
        ? 'The server takes too long to answer.'
        : 'The server does not answer.'
    );
  }
  connection.onfound();
  const model = response.headers.get('Mrec-Model');
  if (model && model !== models.current) {
    const previous = models.current;
    models.current = model;
    if (previous) models.onchange(model, previous);
  }
  return response;
}

async function ask(method, path, options) {
  const response = await reply(method, path, options);
  if (response.status === 204) return null;
  let body = null;
  try {
    body = (response.ok && options?.parse ? options.parse : JSON.parse)(await response.text());
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    if (response.ok) throw new Problem(response.status, 'The reply is not readable.');
  }
  if (response.ok) return body;
  throw new Problem(
    response.status,
    words(body?.detail) || `The server answered ${response.status}.`,
    {
      retryAfter: Number.parseInt(response.headers.get('Retry-After'), 10) || 0,
      requestId: response.headers.get('X-Request-Id') ?? '',
    }
  );
}

function query(path, values) {
  const pairs = Object.entries(values).filter(([, v]) => v !== undefined && v !== '' && v !== null);
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

// Half an emoji, which a text field can hold, has no UTF-8.
export const wellFormed = (text) =>
  text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');

// The path of a user, or null for "." and "..", which no URL can name.
const ofUser = (user) =>
  /^\.{1,2}$/.test(user) ? null : `${BASE}/ratings/${encodeURIComponent(wellFormed(user))}`;

const bodyOf = (taste) =>
  taste.map((artist, place) => ({ artist_id: artist.artist_id, rank: place + 1 }));

// A list of artists in the order of the reply. Its keys are ids, which JavaScript would sort.
function survey_list(text) {
  const { artists } = JSON.parse(text);
  const order = [...text.matchAll(/"artist_id"\s*:\s*(\d+)/g)].map((m) => m[1]);
  return order.map((id) => artists[id]);
}

export const api = {
  survey: (options = {}, signal) =>
    ask('GET', query(`${BASE}/survey-artists`, options), { signal, parse: survey_list }),
  search: (options, signal) => ask('GET', query(`${BASE}/artists`, options), { signal }),
  artist: (id, signal) => ask('GET', `${BASE}/artists/${id}`, { signal }),
  similar: (id, options = {}, signal) =>
    ask('GET', query(`${BASE}/artists/${id}/similar`, options), { signal }),
  genres: (signal) => ask('GET', `${BASE}/genres`, { signal }),
  model: (signal) => ask('GET', `${BASE}/model`, { signal }),
  map: (limit, signal) => ask('GET', query(`${BASE}/map`, { limit }), { signal }),

  // The saved ratings of a user; null when there are none.
  async ratings(user, signal) {
    const path = ofUser(user);
    if (!path) return null;
    try {
      return await ask('GET', path, { signal });
    } catch (problem) {
      if (problem.status === 404) return null;
      throw problem;
    }
  },
  rate: (user, taste) =>
    ask('POST', `${BASE}/ratings`, { body: { user_id: wellFormed(user), ratings: bodyOf(taste) } }),
  forget: (user) => ask('DELETE', ofUser(user)),

  recommend: (user, options, signal) =>
    ask('POST', `${BASE}/recommendations`, {
      body: { user_id: wellFormed(user), ...options },
      signal,
    }),
  taste: (taste, options, signal) =>
    ask('POST', `${BASE}/recommendations/taste`, {
      body: { ratings: bodyOf(taste), ...options },
      signal,
    }),

  health: () => ask('GET', '/health'),
  schema: (signal) => ask('GET', '/openapi.json', { signal }),
  async metrics(signal) {
    const response = await reply('GET', '/metrics', { signal });
    if (!response.ok) throw new Problem(response.status, `The server answered ${response.status}.`);
    return response.text();
  },
  // Any request, and all of its reply: for those who try the service.
  raw: reply,
};
