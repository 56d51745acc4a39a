// Model: what it is, how good it is, how it was found, and how fast it answers.

import { api } from './api.js';
import { chart } from './chart.js';
import { count, h, plural } from './dom.js';
import { latency } from './latency.js';
import { problemBox } from './problems.js';
import { tuning } from './trials.js';

// --- quality ------------------------------------------------------------------------------------

// Figures of many shapes as [{metric, who, mean, low, high}]: mrec-evaluate's JSON, or the metrics of
// a model, which are plain numbers, texts of numbers, or {mean, low, high}.
export function figures(metrics, who = 'this model') {
  if (Array.isArray(metrics?.reports)) {
    return metrics.reports.flatMap((report) =>
      report.metrics.map((m) => ({
        metric: m.k === null || m.k === undefined ? m.metric : `${m.metric}@${m.k}`,
        who: report.name,
        ...interval(m),
      }))
    );
  }
  const rows = [];
  for (const [name, value] of Object.entries(metrics ?? {})) {
    if (value && typeof value === 'object' && !Array.isArray(value)) {
      const one = interval(value);
      if (Number.isFinite(one.mean)) rows.push({ metric: name, who, ...one });
      else rows.push(...figures(value, name));
    } else if (value !== '' && Number.isFinite(Number(value))) {
      rows.push({ metric: name, who, mean: Number(value) });
    }
  }
  return rows;
}

function interval(m) {
  const number = (...values) => {
    const v = values.find((x) => x !== undefined && x !== null);
    return v === undefined ? undefined : Number(v);
  };
  const mean = number(m.mean, m.value);
  const error = number(m.standard_error) || undefined; // 0 where one figure has no spread
  return {
    mean,
    low: number(m.low, m.ci?.[0], error && mean - 1.96 * error),
    high: number(m.high, m.ci?.[1], error && mean + 1.96 * error),
  };
}

const figure = (v) => (v === undefined ? '' : v.toFixed(Math.abs(v) >= 10 ? 1 : 3));

function quality(rows) {
  const metrics = [...new Set(rows.map((r) => r.metric))];
  return h(
    'div',
    { class: 'metrics' },
    metrics.map((metric) => {
      const mine = rows.filter((r) => r.metric === metric && Number.isFinite(r.mean));
      const most = Math.max(...mine.map((r) => r.high ?? r.mean), 1e-9);
      return h(
        'table',
        { class: 'metric' },
        h('caption', {}, metric.replaceAll('_', ' ')),
        h(
          'tbody',
          {},
          mine.map((r, i) =>
            h(
              'tr',
              { class: i && 'other' },
              h('th', { scope: 'row' }, r.who),
              h(
                'td',
                { class: 'bar-cell' },
                h('span', {
                  class: 'bar',
                  vars: { '--from': 0, '--size': Math.max(0, r.mean / most) },
                }),
                r.low !== undefined &&
                  h('span', {
                    class: 'whisker',
                    vars: {
                      '--from': Math.max(0, r.low / most),
                      '--size': Math.max(0, (r.high - r.low) / most),
                    },
                  })
              ),
              h(
                'td',
                { class: 'figure' },
                figure(r.mean),
                r.low !== undefined &&
                  h('span', { class: 'quiet' }, ` ${figure(r.low)}–${figure(r.high)}`)
              )
            )
          )
        )
      );
    })
  );
}

// --- the view -----------------------------------------------------------------------------------

const pairs = (object) =>
  h(
    'dl',
    { class: 'pairs' },
    Object.entries(object ?? {}).map(([k, v]) =>
      h(
        'div',
        {},
        h('dt', {}, k.replaceAll('_', ' ')),
        h('dd', {}, typeof v === 'object' ? JSON.stringify(v) : String(v))
      )
    )
  );

const section = (title, ...content) =>
  h('section', { class: 'panel', 'aria-label': title }, h('h2', {}, title), content);
const command = (label, text) =>
  h('pre', { tabindex: 0, role: 'region', 'aria-label': label }, h('code', {}, text));

// A file of the visitor's own computer, read here and sent nowhere.
function file_field(label, use) {
  const id = `file-${label.replace(/\W+/g, '-')}`;
  const fault = h('p', { class: 'fault', role: 'status' });
  return h(
    'div',
    { class: 'file' },
    h('label', { for: id }, label),
    h('input', {
      type: 'file',
      id,
      accept: '.json,application/json',
      onchange: async (event) => {
        const file = event.target.files[0];
        if (!file) return;
        fault.textContent = '';
        try {
          use(JSON.parse(await file.text()));
        } catch {
          fault.textContent = `${file.name} is not a file of this kind.`;
        }
      },
    }),
    fault
  );
}

export async function show(main, { signal }) {
  main.append(
    h(
      'div',
      { class: 'view-head' },
      h('h1', { tabindex: -1 }, 'Model'),
      h('p', { class: 'lead' }, 'What answers here, how good it is, and how fast.')
    )
  );
  const body = h('div', { class: 'panels' }, h('p', { class: 'quiet' }, 'Fetching…'));
  main.append(body);

  async function load() {
    let model;
    try {
      model = await api.model(signal);
    } catch (problem) {
      if (!signal.aborted) body.replaceChildren(problemBox(problem, { retry: load, signal }));
      return;
    }
    if (signal.aborted) return;
    const fact = (name, value) =>
      value !== undefined &&
      value !== null &&
      value !== '' &&
      h('div', { class: 'fact' }, h('dt', {}, name), h('dd', {}, value));
    const made = model.provenance?.created_at ?? model.trained;
    const date =
      typeof made === 'string' && !Number.isNaN(Date.parse(made))
        ? new Date(made).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
        : undefined;

    const rows = figures(model.evaluation ?? model.metrics);
    const has_intervals = rows.some((r) => r.low !== undefined);
    const has_baselines = new Set(rows.map((r) => r.who)).size > 1;
    const quality_place = h(
      'div',
      {},
      rows.length ? quality(rows) : h('p', { class: 'quiet' }, 'The model file records no figures.')
    );
    const trials = model.trials ?? [];
    const tuning_place = h(
      'div',
      {},
      trials.length
        ? tuning(trials, model.direction !== 'minimize')
        : h(
            'p',
            { class: 'quiet' },
            'No trials are known here. With the journal of a study:'
          )
    );
    const curve = model.training.map((e) => [e.epoch, e.value]);

    body.replaceChildren(
      h(
        'dl',
        { class: 'fact-row' },
        fact('Model', h('code', {}, model.model)),
        fact('Loss', model.loss ?? model.params?.loss),
        fact('Dimensions', model.dim),
        fact('Artists', count(model.artists)),
        fact('Listeners', count(model.users)),
        fact('Trained', date)
      ),
      section(
        'How good it is',
        quality_place,
        !(has_intervals && has_baselines) &&
          h(
            'div',
            {},
            h('p', {}, 'Intervals and baselines (popularity, item-kNN, random) are measured by:'),
            command(
              'How to evaluate',
              'mrec-evaluate --dataset dataset.h5 --model model.h5 --split test \\\n  --json evaluation.json\nmrec-serve --model model.h5 --evaluation evaluation.json …'
            )
          ),
        file_field('Show an evaluation.json', (json) => {
          const read = figures(json);
          if (!read.length) throw new Error('no figures');
          quality_place.replaceChildren(quality(read));
        })
      ),
      section(
        'How it was found',
        tuning_place,
        !trials.length &&
          command(
            'How to show trials',
            'mrec-study show study.journal --json > trials.json\nmrec-serve --model model.h5 --study trials.json …'
          ),
        file_field('Show the trials of a study', (json) => {
          const read = Array.isArray(json) ? json : json.trials;
          if (!read?.every((t) => 'number' in t)) throw new Error('no trials');
          tuning_place.replaceChildren(tuning(read, json.direction !== 'minimize'));
        }),
        curve.length > 1 && [
          h('h3', {}, 'Training'),
          chart({
            label: `${plural(curve.length, 'validation')} on the way of the training`,
            x: 'epoch',
            y: 'NDCG',
            series: [{ kind: 'line', points: curve }],
          }),
        ]
      ),
      section('How fast it answers', latency(signal)),
      section('Parameters', pairs(model.params)),
      section('Where it comes from', pairs(model.provenance))
    );
  }
  await load();
}
