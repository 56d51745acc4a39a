// Recommendations as files of other programs.

import { percent } from './dom.js';

function quoted(cell) {
  // A cell that starts like a formula is told apart from one, for spreadsheets.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell);
  return `"${text.replaceAll('"', '""')}"`;
}

export const csv = (items) =>
  '\uFEFF' +
  [
    ['rank', 'artist_id', 'artist', 'genre', 'match', 'raw_score'],
    ...items.map((i) => [i.rank, i.artist_id, i.artist_name, i.genre, i.score, i.raw_score]),
  ]
    .map((row) =>
      row.map((cell) => (typeof cell === 'number' ? cell : quoted(cell ?? ''))).join(',')
    )
    .join('\r\n') +
  '\r\n';

// https://www.xspf.org/jspf: artists, not recordings, so a track has a creator and no title.
export const jspf = (items, title) =>
  JSON.stringify(
    {
      playlist: {
        title,
        creator: 'mrec',
        date: new Date().toISOString(),
        track: items.map((i) => ({
          creator: i.artist_name,
          annotation: `${i.genre ? i.genre + ', ' : ''}match ${percent(i.score)}`,
        })),
      },
    },
    null,
    2
  );
