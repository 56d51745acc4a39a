#!/usr/bin/env python3
"""The HTML pages in a real browser: silent, alone, legible in light and dark, on a telephone.

pages_test.py BIN_DIR DATASET MODEL SAMPLE_DIR
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN, DATASET, MODEL, SAMPLE = sys.argv[1:5]
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
MOST_BYTES = 2_000_000

try:
    from selenium import webdriver
    MISSING = [path for path in (CHROMIUM, DRIVER) if not os.path.exists(path)]
except ImportError:
    MISSING = ["python3-selenium"]

# Every element that shows text of its own, with the colour of its text and of what lies behind it.
COLOURS = """
const shown = [];
const opaque = c => !/, 0\\)$|^transparent$/.test(c);
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const hidden = element.closest('desc, title, details:not([open]) > :not(summary)');
  if (!own || hidden) continue;
  let behind = element;
  while (behind && !opaque(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const style = getComputedStyle(element);
  shown.push([element.tagName, element.textContent.trim().slice(0, 30),
              element.tagName === 'text' ? style.fill : style.color,
              getComputedStyle(behind || document.body).backgroundColor]);
}
return shown;
"""

# What sticks out of the page, but for what scrolls in a box of its own.
OVERFLOW = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll, .chart') && e.getBoundingClientRect().right > wide + 0.5)
  .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40));
"""

# Text that is cut off by the edge of its chart.
CLIPPED = """
const cut = [];
for (const svg of document.querySelectorAll('svg')) {
  const box = svg.getBoundingClientRect();
  if (box.width === 0) continue;
  for (const text of svg.querySelectorAll('text')) {
    const t = text.getBoundingClientRect();
    if (t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1 ||
        t.bottom > box.bottom + 1) {
      cut.push(svg.getAttribute('aria-label') + ': ' + text.textContent);
    }
  }
}
return cut;
"""


def luminance(colour):
    """Relative luminance of "rgb(1, 2, 3)" as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def run(*arguments):
    subprocess.run([os.path.join(BIN, arguments[0]), *arguments[1:]], check=True,
                   capture_output=True, timeout=120)


def study_lines(num_trials):
    """A journal of trials on two groups of ranks, each fifth one pruned; the last ones are best."""
    distributions = {
        "learning_rate": {"name": "FloatDistribution", "attributes":
                          {"step": None, "low": 0.01, "high": 0.2, "log": True}},
        "dim": {"name": "IntDistribution", "attributes":
                {"log": False, "step": 16, "low": 16, "high": 128}},
        "loss": {"name": "CategoricalDistribution", "attributes":
                 {"choices": ["warp", "bpr", "warp-kos", "logistic", "ials"]}}}
    texts = {name: json.dumps(one) for name, one in distributions.items()}
    yield {"op_code": 0, "worker_id": "hand", "study_name": "planted", "directions": [2]}
    for i in range(num_trials):
        pruned, value = i % 5 == 0, 2 * i / num_trials
        start = 20 * (i // 2) + 3 * (i % 2)
        times = [f"2026-11-23T03:{second // 60:02d}:{second % 60:02d}.000000+00:00"
                 for second in (start, start + 5 + i % 11)]
        yield {"op_code": 4, "worker_id": "hand", "study_id": 0, "state": 2 if pruned else 1,
               "value": None if pruned else value, "values": None, "datetime_start": times[0],
               "datetime_complete": times[1], "distributions": texts,
               "params": {"learning_rate": 0.01 * 20 ** (i / num_trials), "dim": 16 * (1 + i % 8),
                          "loss": i % 5},
               "user_attrs": {"group": i % 2}, "system_attrs": {},
               "intermediate_values": {str(step): value * step / 10
                                       for step in range(1, 4 if pruned else 11)}}


@unittest.skipIf(MISSING, "no browser here (scripts/setup test installs it): " + ", ".join(MISSING))
class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        cls.explore = os.path.join(cls.dir, "explore.html")
        run("mrec-explore", "--lastfm", os.path.join(SAMPLE, "lastfm"), "--spotify",
            os.path.join(SAMPLE, "spotify", "tracks.csv"), "--dataset", DATASET, "--out",
            cls.explore)
        cls.evaluation = os.path.join(cls.dir, "evaluation.html")
        run("mrec-evaluate", "--dataset", DATASET, "--model", MODEL, "--k", "5,10", "--html",
            cls.evaluation, "--json", os.path.join(cls.dir, "evaluation.json"))

        journal = os.path.join(cls.dir, "study.journal")
        with open(journal, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in study_lines(60))
        cls.study = os.path.join(cls.dir, "study.html")
        run("mrec-study", "html", journal, "--out", cls.study)

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                         "--no-first-run", "--disable-background-networking",
                         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                         "--user-data-dir=" + os.path.join(cls.dir, "profile")):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.chrome.service.Service(DRIVER)
        cls.browser = webdriver.Chrome(service=service, options=options)
        cls.addClassCleanup(cls.browser.quit)

    def open(self, page, width=1280, scheme="light"):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.browser.get("file://" + page)

    def script(self, text):
        return self.browser.execute_script(text)

    def check_alone(self, page):
        """Silent, and nothing but the file itself is asked for."""
        for kind in ("browser", "performance"):
            self.browser.get_log(kind)
        self.open(page)
        self.assertEqual(self.browser.get_log("browser"), [])
        asked = re.findall(r'"Network\.requestWillBeSent".*?"url":"([^"]*)"',
                           "\n".join(entry["message"] for entry in self.browser.get_log("performance")))
        self.assertEqual([url for url in asked if not url.startswith(("file://", "data:"))], [])
        self.assertTrue(any(url.startswith("file://") for url in asked), asked)
        self.assertEqual(self.script("return performance.getEntriesByType('resource')"
                                     ".map(e => e.name).filter(n => !n.startsWith('data:'))"), [])
        with open(page, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//', text), [])
        self.assertNotIn("<script", text)
        self.assertLess(len(text.encode()), MOST_BYTES)

    def check_layout(self, page):
        for width in (1280, 768, 360):
            self.open(page, width)
            self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), width)
            self.assertEqual(self.script(OVERFLOW), [], width)
            self.assertEqual(self.script(CLIPPED), [], width)

    def check_colours(self, page):
        backgrounds = {}
        for scheme in ("light", "dark"):
            self.open(page, scheme=scheme)
            shown = self.script(COLOURS)
            self.assertGreater(len(shown), 100)
            faint = [entry for entry in shown if contrast(entry[2], entry[3]) < 4.5]
            self.assertEqual(faint, [], scheme)
            backgrounds[scheme] = self.script(
                "return getComputedStyle(document.body).backgroundColor")
        self.assertGreater(luminance(backgrounds["light"]), 0.8)
        self.assertLess(luminance(backgrounds["dark"]), 0.05)

    def check_structure(self, page, headings):
        self.open(page)
        self.assertEqual(self.script(
            "return [...document.querySelectorAll('h2')].map(e => e.textContent)"), headings)
        links = self.script("return [...document.querySelectorAll('nav a')].map("
                            "a => [a.textContent, document.querySelector(a.hash + ' h2').textContent])")
        self.assertEqual(links, [[heading, heading] for heading in headings])
        charts = self.script("return [...document.querySelectorAll('svg')].map(s => ["
                             "s.getAttribute('role'), s.getAttribute('aria-label'),"
                             "s.querySelector('desc').textContent])")
        self.assertGreater(len(charts), 5)
        for role, label, description in charts:
            self.assertEqual(role, "img")
            self.assertTrue(label)
            self.assertTrue(description, label)
        self.assertEqual(self.script("return document.documentElement.lang"), "en")
        self.assertEqual(self.script("return document.querySelectorAll('h1').length"), 1)

    def test_the_data_report_is_silent_and_alone(self):
        self.check_alone(self.explore)

    def test_the_data_report_fits_every_screen(self):
        self.check_layout(self.explore)

    def test_the_data_report_is_legible_in_light_and_dark(self):
        self.check_colours(self.explore)

    def test_the_data_report_has_its_sections(self):
        self.check_structure(self.explore, [
            "Overview", "Sources", "Listening", "The long tail", "Tags", "Tracks", "Matching",
            "Data set", "Features"])

    def test_the_data_report_counts_what_is_there(self):
        self.open(self.explore)
        tiles = dict(self.script(
            "return [...document.querySelectorAll('.tiles div')].map("
            "t => [t.querySelector('dt').textContent, t.querySelector('dd').textContent])"))
        with open(os.path.join(SAMPLE, "lastfm", "user_artists.dat"), encoding="utf-8") as file:
            rows = [line.split("\t") for line in file.read().splitlines()[1:]]
        pairs = {(row[0], row[1]) for row in rows if len(row) == 3}
        self.assertEqual(tiles["Interactions"], f"{len(pairs):,}")
        self.assertEqual(tiles["Listeners"], f"{len({user for user, _ in pairs}):,}")

    def test_the_study_is_silent_and_alone(self):
        self.check_alone(self.study)

    def test_the_study_fits_every_screen(self):
        self.check_layout(self.study)

    def test_the_study_is_legible_in_light_and_dark(self):
        self.check_colours(self.study)

    def test_the_study_has_its_sections(self):
        self.check_structure(self.study, ["Overview", "History", "Parameters", "On the way", "Time"])

    def test_the_study_shows_the_values_of_its_trials(self):
        self.open(self.study)
        tips = dict(self.script(
            "return [...document.querySelectorAll('svg')].map(s => [s.getAttribute('aria-label'),"
            "[...s.querySelectorAll('circle title, rect title')].map(t => t.textContent)])"))
        self.assertEqual(len(tips["Value of every trial"]), 48)
        self.assertIn("trial 1, complete, value 0.0333", tips["Value of every trial"])
        self.assertEqual(len([tip for tip in tips["Who trained when"] if "trial" in tip]), 60)

    def test_the_evaluation_is_silent_and_alone(self):
        self.check_alone(self.evaluation)

    def test_the_evaluation_fits_every_screen(self):
        self.check_layout(self.evaluation)

    def test_the_evaluation_is_legible_in_light_and_dark(self):
        self.check_colours(self.evaluation)

    def test_the_evaluation_has_its_sections(self):
        self.check_structure(self.evaluation,
                             ["Overview", "Accuracy", "Significance", "For whom",
                              "The lists as a whole", "Calibration", "The long tail"])

    def test_the_evaluation_shows_the_figures_of_the_json(self):
        self.open(self.evaluation)
        bars = dict(self.script(
            "return [...document.querySelectorAll('svg')].map(s => [s.getAttribute('aria-label'),"
            "[...s.querySelectorAll('rect title')].map(t => t.textContent)])"))
        with open(os.path.join(self.dir, "evaluation.json"), encoding="utf-8") as file:
            reports = json.load(file)["reports"]
        for report, bar in zip(reports, bars["NDCG@10 of every contender"], strict=True):
            ndcg = next(metric["mean"] for metric in report["metrics"]
                        if (metric["metric"], metric["k"]) == ("ndcg", 10))
            name, value = re.match(r"(\S+): ([\d.]+)", bar).groups()
            self.assertEqual(name, report["name"])
            self.assertAlmostEqual(float(value), ndcg, delta=0.00006)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
