// The page in a real Chromium, with a real mrec-serve behind it.
//
// page_test.mjs MREC_SERVE MODEL OTHER_MODEL EVALUATION: run by page_test.py.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  assert_accessible,
  assert_no_sideways_scroll,
  eventually,
  launch,
  Server,
  visit,
} from './harness.mjs';

const [program, model, other_model, evaluation_file] = process.argv.slice(2);
const VIEWS = ['rank', 'for-you', 'map', 'model', 'api'];
const FAILED = /Failed to load resource/; // what Chromium logs of a reply that a test has provoked

let directory;
let server;
let browser;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mrec-page-'));
  server = await Server.start(program, model, join(directory, 'ratings.db'));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const at = (hash) => `${server.url}/app/#/${hash}`;
const ranking = (page) => page.locator('.ranked .name').allTextContents();
const cards = (page) => page.locator('.card h2').allTextContents();
const announced = (page) => page.locator('#announcer').textContent();

// The survey as the service gives it, in its order.
async function survey() {
  const { text } = await server.ask('GET', '/api/v1/survey-artists');
  const { artists } = JSON.parse(text);
  return [...text.matchAll(/"artist_id":\s*(\d+)/g)].map(([, id]) => artists[id]);
}

const ratings_of = (artists) => artists.map((a, i) => ({ artist_id: a.artist_id, rank: i + 1 }));

// Somebody whose ranking is saved, and who is on their list.
async function saved(user, options) {
  const artists = (await survey()).slice(0, 6);
  const reply = await server.ask('POST', '/api/v1/ratings', {
    user_id: user,
    ratings: ratings_of(artists),
  });
  assert.equal(reply.status, 201);
  const visitor = await visit(browser, at(`for-you?user=${encodeURIComponent(user)}`), options);
  await visitor.page.locator('.card .why').first().waitFor();
  return visitor;
}

// The body of the next request to `path`, which `act` provokes.
async function request_after(page, path, act) {
  const [request] = await Promise.all([
    page.waitForRequest((r) => new URL(r.url()).pathname === path && r.method() === 'POST'),
    act(),
  ]);
  await request.response();
  return request.postDataJSON();
}

const answer =
  (status, body, headers = {}) =>
  (route) =>
    route.fulfill({
      status,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

describe('rank', { concurrency: 2 }, () => {
  test('the survey comes in the order of the service, and a first visitor is guided', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    assert.deepEqual(
      await ranking(page),
      (await survey()).map((a) => a.name)
    );
    assert.equal(await page.locator('.steps li').count(), 3);
    await page.locator('.glance li').first().waitFor(); // a first look, before anything is saved
    await close();
  });

  test('the start of the site leads a browser here', async () => {
    const { page, close } = await visit(browser, `${server.url}/`);
    await page.locator('.ranked').first().waitFor();
    assert.match(page.url(), /\/app\/#\/rank$/);
    await close();
  });

  test('by drag with the mouse, and Escape takes a drag back', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    const names = await ranking(page);
    const middle = async (i) => {
      const box = await page.locator('.ranked .ranked-name').nth(i).boundingBox();
      return [box.x + box.width - 20, box.y + box.height / 2];
    };
    const drag = async (from, to) => {
      await page.mouse.move(...(await middle(from)));
      await page.mouse.down();
      await page.mouse.move(...(await middle(to)), { steps: 6 });
    };
    await drag(4, 1);
    await page.mouse.up();
    const moved = [names[0], names[4], names[1], names[2], names[3], ...names.slice(5)];
    await eventually(() => ranking(page), moved);
    assert.equal(await announced(page), `${names[4]} is now rank 2 of ${names.length}`);
    await drag(0, 3);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    assert.deepEqual(await ranking(page), moved);
    await page.reload(); // the ranking is kept in this browser
    await eventually(() => ranking(page), moved);
    await close();
  });

  test('by touch, with the grip', async () => {
    const { page, context, close } = await visit(browser, at('rank'), {
      hasTouch: true,
      isMobile: true,
      viewport: { width: 390, height: 800 },
    });
    await page.locator('.ranked').first().waitFor();
    const names = await ranking(page);
    await page.locator('.ranked').nth(2).scrollIntoViewIfNeeded();
    const grip = async (i) => {
      const box = await page.locator('.grip').nth(i).boundingBox();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const [from, to] = [await grip(2), await grip(0)];
    const touch = await context.newCDPSession(page);
    const send = (type, point) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
    await send('touchStart', from);
    for (let i = 1; i <= 5; ++i)
      await send('touchMove', { x: from.x, y: from.y + ((to.y - from.y) * i) / 5 });
    await send('touchEnd');
    await eventually(() => ranking(page), [names[2], names[0], names[1], ...names.slice(3)]);
    await close();
  });

  test('by keyboard: buttons, arrows on the grip, and a typed rank', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    const [first, second, third, ...rest] = await ranking(page);
    const button = page.getByRole('button', { name: `Move ${third} up`, exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await eventually(() => ranking(page), [first, third, second, ...rest]);
    assert.ok(await button.evaluate((b) => b === document.activeElement), 'the focus moves along');
    assert.equal(await announced(page), `${third} is now rank 2 of ${3 + rest.length}`);
    await page.getByRole('button', { name: `Move ${third}: drag` }).focus();
    await page.keyboard.press('ArrowUp');
    await eventually(() => ranking(page), [third, first, second, ...rest]);
    const field = page.getByRole('spinbutton', { name: `Rank of ${third}`, exact: true });
    await field.fill('3');
    await field.press('Enter');
    await eventually(() => ranking(page), [first, second, third, ...rest]);
    await field.fill('99');
    await field.press('Tab');
    await eventually(() => ranking(page), [first, second, ...rest, third]);
    await close();
  });

  test('search finds without diacritics and by keyboard; a full list lets the last one go', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    const names = await ranking(page);
    const last = names.at(-1);
    await page.getByRole('button', { name: `Remove ${last}`, exact: true }).click();
    await eventually(() => ranking(page), names.slice(0, -1));
    const field = page.getByRole('combobox', { name: 'Add an artist' });
    await field.fill('motorh');
    await page.getByRole('option', { name: 'Motörhead' }).waitFor();
    assert.equal(await field.getAttribute('aria-expanded'), 'true');
    await field.press('ArrowDown');
    assert.equal(
      await page
        .locator(`#${await field.getAttribute('aria-activedescendant')} .name`)
        .textContent(),
      'Motörhead'
    );
    await field.press('Enter');
    await eventually(() => ranking(page), [...names.slice(0, -1), 'Motörhead']);
    await field.fill('椎名');
    await page.getByRole('option', { name: '椎名林檎' }).click();
    const replaced = [...names.slice(0, -1), '椎名林檎'];
    await eventually(() => ranking(page), replaced);
    await page.getByRole('button', { name: 'Undo' }).click();
    await eventually(() => ranking(page), [...names.slice(0, -1), 'Motörhead']);
    await field.fill('qqzzxxqq');
    await page.getByText('No artist like “qqzzxxqq”').waitFor();
    await close();
  });

  test('an emptied list says what to do, and gives ten again', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    const names = await ranking(page);
    await page.getByRole('button', { name: 'Empty the list' }).click();
    await page.getByRole('heading', { name: 'Nothing ranked yet' }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Save and recommend' }).isDisabled());
    await page.getByRole('button', { name: 'Start with ten' }).click();
    await eventually(() => ranking(page), names);
    await page.getByRole('button', { name: 'Ten others' }).click();
    await eventually(
      async () => JSON.stringify(await ranking(page)) !== JSON.stringify(names),
      true
    );
    await close();
  });

  test('saving stores exactly the ranking on the screen; another visit loads or deletes it', async () => {
    const user = '<script>alert("1")</script> & \'quotes\' /?#%2F';
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    await page.getByRole('button', { name: 'Save and recommend' }).click();
    assert.equal(await page.getByLabel('Your name').getAttribute('aria-invalid'), 'true');
    await page.getByLabel('Your name').fill('x'.repeat(101));
    await page.getByRole('button', { name: 'Save and recommend' }).click();
    await page.getByText('101 characters').waitFor();
    await page.getByLabel('Your name').fill(user);
    const shown = await page
      .locator('.ranked')
      .evaluateAll((rows) => rows.map((r) => Number(r.dataset.artist)));
    await page.getByRole('button', { name: 'Save and recommend' }).click();
    await page.getByRole('heading', { name: `For ${user}` }).waitFor();
    const { body } = await server.ask('GET', `/api/v1/ratings/${encodeURIComponent(user)}`);
    assert.deepEqual(
      [...body.ratings].sort((a, b) => a.rank - b.rank).map((r) => r.artist_id),
      shown
    );
    await close();

    const again = await visit(browser, at(`rank?user=${encodeURIComponent(user)}`));
    await again.page.getByRole('button', { name: 'Load it' }).click();
    await eventually(
      () =>
        again.page
          .locator('.ranked')
          .evaluateAll((rows) => rows.map((r) => Number(r.dataset.artist))),
      shown
    );
    await again.page.reload();
    await again.page.getByLabel('Your name').fill('');
    await again.page.getByLabel('Your name').fill(user);
    await eventually(() => again.page.getByRole('button', { name: 'Delete it' }).count(), 0); // what is here is what is saved
    await again.page.getByRole('button', { name: 'Empty the list' }).click();
    await again.page.getByLabel('Your name').fill('nobody');
    await again.page.getByLabel('Your name').fill(user);
    await again.page.getByRole('button', { name: 'Delete it' }).click();
    await again.page.getByText('is deleted').waitFor();
    assert.equal(
      (await server.ask('GET', `/api/v1/ratings/${encodeURIComponent(user)}`)).status,
      404
    );
    await again.close();
  });
});

describe('for you', { concurrency: 2 }, () => {
  test('recommendations are those of the service, and what explains them adds up', async () => {
    const { page, close } = await saved('alice');
    const { body } = await server.ask('POST', '/api/v1/recommendations', {
      user_id: 'alice',
      top_k: 12,
      explain: true,
    });
    assert.deepEqual(
      await cards(page),
      body.recommendations.map((r) => r.artist_name)
    );
    assert.deepEqual(
      await page.locator('.match strong').allTextContents(),
      body.recommendations.map((r) => `${Math.round(100 * r.score)} %`)
    );
    const shown = await page.locator('.card').evaluateAll((all) =>
      all.map((card) => ({
        values: [...card.querySelectorAll('[data-value]')].map((v) => Number(v.dataset.value)),
        told: [...card.querySelectorAll('.why tbody .figure')].map((v) =>
          Number(v.textContent.replace('−', '-'))
        ),
        widths: [...card.querySelectorAll('.why .bar')].map((b) => b.getBoundingClientRect().width),
        sum: Number(card.querySelector('[data-sum]').dataset.sum),
      }))
    );
    shown.forEach(({ values, told, widths, sum }, i) => {
      const item = body.recommendations[i];
      assert.equal(sum, item.raw_score);
      assert.ok(
        Math.abs(values.reduce((a, b) => a + b, 0) - sum) < 1e-3,
        `${values} do not make ${sum}`
      );
      assert.ok(values.length >= 4, 'three artists and the popularity are named');
      const best = Math.max(...item.explanation.map((e) => e.contribution));
      assert.equal(values[0], best);
      told.forEach((t, j) => assert.ok(Math.abs(t - values[j]) <= 0.0051));
      const most = values.map(Math.abs).indexOf(Math.max(...values.map(Math.abs)));
      values.forEach((v, j) => {
        // bars in proportion
        const wanted = widths[most] * Math.abs(v / values[most]);
        assert.ok(Math.abs(widths[j] - Math.max(2, wanted)) < 1, `${widths} for ${values}`);
      });
    });
    await close();
  });

  test('just trying stores nothing', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    await page.getByLabel('Your name').fill('only trying');
    const sent = await request_after(page, '/api/v1/recommendations/taste', () =>
      page.getByRole('button', { name: 'Just try' }).click()
    );
    assert.deepEqual(sent.ratings, ratings_of(await survey()));
    await page.locator('.card .why').first().waitFor();
    const { body } = await server.ask('POST', '/api/v1/recommendations/taste', {
      ratings: sent.ratings,
      top_k: 12,
    });
    assert.deepEqual(
      await cards(page),
      body.recommendations.map((r) => r.artist_name)
    );
    assert.equal((await server.ask('GET', '/api/v1/ratings/only%20trying')).status, 404);
    await close();
  });

  test('sliders and genres change the request, the URL and the list', async () => {
    const { page, close } = await saved('steers');
    const plain = await cards(page);
    const path = '/api/v1/recommendations';
    const slide = (name, value) => () => page.getByRole('slider', { name }).fill(value);
    let sent = await request_after(page, path, slide('How well known', '0.8'));
    assert.equal(sent.familiarity, -0.8);
    assert.equal('diversity' in sent, false);
    await eventually(
      async () => JSON.stringify(await cards(page)) !== JSON.stringify(plain),
      true,
      'obscure'
    );
    sent = await request_after(page, path, slide('How alike', '0.6'));
    assert.equal(sent.diversity, 0.6);
    sent = await request_after(page, path, () =>
      page.getByLabel('Genre', { exact: true }).selectOption('metal')
    );
    assert.deepEqual(sent.genres, ['metal']);
    await eventually(
      () =>
        page
          .locator('.card .chip bdi')
          .evaluateAll(
            (all) =>
              all.length > 0 && all.every((c) => c.textContent.toLowerCase().includes('metal'))
          ),
      true
    );
    assert.match(page.url(), /obscure=0.8/);
    assert.match(page.url(), /genre=metal/);
    const filtered = await cards(page);
    await page.reload(); // the URL has it all
    await page.locator('.card .why').first().waitFor();
    assert.deepEqual(await cards(page), filtered);
    await page.getByRole('button', { name: 'No longer only metal' }).click();
    await page.getByRole('slider', { name: 'How alike' }).fill('0');
    await page.getByRole('slider', { name: 'How well known' }).fill('0');
    await eventually(() => cards(page), plain);
    await close();
  });

  test('more gives the next ones', async () => {
    const { page, close } = await saved('pages');
    const sent = await request_after(page, '/api/v1/recommendations', () =>
      page.getByRole('button', { name: 'Show more' }).click()
    );
    assert.equal(sent.offset, 12);
    const { body } = await server.ask('POST', '/api/v1/recommendations', {
      user_id: 'pages',
      top_k: 24,
    });
    await eventually(
      () => cards(page),
      body.recommendations.map((r) => r.artist_name)
    );
    await close();
  });

  test('not for me: gone, the gap filled, kept over a reload, and taken back', async () => {
    const { page, close } = await saved('picky');
    const names = await cards(page);
    const gone = names[1];
    const sent = await request_after(page, '/api/v1/recommendations', () =>
      page.getByRole('button', { name: `${gone}: not for me`, exact: true }).click()
    );
    assert.equal(sent.exclude.length, 1);
    await eventually(async () => (await cards(page)).length, 12);
    assert.deepEqual(
      (await cards(page)).slice(0, 11),
      names.filter((n) => n !== gone)
    );
    await page.reload();
    await page.locator('.card .why').first().waitFor();
    assert.equal((await cards(page)).includes(gone), false);
    await page.getByText('Not for them: 1 artist').click();
    await page.getByRole('button', { name: `Suggest ${gone} again` }).click();
    await eventually(() => cards(page), names);
    await close();
  });

  test('exports hold the list: CSV and JSPF', async () => {
    const { page, close } = await saved('exports');
    const names = await cards(page);
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = (await readFile(await csv.path(), 'utf8')).split('\r\n').slice(0, -1);
    assert.equal(lines[0], '\uFEFF"rank","artist_id","artist","genre","match","raw_score"');
    assert.equal(lines.length, 1 + names.length);
    assert.ok(lines[1].includes(`"${names[0]}"`));
    const [jspf] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'JSPF' }).click(),
    ]);
    const { playlist } = JSON.parse(await readFile(await jspf.path(), 'utf8'));
    assert.deepEqual(
      playlist.track.map((t) => t.creator),
      names
    );
    await close();
  });

  test('an artist opens with similar ones, adds to the ranking, and closes by Escape', async () => {
    const { page, close } = await saved('opens');
    const name = (await cards(page))[0];
    await page.locator('.card h2 a').first().click();
    const dialog = page.getByRole('dialog', { name });
    await dialog.locator('.artist-row').first().waitFor();
    const id = new URLSearchParams(page.url().split('?')[1]).get('artist');
    const { body } = await server.ask('GET', `/api/v1/artists/${id}/similar?limit=10`);
    assert.deepEqual(
      await dialog.locator('.artist-row .name').allTextContents(),
      body.similar.map((s) => s.name)
    );
    await assert_accessible(page, 'detail');
    await dialog.getByRole('button', { name: 'Add to my ranking' }).click();
    await dialog.getByText('In your ranking').waitFor();
    await dialog.locator('.artist-row').first().click();
    await page.getByRole('dialog', { name: body.similar[0].name }).waitFor();
    await page.keyboard.press('Escape');
    await eventually(() => page.locator('dialog[open]').count(), 0);
    await eventually(() => page.url().includes('artist='), false);
    assert.equal((await cards(page))[0], name);
    await close();
  });

  test('who has not ranked is led there; a name without ratings may see what is popular', async () => {
    const { page, close } = await visit(browser, at('for-you'), { expected: /404/ });
    await page.getByRole('heading', { name: 'We do not know you yet' }).waitFor();
    await page.goto(at('for-you?user=never%20seen'));
    await page.getByRole('heading', { name: 'Nothing saved for never seen' }).waitFor();
    await page.getByRole('button', { name: 'What everybody likes' }).click();
    await page.locator('.card').first().waitFor();
    await page.getByText('What everybody likes, as nothing').waitFor();
    await close();
  });
});

describe('map', { concurrency: 2 }, () => {
  const scale = (page) => page.locator('.stage').getAttribute('data-scale').then(Number);

  test('a click on an artist shows the similar ones; the list does the same', async () => {
    const { page, close } = await saved('maps');
    await page.goto(at('map'));
    await page.locator('.map-side .artist-row').first().waitFor();
    const first = await page.locator('.map-side .artist-row .name').first().textContent();
    await page.locator('.map-side .artist-row').first().click();
    await page.getByRole('heading', { name: `Like ${first}` }).waitFor();
    const id = new URLSearchParams(page.url().split('?')[1]).get('focus');
    const { body } = await server.ask('GET', `/api/v1/artists/${id}/similar?limit=15`);
    await eventually(
      () => page.locator('.similar .name').allTextContents(),
      body.similar.map((s) => s.name)
    );
    // The map has flown to the artist: it is in the middle, under the pointer.
    const box = await page.locator('.stage').boundingBox();
    await page.getByRole('button', { name: 'Back to all in view' }).click();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await eventually(() => page.locator('.tip .name').textContent(), first);
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.getByRole('heading', { name: `Like ${first}` }).waitFor();
    await page.getByText('You ranked').waitFor();
    await page.getByText('Recommended to you').waitFor();
    await close();
  });

  test('wheel, buttons, keys and drag move it', async () => {
    const { page, close } = await visit(browser, at('map'));
    await page.locator('.map-side .artist-row').first().waitFor();
    const inked = () =>
      page.locator('.stage canvas').evaluate((c) => {
        const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let sum = 0;
        for (let i = 3; i < data.length; i += 4) sum += data[i] > 0;
        return sum;
      });
    assert.ok((await inked()) > 2000, 'something is drawn');
    assert.equal(await scale(page), 1);
    const stage = page.locator('.stage');
    const box = await stage.boundingBox();
    await page.mouse.move(box.x + 200, box.y + 200);
    await page.mouse.wheel(0, -300);
    await eventually(async () => (await scale(page)) > 1.3, true, 'wheel');
    const wheeled = await scale(page);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await eventually(async () => (await scale(page)) > wheeled, true, 'button');
    await stage.focus();
    await page.keyboard.press('-');
    await page.keyboard.press('0');
    await eventually(() => scale(page), 1, 'key');
    const listed = () => page.locator('.map-side .artist-row').count();
    await eventually(listed, 40, 'as many as the list holds');
    await page.mouse.move(box.x + 200, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 200 + box.width, box.y + 200, { steps: 4 });
    await page.mouse.up();
    await eventually(async () => (await listed()) < 40, true, 'drag: less is in view');
    await close();
  });

  test('pinch zooms', async () => {
    const { page, context, close } = await visit(browser, at('map'), {
      hasTouch: true,
      isMobile: true,
      viewport: { width: 390, height: 800 },
    });
    await page.locator('.map-side .artist-row').first().waitFor();
    const box = await page.locator('.stage').boundingBox();
    const touch = await context.newCDPSession(page);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const send = (type, by) =>
      touch.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: by
          ? [
              { x: x - by, y, id: 1 },
              { x: x + by, y, id: 2 },
            ]
          : [],
      });
    await send('touchStart', 30);
    for (const by of [45, 60, 75, 90]) await send('touchMove', by);
    await send('touchEnd');
    await eventually(async () => (await scale(page)) > 2.5, true);
    await close();
  });
});

describe('model and API', { concurrency: 2 }, () => {
  test('the model tells who it is, its figures, and how fast it answers', async () => {
    const { page, close } = await visit(browser, at('model'));
    const { body } = await server.ask('GET', '/api/v1/model');
    await page.getByText(body.model).first().waitFor();
    await page.locator('.metric').first().waitFor();
    assert.equal(
      await page.locator('.fact', { hasText: 'Artists' }).locator('dd').textContent(),
      body.artists.toLocaleString('en-GB')
    );
    await eventually(
      () =>
        page
          .locator('.latency tbody tr')
          .count()
          .then((n) => n > 0),
      true,
      'latency'
    );
    const evaluation = {
      reports: ['model', 'popularity'].map((name, i) => ({
        name,
        metrics: [
          {
            metric: 'ndcg',
            k: 10,
            mean: 0.25 - 0.1 * i,
            standard_error: 0.01,
            low: 0.23 - 0.1 * i,
            high: 0.27 - 0.1 * i,
          },
        ],
      })),
    };
    const give = (label, name, json) =>
      page
        .getByLabel(label)
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(json) });
    await give('Show an evaluation.json', 'evaluation.json', JSON.stringify(evaluation));
    await page.getByText('0.230–0.270').waitFor();
    assert.equal(await page.locator('.whisker').count(), 2);
    const trials = [0.1, 0.3, 0.2].map((value, number) => ({
      number,
      value,
      state: 'complete',
      params: { dim: 8 << number },
    }));
    await give('Show the trials of a study', 'trials.json', JSON.stringify(trials));
    await page.getByText('Best: trial 1 with 0.300').waitFor();
    assert.equal(await page.locator('.parallel .line, .parallel .faint').count(), trials.length);
    await give('Show the trials of a study', 'other.json', '{"a": 1}');
    await page.getByText('other.json is not a file of this kind').waitFor();
    await close();
  });

  test('an evaluation and a study that the server knows are shown at once', async () => {
    const study = join(directory, 'trials.json');
    const trials = [8, 16, 32].map((dim, number) => ({
      number,
      value: 0.1 * (number + 1),
      state: 'complete',
      params: { dim },
    }));
    await writeFile(study, JSON.stringify(trials));
    const complete = await Server.start(program, model, join(directory, 'complete.db'), {
      options: ['--evaluation', evaluation_file, '--study', study],
    });
    const { reports } = JSON.parse(await readFile(evaluation_file, 'utf8'));
    const { page, close } = await visit(browser, `${complete.url}/app/#/model`);
    await page.getByText('Best: trial 2 with 0.300').waitFor();
    const ndcg = page.locator('.metric', { hasText: 'ndcg@10' });
    assert.deepEqual(
      await ndcg.locator('th').allTextContents(),
      reports.map((r) => r.name)
    );
    assert.equal(await ndcg.locator('.whisker').count(), reports.length);
    assert.equal(await page.getByRole('region', { name: /How to/ }).count(), 0);
    await assert_accessible(page, 'a complete view');
    await close();
    await complete.stop();
  });

  test('the reference opens without network, and its forms work', async () => {
    const { page, close } = await visit(browser, `${server.url}/docs`);
    const { body } = await server.ask('GET', '/openapi.json');
    await page.locator('summary').first().waitFor();
    assert.deepEqual(
      [...new Set(await page.locator('summary code').allTextContents())],
      Object.keys(body.paths)
    );
    for (const one of await page.locator('summary').all()) await one.click();
    await assert_no_sideways_scroll(page, '/docs');
    await assert_accessible(page, '/docs');
    const taste = page.locator('details', { hasText: 'POST/api/v1/recommendations/taste' });
    await taste.getByRole('button', { name: 'Send POST' }).click();
    await taste.getByText('"explanation"').or(taste.getByText('"recommendations"')).waitFor();
    await close();
  });

  test('a request can be tried, and the reference is linked', async () => {
    const { page, close } = await visit(browser, at('api'), { expected: FAILED });
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('[data-status="200"]').waitFor();
    await page.getByLabel('Body (JSON)').fill('{"ratings": []}');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('[data-status="422"]').waitFor();
    await page.getByLabel('Path').fill('//example.org/x');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('only this server is asked').waitFor();
    const { body } = await server.ask('GET', '/openapi.json');
    await eventually(
      () => page.locator('.endpoints li').count(),
      Object.values(body.paths).reduce(
        (n, methods) =>
          n + Object.keys(methods).filter((m) => /^(get|put|post|delete)$/.test(m)).length,
        0
      )
    );
    for (const to of ['/docs', '/openapi.json', '/metrics', '/health']) {
      assert.equal(await page.locator(`a[href="${to}"]`).count(), 1, to);
      assert.equal((await fetch(server.url + to)).status, 200, to);
    }
    await close();
  });
});

describe('what may go wrong', { concurrency: 2 }, () => {
  test('hostile names are text', async () => {
    const names = [
      '<img src=x onerror="window.hacked=1">',
      '"quotes\' & <b>bold</b>',
      '🎸'.repeat(100),
      'عمرو دياب',
      '=cmd()|x',
      'a'.repeat(300),
    ];
    const { page, close } = await visit(browser, at('rank'), {
      viewport: { width: 320, height: 700 },
      before: (p) =>
        p.route('**/api/v1/**', async (route) => {
          const url = route.request().url();
          if (!/survey|recommendations/.test(url)) return route.continue();
          const body = await (await route.fetch()).json();
          if (body.artists)
            Object.values(body.artists).forEach((a, i) => {
              a.name = names[i % names.length] + (i >= names.length ? i : '');
              a.genre = names[0];
            });
          else
            body.recommendations.forEach((r, i) => {
              r.artist_name = names[i % names.length];
              r.genre = names[1];
            });
          return route.fulfill({ json: body });
        }),
    });
    await page.locator('.ranked').first().waitFor();
    assert.deepEqual((await ranking(page)).slice(0, names.length), names);
    await assert_no_sideways_scroll(page, 'hostile rank');
    await page.getByRole('button', { name: 'Just try' }).click();
    await page.locator('.card .why').first().waitFor();
    assert.deepEqual((await cards(page)).slice(0, names.length), names);
    assert.equal(
      await page
        .locator('.card .name')
        .nth(3)
        .evaluate((n) => getComputedStyle(n).direction),
      'rtl'
    );
    await assert_no_sideways_scroll(page, 'hostile cards');
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('main b, main img, main script').count(), 0);
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    assert.ok(
      (await readFile(await csv.path(), 'utf8')).includes('"\'=cmd()|x"'),
      'no formula for spreadsheets'
    );
    await close();
  });

  test('a user id of 100 emoji, and "..", work like any other', async () => {
    for (const user of ['🎸'.repeat(100), '..', 'alice bob']) {
      const { page, close } = await visit(browser, at('rank'), {
        viewport: { width: 320, height: 700 },
      });
      await page.locator('.ranked').first().waitFor();
      await page.getByLabel('Your name').fill(user);
      await page.getByRole('button', { name: 'Save and recommend' }).click();
      await page.locator('.card .why').first().waitFor();
      assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), `For ${user}`);
      await assert_no_sideways_scroll(page, user);
      await close();
    }
  });

  test('429: says so, counts down by Retry-After, and goes on', async () => {
    let times = 0;
    const { page, close } = await saved('hasty', { expected: FAILED });
    await page.route('**/api/v1/recommendations', (route) =>
      ++times === 1
        ? answer(429, { detail: 'Too many requests' }, { 'Retry-After': '1' })(route)
        : route.continue()
    );
    await page.getByRole('slider', { name: 'How alike' }).fill('0.3');
    await page.getByRole('heading', { name: 'A little too fast' }).waitFor();
    assert.match(await page.locator('.countdown').textContent(), /in 1 s/);
    await assert_accessible(page, '429');
    await page.locator('.card .why').first().waitFor();
    assert.equal(times, 2);
    await close();
  });

  test('a real limit of the server is stood', async () => {
    const own = await Server.start(program, model, join(directory, 'limited.db'), {
      options: ['--rate-limit', '15', '--rate-burst', '40'], // one more in four seconds
    });
    try {
      const { page, close } = await visit(browser, `${own.url}/app/#/rank`, { expected: FAILED });
      await page.locator('.glance li').first().waitFor();
      await page.getByRole('button', { name: 'Just try' }).click();
      await page.locator('.card .why').first().waitFor();
      const spent = await page.evaluate(async () => {
        let left = 1;
        while (left > 0) {
          const reply = await fetch('/api/v1/genres');
          left = Number(reply.headers.get('X-RateLimit-Remaining'));
        }
        return left;
      });
      assert.equal(spent, 0);
      await page.getByRole('slider', { name: 'How alike' }).fill('0.5');
      await page.getByRole('heading', { name: 'A little too fast' }).waitFor();
      await page.locator('.card .why').first().waitFor();
      await close();
    } finally {
      await own.stop();
    }
  });

  test('503, 422 and 500: told kindly, with a way to go on', async () => {
    const { page, close } = await saved('unlucky', { expected: FAILED });
    const fail = async (alike, reply) => {
      await page.route('**/api/v1/recommendations', reply, { times: 1 });
      await page.getByRole('slider', { name: 'How alike' }).fill(alike);
    };
    const again = async () => {
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.card .why').first().waitFor();
    };
    await fail('0.2', answer(503, { detail: 'draining' }, { 'Retry-After': '30' }));
    await page.getByRole('heading', { name: 'The server is not ready' }).waitFor();
    await again();
    await fail(
      '0.4',
      answer(422, {
        detail: [{ type: 'x', loc: ['body', 'diversity'], msg: 'Input should be less', input: 7 }],
      })
    );
    await page.getByText('diversity: Input should be less').waitFor();
    await again();
    await fail('0.6', answer(500, { detail: 'Internal server error' }, { 'X-Request-Id': 'abc123' }));
    await page.getByText('request abc123').waitFor();
    await again();
    await close();
  });

  test('every view says when the server does not answer', async () => {
    const { page, close } = await visit(browser, at('api'), { expected: FAILED });
    await page.route('**/api/v1/**', (route) => route.abort('connectionrefused'));
    await page.route('**/health', (route) => route.abort('connectionrefused'));
    for (const view of ['rank', 'map', 'model', `for-you?user=alice`]) {
      await page.evaluate((v) => {
        location.hash = `#/${v}`;
      }, view);
      await page.locator('.problem[data-status="0"]').waitFor();
      await page.getByText('Trying again every few seconds').waitFor();
    }
    await close();
  });

  test('a part of the page that does not come is asked for again', async () => {
    const { page, close } = await visit(browser, at('rank'), {
      expected: FAILED,
      before: (p) => p.route('**/plane.js', (route) => route.abort()),
    });
    await page.locator('.ranked').first().waitFor();
    await page.getByRole('link', { name: 'Map' }).click();
    await page.locator('.problem[data-status="0"]').waitFor();
    await page.unroute('**/plane.js');
    await page.locator('.problem').getByRole('button', { name: 'Try again' }).click();
    await page.locator('.map-side .artist-row').first().waitFor();
    await close();
  });

  test('a server that goes and comes back: the ranking is kept, the page goes on', async () => {
    const ratings = join(directory, 'restarted.db');
    let own = await Server.start(program, model, ratings);
    try {
      const { page, close } = await visit(browser, `${own.url}/app/#/rank`, { expected: FAILED });
      await page.locator('.ranked').first().waitFor();
      const names = await ranking(page);
      await page.getByLabel('Your name').fill('patient');
      await own.stop();
      await page.getByRole('button', { name: 'Save and recommend' }).click();
      await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
      assert.deepEqual(await ranking(page), names);
      own = await Server.start(program, model, ratings, { port: own.port });
      // Unless the page has tried by itself meanwhile, as it does every four seconds.
      const tried = page.getByRole('button', { name: 'Try now' }).click({ timeout: 3000 });
      await tried.catch(() => {});
      await page.locator('.card .why').first().waitFor(); // saved at once when it was back
      assert.equal(await page.locator('.banner').count(), 0);
      assert.equal((await own.ask('GET', '/api/v1/ratings/patient')).status, 200);
      await close();
    } finally {
      await own.stop();
    }
  });

  test('a server that wants a key is given one', async () => {
    const keys = join(directory, 'keys');
    await writeFile(keys, 'tester s3cret-key-of-the-test\n', { mode: 0o600 });
    const own = await Server.start(program, model, join(directory, 'keys.db'), {
      options: ['--api-keys', keys],
    });
    try {
      const { page, close } = await visit(browser, `${own.url}/app/#/rank`, { expected: FAILED });
      await page.getByRole('heading', { name: 'A key is needed' }).waitFor();
      await assert_accessible(page, '401');
      await page.getByLabel('API key').fill('wrong');
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByLabel('API key').fill('s3cret-key-of-the-test');
      await page.getByLabel('API key').press('Enter');
      await page.locator('.ranked').first().waitFor();
      await page.getByRole('button', { name: 'Just try' }).click();
      await page.locator('.card .why').first().waitFor();
      await close();
    } finally {
      await own.stop();
    }
  });

  test('another model in the middle of a session is told, and shown when wished', async () => {
    const served = join(directory, 'model.h5');
    await copyFile(model, served);
    const own = await Server.start(program, served, join(directory, 'reload.db'));
    try {
      const { page, close } = await visit(browser, `${own.url}/app/#/model`);
      const before = (await own.ask('GET', '/api/v1/model')).body.model;
      await page.getByText(before).first().waitFor();
      await copyFile(other_model, `${served}.new`);
      await rename(`${served}.new`, served);
      own.signal('SIGHUP');
      await eventually(
        async () => (await own.ask('GET', '/api/v1/model')).body.model !== before,
        true,
        'reloaded'
      );
      const next = (await own.ask('GET', '/api/v1/model')).body.model;
      await page.getByRole('link', { name: 'Map' }).click();
      await page.getByText('The server has a new model').waitFor();
      await assert_accessible(page, 'banner');
      await page.getByRole('link', { name: 'Model' }).click();
      await page.getByRole('button', { name: 'Show the new one' }).click();
      await page.locator('.fact', { hasText: next }).waitFor();
      assert.equal(await page.locator('.banner').count(), 0);
      await close();
    } finally {
      await own.stop();
    }
  });
});

describe('for everybody', { concurrency: 2 }, () => {
  const settled = async (page, view) => {
    await page.goto(at(view === 'for-you' ? 'for-you?user=everybody' : view));
    await page
      .locator(
        {
          rank: '.glance li',
          'for-you': '.card .why',
          map: '.map-side .artist-row',
          model: '.latency tbody tr',
          api: '.endpoints li',
        }[view]
      )
      .first()
      .waitFor();
  };

  for (const scheme of ['light', 'dark']) {
    test(`axe finds nothing in any view, ${scheme}`, async () => {
      const { page, close } = await saved('everybody', { colorScheme: scheme });
      for (const view of VIEWS) {
        await settled(page, view);
        await assert_accessible(page, `${view}, ${scheme}`);
      }
      await close();
    });
  }

  test('320 px are enough, without sideways scrolling', async () => {
    const { page, close } = await saved('everybody', { viewport: { width: 320, height: 600 } });
    for (const view of VIEWS) {
      await settled(page, view);
      await assert_no_sideways_scroll(page, view);
    }
    await page.locator('nav.views a').last().click();
    await settled(page, 'rank');
    await assert_accessible(page, 'rank at 320 px');
    await close();
  });

  test('the theme follows the system until it is chosen', async () => {
    const { page, close } = await visit(browser, at('rank'), { colorScheme: 'dark' });
    await page.locator('.ranked').first().waitFor();
    const light = () =>
      page.evaluate(
        () => Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) > 128
      );
    assert.equal(await light(), false);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await light(), true);
    const button = page.locator('#theme');
    await button.click(); // light
    await button.click(); // dark
    assert.equal(await light(), false);
    await page.reload();
    await page.locator('.ranked').first().waitFor();
    assert.equal(await light(), false);
    await close();
  });

  test('the focus can be seen, and a view is entered at its heading', async () => {
    const { page, close } = await visit(browser, at('rank'));
    await page.locator('.ranked').first().waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(
      () => getComputedStyle(document.activeElement).outlineStyle
    );
    assert.equal(outline, 'solid');
    await page.getByRole('link', { name: 'Map' }).click();
    await eventually(
      () => page.evaluate(() => `${document.activeElement.tagName} ${document.title}`),
      'H1 Map · mrec'
    );
    await close();
  });

  test('less than 100 kB for all views, and nothing jumps', async () => {
    const { page, close } = await visit(browser, at('rank'), {
      before: (p) =>
        p.addInitScript(() => {
          window.shift = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
              if (!entry.hadRecentInput) window.shift += entry.value;
          }).observe({ type: 'layout-shift', buffered: true });
        }),
    });
    await page.locator('.glance li').first().waitFor();
    assert.ok(
      (await page.evaluate(() => window.shift)) < 0.1,
      `layout shift ${await page.evaluate(() => window.shift)}`
    );
    for (const view of ['map', 'model', 'api', 'for-you']) {
      await page.evaluate((v) => {
        location.hash = `#/${v}`;
      }, view);
      await page.locator(`main.view-${view} h1`).waitFor();
    }
    const sizes = await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter((e) => new URL(e.name).pathname.startsWith('/app/'))
        .map((e) => e.encodedBodySize)
    );
    const total = sizes.reduce((a, b) => a + b, 0);
    assert.ok(
      sizes.length >= 15 && total > 10000 && total < 100000,
      `${total} bytes in ${sizes.length} files`
    );
    await close();
  });
});
