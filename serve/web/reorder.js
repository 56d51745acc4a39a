// Rows of a list that can be dragged to another place.

// `drop(place)` is called when `row`, a child of `list` with a .grip, was let go at another place.
export function draggable(row, list, drop) {
  row.addEventListener('pointerdown', (event) => drag(event, row, list, drop));
}

// Pointer events serve mouse, pen and touch. A finger drags by the grip, so that it can scroll
// elsewhere; a mouse drags by the whole row. Places are measured once, at the start.
function drag(event, row, list, drop) {
  const handle = event.target.closest('.grip');
  if (event.button !== 0 || list.childElementCount < 2) return;
  if (!handle && (event.pointerType !== 'mouse' || event.target.closest('button, input'))) return;
  if (!handle) event.preventDefault();
  const all = [...list.children];
  const middles = all.map((r) => {
    const b = r.getBoundingClientRect();
    return b.top + b.height / 2 + scrollY;
  });
  const from = all.indexOf(row);
  const stride = row.offsetHeight + (Number.parseFloat(getComputedStyle(list).rowGap) || 0);
  const start = event.clientY + scrollY;
  let to = from;
  let last = event.clientY;
  let timer = 0;

  row.setPointerCapture(event.pointerId);
  row.classList.add('dragged');
  list.classList.add('dragging');

  const place = () => {
    const by = last + scrollY - start;
    row.style.transform = `translateY(${by}px)`;
    const at = middles[from] + by;
    to = middles.reduce(
      (best, m, i) => (Math.abs(m - at) < Math.abs(middles[best] - at) ? i : best),
      0
    );
    all.forEach((other, i) => {
      if (other === row) return;
      const shift = from < i && i <= to ? -stride : to <= i && i < from ? stride : 0;
      other.style.transform = shift ? `translateY(${shift}px)` : '';
    });
  };
  const scroll = () => {
    const edge = 70;
    const by = last < edge + 50 ? -8 : last > innerHeight - edge ? 8 : 0;
    if (by) {
      scrollBy(0, by);
      place();
    }
    timer = requestAnimationFrame(scroll);
  };
  const step = (e) => {
    last = e.clientY;
    place();
  };
  const over = new AbortController();
  const end = (commit) => {
    over.abort();
    cancelAnimationFrame(timer);
    row.classList.remove('dragged');
    list.classList.remove('dragging');
    all.forEach((r) => {
      r.style.transform = '';
    });
    if (commit && to !== from) drop(to);
  };
  row.addEventListener('pointermove', step, { signal: over.signal });
  row.addEventListener('pointerup', () => end(true), { signal: over.signal });
  row.addEventListener('pointercancel', () => end(false), { signal: over.signal });
  addEventListener(
    'keydown',
    (e) => {
      if (e.key === 'Escape') end(false);
    },
    { signal: over.signal }
  );
  timer = requestAnimationFrame(scroll);
}
