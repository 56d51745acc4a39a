// Building blocks of the page: elements, icons, sleeves, messages.
//
// All text reaches the document as text nodes or attributes, never as markup, so names and user ids
// may hold anything.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'vars') {
      // Custom properties: a style attribute is what the content security policy forbids.
      for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    } else if (key === 'value' || key === 'checked' || key === 'indeterminate')
      element[key] = value;
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(
    ...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false)
  );
  return element;
}

// h('button', {type: 'button', onclick}, 'Save'): an element of HTML; s() is one of SVG.
export const h = (tag, properties, ...children) =>
  fill(document.createElement(tag), properties, children);
export const s = (tag, properties, ...children) =>
  fill(document.createElementNS(SVG, tag), properties, children);

// A name in a script of its own direction.
export const named = (name) => h('bdi', { class: 'name', dir: 'auto' }, name);

const ICONS = {
  rank: 'M4 6h3M4 12h3M4 18h3M11 6h9M11 12h7M11 18h5',
  heart:
    'M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.2a4.3 4.3 0 0 1 7.5 2.6C19.5 15.4 12 20 12 20z',
  map: 'M5 18a1.6 1.6 0 1 0 0-.01M9.5 9.500a2 2 0 1 0 0-.01M17.500 6a1.600 1.600 0 1 0 0-.01M15.500 16a2.500 2.500 0 1 0 0-.01',
  model: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  api: 'M8 7l-5 5 5 5M16 7l5 5-5 5M14 4l-4 16',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  close: 'M6 6l12 12M18 6L6 18',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  search: 'M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM20 20l-4-4',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  sun: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M5 19l1.400-1.400M17.600 6.400L19 5',
  moon: 'M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z',
  auto: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM12 3v18',
  again: 'M20 11a8 8 0 1 0-2.300 6M20 5v6h-6',
  hide: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM5.600 5.600l12.800 12.800',
  save: 'M12 4v11M7 11l5 5 5-5M4 20h16',
};

export const icon = (name) =>
  s(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' },
    s('path', { d: ICONS[name] })
  );

// A button of one icon; the label is what is read out and shown on hover.
export const iconButton = (name, label, onclick, more) =>
  h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...more },
    icon(name)
  );

export function hash(text) {
  let value = 2166136261;
  for (const c of text) value = Math.imul(value ^ c.codePointAt(0), 16777619) >>> 0;
  return value;
}

// The hue in which a genre is drawn, everywhere alike.
const HUES = {
  rock: 28,
  metal: 5,
  pop: 345,
  electronic: 215,
  indie: 90,
  'hip-hop': 60,
  jazz: 250,
  classical: 285,
  punk: 320,
  soul: 40,
  folk: 130,
  reggae: 150,
  ambient: 190,
  country: 75,
};
export function hue(genre) {
  const lower = (genre || '').toLowerCase();
  const known = Object.keys(HUES).find((g) => lower.includes(g));
  return known ? HUES[known] : hash(lower) % 360;
}

// A record sleeve made of the artist's name, so that a list is easier to scan.
export function sleeve(name, genre) {
  const seed = hash(name);
  const base = hue(genre) + ((seed >>> 9) % 41) - 20;
  const tone = (light, chroma, turn = 0) => `oklch(${light} ${chroma} ${base + turn})`;
  const [x, y] = [6 + (seed % 37), 6 + ((seed >>> 6) % 37)];
  const art = [s('rect', { width: 48, height: 48, fill: tone(0.34, 0.05) })];
  const kind = (seed >>> 12) % 5;
  if (kind === 0) {
    for (const [i, r] of [30, 22, 14, 6].entries()) {
      art.push(s('circle', { cx: x, cy: y, r, fill: tone(0.42 + 0.12 * i, 0.09, 12 * i) }));
    }
  } else if (kind === 1) {
    for (let i = 0; i < 5; ++i) {
      const width = 3 + ((seed >>> (i * 3)) % 9);
      art.push(
        s('rect', { x: i * 10, y: 0, width, height: 48, fill: tone(0.45 + 0.09 * i, 0.1, 10 * i) })
      );
    }
  } else if (kind === 2) {
    art.push(
      s('path', { d: `M0 48V${y}L48 ${x}V48z`, fill: tone(0.55, 0.11) }),
      s('path', { d: `M0 48V${48 - x / 2}L48 ${y / 2 + 20}V48z`, fill: tone(0.7, 0.1, 25) }),
      s('circle', { cx: 48 - x, cy: 13, r: 5, fill: tone(0.86, 0.08, 40) })
    );
  } else if (kind === 3) {
    for (let i = 0; i < 9; ++i) {
      art.push(
        s('circle', {
          cx: 10 + 14 * (i % 3),
          cy: 10 + 14 * Math.floor(i / 3),
          r: 2 + ((seed >>> i) % 5),
          fill: tone(0.5 + 0.1 * ((seed >>> (i + 3)) % 4), 0.1, 8 * i),
        })
      );
    }
  } else {
    art.push(
      s('circle', { cx: 24, cy: 24, r: 19, fill: tone(0.55, 0.1) }),
      s('path', {
        d: 'M24 5a19 19 0 0 1 0 38z',
        fill: tone(0.75, 0.1, 20),
        transform: `rotate(${seed % 360} 24 24)`,
      }),
      s('circle', { cx: 24, cy: 24, r: 5 + (seed % 4), fill: tone(0.3, 0.05) })
    );
  }
  return s('svg', { viewBox: '0 0 48 48', class: 'sleeve', 'aria-hidden': 'true' }, art);
}

export const genreChip = (genre) =>
  genre &&
  h(
    'span',
    { class: 'chip' },
    s(
      'svg',
      { viewBox: '0 0 8 8', class: 'dot', 'aria-hidden': 'true' },
      s('circle', { cx: 4, cy: 4, r: 4, fill: `oklch(0.65 0.13 ${hue(genre)})` })
    ),
    h('bdi', {}, genre)
  );

// For those who listen to the page: said at once, shown nowhere.
export function announce(text) {
  const place = document.getElementById('announcer');
  place.replaceChildren(h('p', {}, text));
}

// A short message at the bottom; `action` {label, run} can take back what it tells.
export function toast(text, action) {
  const place = document.getElementById('toasts');
  const remove = () => box.remove();
  const box = h(
    'div',
    { class: 'toast' },
    h('span', {}, text),
    action &&
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            remove();
            action.run();
          },
        },
        action.label
      )
  );
  place.replaceChildren(box);
  setTimeout(remove, action ? 9000 : 5000);
}

// A line across the page, one per `key`; null removes it.
export function banner(key, ...content) {
  const place = document.getElementById('banners');
  place.querySelector(`[data-key="${key}"]`)?.remove();
  if (content[0] !== null) {
    place.append(h('div', { class: 'banner', 'data-key': key, role: 'alert' }, content));
  }
}

export function debounce(run, wait) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(run, wait, ...values);
  };
}

export const percent = (share) => `${Math.round(100 * share)} %`;
export const count = (number) => Number(number).toLocaleString('en-GB');
export const plural = (number, one, more = one + 's') =>
  `${count(number)} ${number === 1 ? one : more}`;

// Offers `text` as a file to keep.
export function download(filename, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h('a', { href: url, download: filename }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function stored(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full disks: the page works, it only forgets.
  }
}
