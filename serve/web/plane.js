// Artists as points of a plane on a canvas: which part of it is seen, what lies where, and the
// painting. It knows nothing of pointers, keys or requests.

import { h, hue } from './dom.js';

const ZOOM = [0.8, 60]; // against the whole plane
const NEAR = 14; // px from a point that still mean it
const BEYOND = 20; // px outside within which a point is still painted
const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const ROUND = 2 * Math.PI;

export class Plane {
  // What is shown. draw() after a change.
  artists = []; // {artist_id, name, genre, group, listeners, x, y}, most listened first
  ranked = new Set(); // ids
  recommended = new Set(); // ids
  near = new Set(); // ids, similar to `chosen`
  chosen = null; // artist
  hovered = null; // artist
  only = ''; // group: the others fade

  #pen;
  #ratio = Math.min(devicePixelRatio || 1, 2); // canvas pixels per CSS pixel
  #view = { scale: 1, x: 0, y: 0 }; // screen = (x, -y) * scale + (x, y)
  #whole = 1; // scale at which all artists are seen
  #colour = {};
  #waiting = false;
  #onpaint;

  // `onpaint(seen)` is told which artists are in view, most listened first, whenever that may change.
  constructor(canvas, onpaint) {
    this.canvas = canvas;
    this.#pen = canvas.getContext('2d');
    this.#onpaint = onpaint;
  }

  get width() {
    return this.canvas.width / this.#ratio;
  }
  get height() {
    return this.canvas.height / this.#ratio;
  }
  // 1 when all artists are seen.
  get magnification() {
    return this.#view.scale / this.#whole;
  }

  set_artists(artists) {
    this.artists = artists;
    const most = artists[0]?.listeners || 1;
    for (const a of artists) a.size = 2.5 + 8 * Math.sqrt(a.listeners / most); // px
    this.read_colours();
    this.fit();
  }

  // To be called when the theme has changed.
  read_colours() {
    const probe = h('span', { hidden: true });
    document.body.append(probe);
    for (const name of ['ink', 'accent', 'raised']) {
      probe.style.color = `var(--${name})`;
      this.#colour[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    const { theme } = document.documentElement.dataset;
    const dark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    for (const a of this.artists) {
      a.fill = `oklch(${dark ? 0.72 : 0.6} ${a.genre ? 0.13 : 0} ${hue(a.genre)})`;
    }
    this.draw();
  }

  // --- what part is seen -------------------------------------------------------------------------

  resize(width, height) {
    const [w, h] = [Math.round(width * this.#ratio), Math.round(height * this.#ratio)];
    if (!w || (this.canvas.width === w && this.canvas.height === h)) return;
    this.canvas.width = w;
    this.canvas.height = h;
    this.fit();
  }

  // `at` {x, y} stays where it is; without, the middle does.
  zoom(by, at = { x: this.width / 2, y: this.height / 2 }) {
    const wanted = this.#view.scale * by;
    const scale = Math.max(ZOOM[0] * this.#whole, Math.min(ZOOM[1] * this.#whole, wanted));
    const f = scale / this.#view.scale;
    const { x, y } = this.#view;
    this.#view = { scale, x: at.x - (at.x - x) * f, y: at.y - (at.y - y) * f };
    this.draw();
  }

  pan(x, y) {
    this.#view = { ...this.#view, x: this.#view.x + x, y: this.#view.y + y };
    this.draw();
  }

  fit() {
    if (!this.artists.length || !this.width) return;
    const span = (values) => [Math.min(...values), Math.max(...values)];
    const [left, right] = span(this.artists.map((a) => a.x));
    const [low, high] = span(this.artists.map((a) => a.y));
    const scale = Math.min(
      (this.width - Math.min(90, this.width / 6)) / (right - left || 1), // names need room
      (this.height - 50) / (high - low || 1)
    );
    this.#whole = scale;
    this.#view = {
      scale,
      x: this.width / 2 - (scale * (left + right)) / 2,
      y: this.height / 2 + (scale * (low + high)) / 2,
    };
    this.draw();
  }

  // Puts an artist into the middle, near enough to see its neighbours.
  fly(a) {
    const scale = Math.max(this.#view.scale, 3 * this.#whole);
    this.#view = { scale, x: this.width / 2 - a.x * scale, y: this.height / 2 + a.y * scale };
    this.draw();
  }

  #place({ x, y }) {
    const { scale, x: left, y: top } = this.#view;
    return { x: x * scale + left, y: -y * scale + top };
  }

  // The artist at a place of the screen, or null.
  at(place) {
    let best = null;
    let least = NEAR;
    for (const a of this.artists) {
      if (this.only && a.group !== this.only) continue;
      const p = this.#place(a);
      const distance = Math.hypot(p.x - place.x, p.y - place.y) - a.size / 2;
      if (distance < least) [best, least] = [a, distance];
    }
    return best;
  }

  // --- painting ----------------------------------------------------------------------------------

  draw() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      if (this.width) this.#paint();
    });
  }

  #paint() {
    const pen = this.#pen;
    pen.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    const grown = Math.sqrt(this.magnification);
    const small = Math.max(0.6, Math.min(1, this.width / 700)); // points of a narrow map
    const seen = [];
    for (const a of this.artists) {
      const { x, y } = this.#place(a);
      if (x < -BEYOND || y < -BEYOND || x > this.width + BEYOND || y > this.height + BEYOND)
        continue;
      seen.push({ a, x, y, r: Math.min(16, a.size * small * Math.min(grown, 2.4)) });
    }
    this.#paint_points(seen);
    this.#paint_marks(seen);
    this.#paint_names(seen, this.width / 40 + 20 * grown);
    const inside = ({ x, y }) => x > 0 && y > 0 && x < this.width && y < this.height;
    const shown = ({ a }) => !this.only || a.group === this.only;
    this.#onpaint(seen.filter((one) => inside(one) && shown(one)).map(({ a }) => a));
  }

  #faded(a) {
    if (this.only && a.group !== this.only) return true;
    return this.chosen !== null && a !== this.chosen && !this.near.has(a.artist_id);
  }

  #circle(x, y, r) {
    this.#pen.beginPath();
    this.#pen.arc(x, y, r, 0, ROUND);
  }

  #paint_points(seen) {
    const pen = this.#pen;
    // The most listened last, on top.
    for (const { a, x, y, r } of seen.toReversed?.() ?? [...seen].reverse()) {
      pen.globalAlpha = this.#faded(a) ? 0.14 : 0.82;
      pen.fillStyle = a.fill;
      this.#circle(x, y, r);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  // Lines to similar artists, squares round ranked ones, circles round recommended ones.
  #paint_marks(seen) {
    const pen = this.#pen;
    const middle = this.chosen && this.#place(this.chosen);
    for (const { a, x, y, r } of seen) {
      if (middle && this.near.has(a.artist_id)) {
        pen.strokeStyle = this.#colour.accent;
        pen.globalAlpha = 0.4;
        pen.lineWidth = 1;
        pen.beginPath();
        pen.moveTo(middle.x, middle.y);
        pen.lineTo(x, y);
        pen.stroke();
        pen.globalAlpha = 1;
      }
      pen.lineWidth = 2.5;
      if (this.ranked.has(a.artist_id)) {
        pen.strokeStyle = this.#colour.ink;
        pen.strokeRect(x - r - 3, y - r - 3, 2 * r + 6, 2 * r + 6);
      } else if (this.recommended.has(a.artist_id)) {
        pen.strokeStyle = this.#colour.accent;
        this.#circle(x, y, r + 3.5);
        pen.stroke();
      }
      if (a === this.chosen || a === this.hovered) {
        pen.lineWidth = 3;
        pen.strokeStyle = this.#colour.accent;
        this.#circle(x, y, r + 1);
        pen.stroke();
      }
    }
  }

  // How much a name matters to the visitor; 0 for most.
  #weight(a) {
    if (a === this.chosen || a === this.hovered) return 4;
    if (this.near.has(a.artist_id)) return 3;
    if (this.ranked.has(a.artist_id)) return 2;
    return this.recommended.has(a.artist_id) ? 1 : 0;
  }

  // At most `most` names, where there is room, those that matter first.
  #paint_names(seen, most) {
    const pen = this.#pen;
    pen.textBaseline = 'middle';
    pen.lineJoin = 'round';
    pen.strokeStyle = this.#colour.raised;
    pen.fillStyle = this.#colour.ink;
    pen.lineWidth = 3.5;
    const taken = [];
    for (const { a, x, y, r } of [...seen].sort((m, n) => this.#weight(n.a) - this.#weight(m.a))) {
      if (taken.length >= most) break;
      if (this.#faded(a) && a !== this.hovered) continue;
      pen.font = `${this.#weight(a) ? 600 : 400} 12px ${FONT}`;
      a.width ??= pen.measureText(a.name).width;
      const size = a.width * 1.08; // bold is a little wider
      const fits = x + r + 5 + size < this.width;
      const left = fits ? x + r + 5 : x - r - 5 - size;
      const box = { left: left - 1, right: left + size + 3, top: y - 8, bottom: y + 8 };
      const meets = (other) =>
        other.left < box.right &&
        other.right > box.left &&
        other.top < box.bottom &&
        other.bottom > box.top;
      if (taken.some(meets)) continue;
      taken.push(box);
      pen.strokeText(a.name, left, y);
      pen.fillText(a.name, left, y);
    }
  }
}
