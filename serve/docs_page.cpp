#include "serve/docs_page.h"

namespace mrec {
namespace {

constexpr std::string_view kPage = R"page(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Music Recommendation API</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #1f6feb; }
@media (prefers-color-scheme: dark) { :root { --accent: #79b8ff; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 60rem; }
h1 { margin: .5rem 0; } h2 { margin: 2rem 0 .5rem; } h3 { font-size: 1rem; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .5rem .75rem; overflow-wrap: anywhere; }
summary .method { font-weight: 700; display: inline-block; min-width: 4.5rem; color: var(--accent); }
.inside { padding: 0 .75rem .75rem; }
code, textarea, pre { font: .875rem/1.4 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
.wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid var(--line); }
form { background: var(--soft); border-radius: .5rem; padding: .75rem; margin: .75rem 0; }
label { display: block; margin: .25rem 0; }
input, textarea { width: 100%; box-sizing: border-box; padding: .35rem; font-size: 1rem; }
textarea { min-height: 8rem; }
button { font-size: 1rem; padding: .4rem 1rem; margin-top: .5rem; cursor: pointer; }
pre { overflow: auto; max-height: 24rem; background: var(--soft); padding: .75rem; border-radius: .5rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>Music Recommendation API</h1>
<p id="about">Reading the description&hellip;</p>
<ol>
<li><code>GET /api/v1/survey-artists</code> gives artists to rank.</li>
<li><code>POST /api/v1/ratings</code> stores what a person ranked.</li>
<li><code>POST /api/v1/recommendations</code> gives that person's artists, with
<code>"explain": true</code> also why.</li>
</ol>
<p>To try without storing anything, use <code>POST /api/v1/recommendations/taste</code>. For
programs: <a href="/openapi.json">openapi.json</a>.</p>
<p><label>API key, where the server asks for one
<input id="key" autocomplete="off" spellcheck="false"></label></p>
<div id="operations"></div>
</main>
<script>
"use strict";
const make = (name, text, attributes = {}) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
let api;
const resolve = (schema) => {
  while (schema && schema.$ref) schema = api.components.schemas[schema.$ref.split("/").pop()];
  return schema || {};
};
const typeOf = (schema) => {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.type === "array") return "list of " + typeOf(schema.items || {});
  return schema.enum ? schema.enum.join(" | ") : schema.type || "any";
};
const limitsOf = (schema) => {
  const limits = [];
  for (const [least, most, unit] of [["minimum", "maximum", ""], ["minLength", "maxLength", " signs"],
                                     ["minItems", "maxItems", " elements"]]) {
    if (least in schema || most in schema) {
      limits.push((schema[least] ?? "") + ".." + (schema[most] ?? "") + unit);
    }
  }
  if ("default" in schema) limits.push("default " + JSON.stringify(schema.default));
  return limits.join(", ");
};
const table = (rows) => {
  const wide = make("div", undefined, {class: "wide", tabindex: "0", role: "group", "aria-label": "Fields"});
  const all = make("table");
  const head = make("tr");
  for (const name of ["name", "type", "limits", "meaning"]) head.append(make("th", name, {scope: "col"}));
  all.append(head);
  for (const row of rows) {
    const line = make("tr");
    const name = make("td");
    name.append(make("code", row.name), row.required ? " *" : "");
    line.append(name, make("td", typeOf(row.schema)), make("td", limitsOf(row.schema)),
                make("td", row.description || row.schema.description || ""));
    all.append(line);
  }
  wide.append(all);
  return wide;
};
const rowsOf = (schema) => Object.entries(resolve(schema).properties || {}).map(([name, one]) =>
    ({name, schema: one, required: (resolve(schema).required || []).includes(name)}));
const nested = (schema, seen = new Set()) => {
  const found = [];
  for (const row of rowsOf(schema)) {
    const inner = row.schema.$ref ? row.schema : row.schema.items && row.schema.items.$ref ? row.schema.items : null;
    if (inner && !seen.has(inner.$ref)) {
      seen.add(inner.$ref);
      found.push(inner, ...nested(inner, seen));
    }
  }
  return found;
};
const describe = (place, title, schema) => {
  place.append(make("h3", title), table(rowsOf(schema)));
  for (const inner of nested(schema)) place.append(make("h3", typeOf(inner)), table(rowsOf(inner)));
};
let survey = [];
const sample = (name) => {
  const ratings = survey.slice(0, 3).map((id, at) => ({artist_id: id, rank: at + 1}));
  switch (name) {
    case "RatingSubmission": return {user_id: "alice", ratings};
    case "RatingReplacement": return {ratings};
    case "RecommendationRequest": return {user_id: "alice", top_k: 5, explain: true};
    case "TasteRequest": return {ratings, top_k: 5, diversity: 0.3};
    case "BatchRequest": return {requests: [{user_id: "alice", top_k: 3}, {ratings, top_k: 3}]};
    default: return {};
  }
};
const tryForm = (method, path, operation) => {
  const form = make("form");
  form.append(make("strong", "Try it"));
  const inputs = [];
  for (const parameter of operation.parameters || []) {
    const label = make("label", parameter.name + (parameter.required ? " *" : "") + " (" + parameter.in + ")");
    const input = make("input");
    if (parameter.name === "artist_id" && survey.length) input.value = survey[0];
    if (parameter.name === "user_id" && parameter.schema.type === "string") input.value = "alice";
    label.append(input);
    form.append(label);
    inputs.push([parameter, input]);
  }
  let body;
  if (operation.requestBody) {
    const schema = operation.requestBody.content["application/json"].schema;
    const label = make("label", "Body (JSON)");
    body = make("textarea");
    body.value = JSON.stringify(sample(typeOf(schema)), null, 2);
    label.append(body);
    form.append(label);
  }
  const send = make("button", "Send " + method, {type: "submit"});
  const result = make("pre", "", {hidden: "", tabindex: "0", "aria-live": "polite"});
  form.append(send, result);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const [parameter, input] of inputs) {
      if (parameter.in === "path") {
        url = url.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
      } else if (input.value !== "") {
        query.append(parameter.name, input.value);
      }
    }
    if ([...query].length) url += "?" + query;
    const headers = {Accept: "application/json, text/plain"};
    const key = document.getElementById("key").value;
    if (key) headers["X-API-Key"] = key;
    if (body) headers["Content-Type"] = "application/json";
    result.hidden = false;
    result.textContent = "\u2026";
    try {
      const begin = performance.now();
      const answer = await fetch(url, {method, headers, body: body ? body.value : undefined});
      const text = await answer.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON */ }
      result.textContent = method + " " + url + "\n" + answer.status + " " + answer.statusText + ", " +
          (performance.now() - begin).toFixed(1) + " ms, model " +
          (answer.headers.get("Mrec-Model") || "-") + "\n\n" + shown;
    } catch (error) {
      result.textContent = "The server does not answer: " + error.message;
    }
  });
  return form;
};
const show = () => {
  document.getElementById("about").textContent = api.info.description;
  const place = document.getElementById("operations");
  let tag = "";
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      if (operation.tags[0] !== tag) {
        tag = operation.tags[0];
        place.append(make("h2", tag));
      }
      const method = name.toUpperCase();
      const details = make("details", undefined, {id: operation.operationId});
      const summary = make("summary");
      summary.append(make("span", method, {class: "method"}), make("code", path), " " + operation.summary);
      const inside = make("div", undefined, {class: "inside"});
      details.append(summary, inside);
      details.addEventListener("toggle", () => {
        if (!details.open || inside.firstChild) return;
        inside.append(make("p", operation.description), tryForm(method, path, operation));
        if (operation.parameters) {
          inside.append(make("h3", "Parameters"), table(operation.parameters));
        }
        if (operation.requestBody) {
          const schema = operation.requestBody.content["application/json"].schema;
          describe(inside, "Body: " + typeOf(schema), schema);
        }
        for (const [status, response] of Object.entries(operation.responses)) {
          inside.append(make("h3", status + " " + response.description));
          const schema = response.content && response.content["application/json"] &&
              response.content["application/json"].schema;
          if (schema && status < "300") describe(inside, typeOf(schema), schema);
        }
      });
      place.append(details);
    }
  }
  if (location.hash) {
    const chosen = document.getElementById(location.hash.slice(1));
    if (chosen) { chosen.open = true; chosen.scrollIntoView(); }
  }
};
(async () => {
  try {
    const answer = await fetch("/openapi.json");
    if (!answer.ok) throw new Error("status " + answer.status);
    api = await answer.json();
    try {
      const asked = await (await fetch("/api/v1/survey-artists")).json();
      survey = Object.values(asked.artists).map((artist) => artist.artist_id);
    } catch { /* samples stay empty */ }
    show();
  } catch (error) {
    document.getElementById("about").textContent = "The description cannot be read: " + error.message;
  }
})();
</script>
</body>
</html>
)page";

}  // namespace

std::string_view docs_page() { return kPage; }

}  // namespace mrec
