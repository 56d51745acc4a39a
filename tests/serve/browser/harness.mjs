// A running mrec-serve, a browser, and what the tests ask of them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const LIMIT = 20000; // ms that anything may take

export class Server {
  // `port` 0 takes a free one.
  static async start(program, model, ratings, { port = 0, options = [] } = {}) {
    const server = new Server();
    server.process = spawn(
      program,
      ['--model', model, '--ratings', ratings, '--port', String(port), ...options],
      { stdio: ['ignore', 'pipe', 'inherit'] }
    );
    const lines = createInterface({ input: server.process.stdout });
    const timer = setTimeout(() => server.process.kill('SIGKILL'), LIMIT);
    for await (const line of lines) {
      const found = /^listening on (http:\/\/127\.0\.0\.1:(\d+)) /.exec(line);
      if (!found) continue;
      clearTimeout(timer);
      server.url = found[1];
      server.port = Number(found[2]);
      server.process.stdout.resume();
      return server;
    }
    throw new Error('mrec-serve ended before it listened');
  }

  signal(name) {
    this.process.kill(name);
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), LIMIT);
    await ended;
    clearTimeout(timer);
  }

  async ask(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null, text };
  }
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });

// A page of an own profile. close() fails when the page asked another origin, met an error, or wrote
// one to the console that `expected` does not match.
export async function visit(browser, url, { expected, before, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 850 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(LIMIT);
  const page = await context.newPage();
  const faults = [];
  const origin = new URL(url).origin;
  context.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol !== 'blob:' && to.origin !== origin) faults.push(`asked ${request.url()}`);
  });
  page.on('pageerror', (error) => faults.push(`threw ${error.stack}`));
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // A name that nobody has used yet is told by 404, which the browser logs.
    if (/404 .*\/api\/v1\/ratings\//.test(text) || expected?.test(text)) return;
    faults.push(`console: ${text}`);
  });
  if (before) await before(page);
  await page.goto(url);
  return {
    page,
    context,
    faults,
    async close() {
      await context.close();
      assert.deepEqual(faults, []);
    },
  };
}

let source;
// No violation of axe-core's rules on what is shown.
export async function assert_accessible(page, what) {
  source ??= await readFile(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(source);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'] })
  );
  assert.deepEqual(
    violations.map(
      (v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`
    ),
    [],
    what
  );
}

export async function assert_no_sideways_scroll(page, what) {
  const [inner, outer] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  assert.ok(inner <= outer, `${what}: ${inner} px of content in ${outer} px`);
}

// Waits until `read()` gives what is expected; then, or after the limit, asserts it.
export async function eventually(read, expected, what) {
  const end = Date.now() + 8000;
  let seen;
  do {
    seen = await read();
    try {
      assert.deepEqual(seen, expected);
      return;
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  } while (Date.now() < end);
  assert.deepEqual(seen, expected, what);
}
