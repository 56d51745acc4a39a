// What a view shows when a request fails: what happened, and a way to go on.

import { h } from './dom.js';
import { key, Problem } from './api.js';

function telling(problem) {
  switch (problem.status) {
    case 0:
      return [
        'The server does not answer',
        'It may be restarting, or the network is down. ' +
          'What you ranked is kept in this browser.',
      ];
    case 404:
      return ['Not found', problem.message];
    case 422:
    case 400:
      return ['The server did not accept this', problem.message];
    case 401:
      return [
        'A key is needed',
        'This server answers those who have an API key. Its operator gives them.',
      ];
    case 403:
      return ['Not allowed', problem.message];
    case 429:
      return ['A little too fast', 'The server limits how much one visitor may ask.'];
    case 503:
      return [
        'The server is not ready',
        'It is starting or being replaced. This rarely takes long.',
      ];
    default:
      return ['Something went wrong', problem.message];
  }
}

// Where a key is entered; it stays in this tab. No form of its own: it may stand within one.
function key_field(retry) {
  const input = h('input', { type: 'password', autocomplete: 'off' });
  const use = () => {
    key.set(input.value.replace(/[^!-~]/g, '')); // all that a header can hold
    retry();
  };
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    use();
  });
  return h(
    'div',
    { class: 'key-field' },
    h('label', {}, 'API key', input),
    h('button', { type: 'button', class: 'primary', onclick: use }, 'Use it')
  );
}

// `retry` is called by a button and, for 429 and 503, by a countdown; `extra` are further buttons.
// `signal` ends the countdown when the view goes.
export function problemBox(problem, { retry, signal, extra = [] } = {}) {
  if (!(problem instanceof Problem)) {
    console.error(problem);
    problem = new Problem(500, 'The page met an error that it did not expect.');
  }
  const [title, text] = telling(problem);
  const wait = problem.retryAfter || (problem.status === 503 ? 5 : problem.status === 429 ? 10 : 0);
  const box = h(
    'div',
    { class: 'problem', role: 'alert', 'data-status': problem.status },
    h('h2', {}, title),
    h('p', {}, text)
  );
  const actions = h('div', { class: 'actions' });
  if (retry && problem.status === 401) {
    box.append(key_field(retry));
  } else if (retry) {
    const button = h(
      'button',
      { type: 'button', class: 'primary', onclick: () => go() },
      'Try again'
    );
    const left = wait > 0 && h('p', { class: 'quiet countdown', 'aria-live': 'off' });
    let timer;
    const go = () => {
      clearInterval(timer);
      retry();
    };
    if (left) {
      const end = Date.now() + wait * 1000;
      const tick = () => {
        const seconds = Math.ceil((end - Date.now()) / 1000);
        if (!box.isConnected || signal?.aborted) clearInterval(timer);
        else if (seconds <= 0) go();
        left.textContent = `Trying again by itself in ${seconds} s.`;
      };
      timer = setInterval(tick, 500);
      left.textContent = `Trying again by itself in ${wait} s.`;
      box.append(left);
    }
    actions.append(button);
    if (problem.status === 0) {
      addEventListener(
        'found',
        () => {
          if (box.isConnected) retry();
        },
        { once: true, signal }
      );
    }
  }
  actions.append(...extra);
  if (actions.childElementCount) box.append(actions);
  if (problem.requestId && problem.status >= 500) {
    box.append(
      h('p', { class: 'quiet' }, 'For the operator: request ', h('code', {}, problem.requestId))
    );
  }
  return box;
}
