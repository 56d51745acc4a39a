// What the page knows about its visitor, kept in this browser, and the place in it, kept in the URL.

import { store, stored } from './dom.js';

export const MOST_RANKED = 10; // what the service saves per user
export const MOST_EXCLUDED = 200;

// Artists are {artist_id, name, genre}.
export const state = {
  user: stored('mrec.user', ''),
  taste: stored('mrec.taste', null), // best first; null before the survey was seen
  saved: stored('mrec.saved', ''), // the user under whom this very taste was saved
  hidden: stored('mrec.hidden', {}), // user -> artists that are not for them
  recommended: [], // of the latest list, for the map
  rated: null, // ids that it follows from, or null: those of `taste`
};

export function setUser(user) {
  state.user = user;
  store('mrec.user', user);
}

export function setTaste(taste) {
  state.taste = taste;
  state.rated = null;
  setSaved('');
  store('mrec.taste', taste);
}

export function setSaved(user) {
  state.saved = user;
  store('mrec.saved', user);
}

// What the visitor ranked: here, or, of a user whose list was opened, in the service.
export const rated = () => state.rated ?? (state.taste ?? []).map((a) => a.artist_id);

// The lists of two users, and of somebody without a name, are apart.
const shelf = () => 'user ' + state.user;
export const hidden = () => state.hidden[shelf()] ?? [];
export function setHidden(artists) {
  state.hidden = { ...state.hidden, [shelf()]: artists };
  store('mrec.hidden', state.hidden);
}

// "#/for-you?genre=jazz" is {view: 'for-you', params}.
export function place() {
  const [path, search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { view: path, params: new URLSearchParams(search) };
}

export function href(view, params = {}) {
  const search = new URLSearchParams(
    Object.entries(params).filter(([, v]) => v !== undefined && v !== null && v !== '')
  ).toString();
  return `#/${view}${search ? '?' + search : ''}`;
}

// What a place shows, apart from the artist whose detail lies over it.
export function key(of) {
  const rest = new URLSearchParams(of.params);
  rest.delete('artist');
  return `${of.view}?${rest}`;
}
export const shown = { key: '' }; // of the view on the screen

// Changes parameters of this place without an entry in the history; null removes one.
export function remember(changes) {
  const { view, params } = place();
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(key);
    else params.set(key, value);
  }
  history.replaceState(history.state, '', href(view, Object.fromEntries(params)));
  shown.key = key(place());
}
