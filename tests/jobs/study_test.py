#!/usr/bin/env python3
"""mrec-study on a journal that is written here by hand, as Optuna writes it.

study_test.py BIN_DIR
"""
import contextlib
import csv
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy

try:
    import yaml
except ImportError:
    yaml = None

BIN = os.path.abspath(sys.argv[1])
RUNNING, COMPLETE, PRUNED, FAILED, WAITING = range(5)
SPACE = """dim = "int:16:128:16"
loss = ["warp", "warp-kos"]
learning_rate = "float:0.01:0.2:log"
kos_k = { type = "int", low = 1, high = 10, step = 1, when = { loss = ["warp-kos"] } }
"""
DISTRIBUTIONS = {
    "dim": '{"name": "IntDistribution", "attributes": '
           '{"log": false, "step": 16, "low": 16, "high": 128}}',
    "loss": '{"name": "CategoricalDistribution", "attributes": {"choices": ["warp", "warp-kos"]}}',
    "learning_rate": '{"name": "FloatDistribution", "attributes": '
                     '{"step": null, "low": 0.01, "high": 0.2, "log": true}}',
    "kos_k": '{"name": "IntDistribution", "attributes": '
             '{"log": false, "step": 1, "low": 1, "high": 10}}',
}


def moment(seconds):
    return f"2026-11-23T03:{seconds // 60:02d}:{seconds % 60:02d}.500000+00:00"


class Journal:
    """Writes one study after another, each with its trials in a row."""

    def __init__(self):
        self.lines, self.num_studies, self.num_trials = [], 0, 0

    def line(self, op, **fields):
        self.lines.append(json.dumps({"op_code": op, "worker_id": "hand", **fields}))

    def study(self, name, direction=2, attributes=None):
        self.line(0, study_name=name, directions=[direction])
        self.id = self.num_studies
        self.num_studies += 1
        for key, value in (attributes or {}).items():
            self.line(2, study_id=self.id, user_attr={key: value})
        self.line(3, study_id=self.id, system_attr={"study:metric_names": ["ndcg@10"]})
        return self

    def trial(self, state, params, value=None, start=None, end=None, steps=None, attributes=None):
        self.line(4, study_id=self.id, state=state, params=params,
                  datetime_start=None if start is None else moment(start),
                  distributions={name: DISTRIBUTIONS[name] for name in params}, value=value,
                  values=None, user_attrs=attributes or {}, system_attrs={},
                  intermediate_values={str(step): v for step, v in (steps or {}).items()},
                  **({} if end is None else {"datetime_complete": moment(end)}))
        self.num_trials += 1

    def text(self):
        return "".join(line + "\n" for line in self.lines)


def small():
    """Six trials of all states; trial 3 is the best."""
    journal = Journal().study("small", attributes={
        "mrec:space": SPACE, "mrec:train.loss": "warp", "mrec:train.epochs": "50",
        "mrec:train.learning_rate": "0.5", "mrec:train.seed": "7", "note": "it's \"small\""})
    journal.trial(COMPLETE, {"dim": 64, "loss": 0, "learning_rate": 0.05}, 0.125, 0, 10,
                  {5: 0.1, 10: 0.125})
    journal.trial(PRUNED, {"dim": 16, "loss": 1, "learning_rate": 0.01, "kos_k": 3}, None, 10, 14,
                  {5: 0.03125})
    journal.trial(FAILED, {"dim": 128, "loss": 0, "learning_rate": 0.2}, None, 20, 21,
                  attributes={"failure": 'it "diverged", alas'})
    journal.trial(COMPLETE, {"dim": 32, "loss": 1, "learning_rate": 0.07, "kos_k": 5}, 0.25, 30, 38,
                  {5: 0.2, 10: 0.25},
                  {"epochs": 12, "seconds": 7.5, "group": 1, "precision@10": 0.5})
    journal.trial(RUNNING, {"dim": 48, "loss": 0, "learning_rate": 0.02}, None, 40)
    journal.trial(WAITING, {})
    return journal


class StudyTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = directory.name
        self.journal = self.write("study.journal", small().text())

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def study(self, *words, status=0):
        result = subprocess.run([os.path.join(BIN, "mrec-study"), *words], capture_output=True,
                                text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout if status == 0 else result.stderr

    def json(self, *words):
        return json.loads(self.study(*words, "--json"))

    def export(self, option, name, *more):
        path = self.path(name)
        self.output = self.study("export", self.journal, option, path, *more)
        return path

    def refused(self, *words_and_texts, texts):
        error = self.study(*words_and_texts, status=2)
        self.assertEqual(error.count("\n"), 1, error)
        for text in texts:
            self.assertIn(text, error)


class Tables(StudyTest):
    def test_studies_are_listed(self):
        lines = self.study("list", self.journal).splitlines()
        self.assertEqual(lines[1].split(),
                         ["small", "maximize", "ndcg@10", "6", "2", "1", "1", "1", "1", "0.250000"])
        self.assertEqual(self.json("list", self.journal), [{
            "name": "small", "direction": "maximize", "metric": "ndcg@10", "trials": 6,
            "states": {"complete": 2, "pruned": 1, "fail": 1, "running": 1, "waiting": 1},
            "best": {"number": 3, "value": 0.25}}])

    def test_trials_are_shown_by_number_or_the_best_first(self):
        def numbers(*words):
            return [line.split()[0] for line in
                    self.study("show", self.journal, *words).splitlines()[1:]]

        self.assertEqual(numbers(), ["0", "1", "2", "3", "4", "5"])
        self.assertEqual(numbers("--sort", "value"), ["3", "0", "1", "2", "4", "5"])

    def test_trials_have_all_that_is_known_of_them(self):
        trials = self.json("show", self.journal)
        self.assertEqual(trials[3], {
            "number": 3, "state": "complete", "value": 0.25, "epochs": 12, "seconds": 7.5,
            "start": "2026-11-23T03:00:30.500000Z", "end": "2026-11-23T03:00:38.500000Z",
            "params": {"dim": 32, "loss": "warp-kos", "learning_rate": 0.07, "kos_k": 5},
            "attributes": {"epochs": "12", "group": "1", "precision@10": "0.5", "seconds": "7.5"}})
        self.assertEqual([trials[4][key] for key in ("state", "value", "seconds", "end")],
                         ["running", None, None, None])

    def test_the_best_is_a_command_of_mrec_train(self):
        command = self.study("best", self.journal).strip()
        self.assertEqual(command, self.json("best", self.journal)["command"])
        words = shlex.split(command)
        self.assertEqual(words[0], "mrec-train")
        options = dict(zip(words[1::2], words[2::2], strict=True))
        self.assertEqual(options["--dim"], "32")
        self.assertEqual(options["--loss"], "warp-kos")
        self.assertEqual(options["--epochs"], "12", "as many as it did best with")
        self.assertEqual(options["--learning_rate"], "0.07", "the study fixes what is not searched")
        self.assertEqual(options["--seed"], "7")
        # The job takes every option of it and only misses the file.
        result = subprocess.run(
            [os.path.join(BIN, words[0]), *words[1:]], capture_output=True, text=True, timeout=120,
            cwd=self.dir, check=False)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("dataset.h5: cannot be opened", result.stderr)

    def test_importance_belongs_to_what_decides(self):
        journal = Journal().study("planted")
        for i in range(60):
            journal.trial(COMPLETE, {"dim": 16 * (i % 8 + 1), "loss": i % 2,
                                     "learning_rate": 0.01 * 20 ** (i / 60)}, i / 60, i, i + 1)
        planted = self.write("planted.journal", journal.text())
        shares = self.json("importance", planted)
        first = shares[0]
        self.assertAlmostEqual(sum(one["importance"] for one in shares), 1)
        self.assertEqual(self.study("importance", planted).count("\n"), 1 + len(shares))
        self.assertEqual(first["param"], "learning_rate")
        self.assertGreater(first["importance"], 0.6)

    def test_a_study_is_chosen_by_its_name(self):
        journal = small()
        journal.study("other", direction=1)
        journal.trial(COMPLETE, {"dim": 16}, 3.0, 0, 1)
        journal.trial(COMPLETE, {"dim": 32}, 2.0, 1, 2)
        both = self.write("both.journal", journal.text())
        self.assertEqual([one["name"] for one in self.json("list", both)], ["small", "other"])
        self.refused("show", both, texts=["small, other", "--study"])
        self.assertEqual(self.json("best", both, "--study", "other")["number"], 1)

    def test_a_line_that_is_being_written_is_passed_over(self):
        self.write("study.journal", small().text() + '{"op_code":4,"work')
        self.assertEqual(len(self.json("show", self.journal)), 6)

    def test_what_cannot_be_read_is_refused_in_one_line(self):
        self.refused("list", self.path("missing"), texts=["missing: cannot be opened"])
        self.refused("show", self.path("missing"), texts=["missing: cannot be opened"])
        self.refused("show", self.journal, "--study", "x", texts=["no study 'x'", "small"])
        lines = small().text().splitlines()
        lines[2] = lines[2][:30]
        broken = self.write("broken.journal", "\n".join(lines) + "\n")
        self.refused("list", broken, texts=["broken.journal:3: "])
        empty = self.write("empty.journal", "")
        self.assertEqual(self.json("list", empty), [])
        self.refused("best", empty, texts=["no study yet"])
        nothing = self.write("nothing.journal", Journal().study("none").text())
        self.refused("best", nothing, texts=["no trial is complete"])
        self.refused("importance", nothing, texts=["four complete trials"])

    def test_what_is_not_understood_is_refused_in_one_line(self):
        self.refused("sho", self.journal, texts=["no command 'sho'", "show"])
        self.refused("show", texts=["a command and a journal"])
        self.refused("show", self.journal, "more", texts=["a command and a journal"])
        self.refused("show", self.journal, "--sort", "x", texts=["number, value"])


class Exports(StudyTest):
    def test_csv_has_a_row_for_each_trial(self):
        with open(self.export("--csv", "trials.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["state"] for row in rows],
                         ["complete", "pruned", "fail", "complete", "running", "waiting"])
        self.assertEqual(rows[3]["value"], "0.25")
        self.assertEqual(rows[3]["params_loss"], "warp-kos")
        self.assertEqual(rows[0]["params_kos_k"], "")
        self.assertEqual(rows[2]["attributes_failure"], 'it "diverged", alas')
        self.assertEqual(rows[3]["start"], "2026-11-23T03:00:30.500000Z")

    def database(self, version):
        path = self.export("--optuna-sql", "study.sql", "--optuna", version)
        with open(path, encoding="utf-8") as file, \
                contextlib.closing(sqlite3.connect(self.path("study.db"))) as database:
            database.executescript(file.read())
        return self.path("study.db")

    def test_the_sql_makes_a_sound_database(self):
        with contextlib.closing(sqlite3.connect(self.database("3.2"))) as database:
            def rows(query):
                return database.execute(query).fetchall()

            self.assertEqual(rows("PRAGMA foreign_key_check"), [])
            self.assertEqual(rows("PRAGMA integrity_check"), [("ok",)])
            self.assertEqual(rows("SELECT version_num FROM alembic_version"), [("v3.2.0.a",)])
            self.assertEqual(rows("SELECT name FROM sqlite_master WHERE name LIKE 'ix_trials%'"),
                             [("ix_trials_study_id",)])
            self.assertEqual(rows("SELECT direction FROM study_directions"), [("MAXIMIZE",)])
            self.assertEqual([state for state, in rows("SELECT state FROM trials ORDER BY number")],
                             ["COMPLETE", "PRUNED", "FAIL", "COMPLETE", "RUNNING", "WAITING"])
            self.assertEqual(rows("SELECT value, value_type FROM trial_values ORDER BY trial_id"),
                             [(0.125, "FINITE"), (0.25, "FINITE")])

    def test_optuna_reads_the_database_as_it_reads_the_journal(self):
        try:
            import optuna
        except ImportError:
            self.skipTest("python3-optuna is not here")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        old = [int(part) for part in optuna.__version__.split(".")[:2]] < [3, 2]
        ours = optuna.load_study(study_name="small",
                                 storage="sqlite:///" + self.database("3.0" if old else "3.2"))
        try:
            backend = optuna.storages.journal.JournalFileBackend(self.journal)
        except AttributeError:
            backend = optuna.storages.JournalFileStorage(self.journal)
        journal = optuna.load_study(study_name="small",
                                    storage=optuna.storages.JournalStorage(backend))
        self.assertEqual(ours.direction, journal.direction)
        self.assertEqual(ours.best_trial.number, 3)
        self.assertEqual(ours.best_params, journal.best_params)
        self.assertEqual(ours.user_attrs["note"], "it's \"small\"")
        for a, b in zip(ours.trials, journal.trials, strict=True):
            for what in ("number", "state", "params", "distributions", "intermediate_values",
                         "user_attrs"):
                self.assertEqual(getattr(a, what), getattr(b, what), (a.number, what))
            self.assertEqual(a.value, b.value)
            if b.datetime_complete:
                self.assertEqual(a.duration, b.duration)

    def test_study_h5_is_read_by_h5py_alone(self):
        with h5py.File(self.export("--h5", "study.h5"), "r") as file:
            self.assertEqual(file.attrs["format"], "mrec-study")
            self.assertEqual(file.attrs["version"], 1)
            self.assertEqual(file.attrs["study_name"], "small")
            self.assertEqual(file.attrs["direction"], "maximize")
            self.assertEqual(json.loads(file.attrs["config_json"])["train.seed"], "7")
            self.assertEqual([name.decode() for name in file["space"]["name"]],
                             ["dim", "loss", "learning_rate", "kos_k"])
            self.assertEqual(json.loads(file["space"]["parent_values_json"][3]), ["warp-kos"])
            trials = file["trials"]
            self.assertEqual({name: len(trials[name]) for name in trials},
                             {name: 6 for name in trials})
            self.assertEqual(list(trials["state"]), [COMPLETE, PRUNED, FAILED, COMPLETE, RUNNING,
                                                     WAITING])
            self.assertEqual(trials["state"].dtype, "u1")
            self.assertEqual(trials["fail_code"].dtype, "i2")
            self.assertEqual(trials["value"][3], 0.25)
            numpy.testing.assert_array_equal(trials["params"][3], [32, 1, 0.07, 5])
            numpy.testing.assert_array_equal(trials["params"][0], [64, 0, 0.05, numpy.nan])
            self.assertEqual(list(trials["worker"]), [-1, -1, -1, 1, -1, -1])
            self.assertEqual(trials["end"][0] - trials["start"][0], 10_000_000)
            self.assertEqual([tuple(row) for row in file["intermediate"]],
                             [(0, 5, 0.1), (0, 10, 0.125), (1, 5, 0.03125), (3, 5, 0.2),
                              (3, 10, 0.25)])
            self.assertEqual(file["metrics/precision@10"][3], 0.5)
            self.assertTrue(numpy.isnan(file["metrics/precision@10"][0]))
            self.assertEqual(file["best"]["text"][1], b"warp-kos")

    def test_export_as_json_is_what_show_prints(self):
        printed = self.study("export", self.journal, "--json")
        self.assertEqual(printed, self.study("show", self.journal, "--json"))
        self.assertGreater(len(json.loads(printed)), 1)

    def test_exports_need_a_target(self):
        self.refused("export", self.journal, texts=["export to what?", "--csv", "--mlflow"])
        self.refused("export", self.journal, "--csv", self.path("none") + "/x.csv", texts=["none"])


    def test_the_page_is_written(self):
        self.assertIn("wrote", self.study("html", self.journal, "--out", self.path("study.html")))
        with open(self.path("study.html"), encoding="utf-8") as file:
            self.assertIn("<h1>Study small</h1>", file.read())
        self.refused("html", self.journal, texts=["--out"])


class MlflowStore:
    """Reads a file store and refuses whatever MLflow would refuse or pass over."""

    NAME = re.compile(r"^[/\w.\- ]*$")

    def __init__(self, test, root):
        self.test, self.root = test, root
        test.assertTrue(os.path.isdir(os.path.join(root, ".trash")))
        self.experiment, = [name for name in os.listdir(root) if name != ".trash"]
        test.assertRegex(self.experiment, r"^[a-zA-Z0-9][\w\-]{0,63}$")
        meta = self.meta(self.experiment)
        test.assertEqual(meta["experiment_id"], self.experiment)
        test.assertEqual(meta["artifact_location"], f"file://{root}/{self.experiment}")
        test.assertEqual(meta["lifecycle_stage"], "active")
        self.name = meta["name"]
        self.runs = [self.run(name) for name in sorted(os.listdir(os.path.join(root, self.experiment)))
                     if name not in ("meta.yaml", "tags")]

    def meta(self, *path):
        with open(os.path.join(self.root, *path, "meta.yaml"), encoding="utf-8") as file:
            return yaml.safe_load(file)

    def values(self, run, kind):
        folder = os.path.join(self.root, self.experiment, run, kind)
        values = {}
        for name in os.listdir(folder):
            self.test.assertRegex(name, self.NAME)
            self.test.assertLessEqual(len(name), 250)
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                values[name] = file.read()
        return values

    def metric(self, text):
        points = []
        self.test.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            time, value, step = line.split(" ")
            points.append((int(step), int(time), float(value)))
        return points

    def run(self, name):
        self.test.assertRegex(name, "^[0-9a-f]{32}$")
        meta = self.meta(self.experiment, name)
        self.test.assertEqual(set(meta), {
            "artifact_uri", "deleted_time", "end_time", "entry_point_name", "experiment_id",
            "lifecycle_stage", "run_id", "run_name", "run_uuid", "source_name", "source_type",
            "source_version", "start_time", "status", "tags", "user_id"})
        self.test.assertEqual((meta["run_id"], meta["run_uuid"]), (name, name))
        self.test.assertEqual(meta["experiment_id"], self.experiment)
        self.test.assertTrue(os.path.isdir(meta["artifact_uri"].removeprefix("file://")))
        self.test.assertIsInstance(meta["start_time"], int)
        self.test.assertTrue(meta["end_time"] is None or isinstance(meta["end_time"], int))
        tags, params = self.values(name, "tags"), self.values(name, "params")
        self.test.assertEqual(tags["mlflow.runName"], meta["run_name"])
        self.test.assertFalse([text for text in [*tags.values(), *params.values()]
                               if text.endswith("\n")])
        return {"id": name, "name": meta["run_name"], "status": meta["status"], "tags": tags,
                "params": params, "metrics": {metric: self.metric(text) for metric, text in
                                              self.values(name, "metrics").items()}}


@unittest.skipIf(yaml is None, "python3-yaml is not here")
class Mlflow(StudyTest):
    def test_the_store_is_as_mlflow_wants_it(self):
        store = MlflowStore(self, self.export("--mlflow", "mlruns"))
        self.assertEqual(store.name, "small")
        runs = {run["name"]: run for run in store.runs}
        self.assertEqual(sorted(runs), ["small"] + [f"trial-{i:04d}" for i in range(6)])
        study = runs["small"]
        self.assertEqual([(step, value) for step, _, value in study["metrics"]["best_ndcg_at_10"]],
                         [(0, 0.125), (3, 0.25)])
        self.assertEqual([runs[f"trial-{i:04d}"]["status"] for i in range(6)], [3, 5, 4, 3, 1, 2])
        self.assertEqual({run["tags"].get("mlflow.parentRunId") for run in store.runs
                          if run is not study}, {study["id"]})
        best = runs["trial-0003"]
        self.assertEqual(best["params"], {"dim": "32", "loss": "warp-kos", "learning_rate": "0.07",
                                          "kos_k": "5"})
        self.assertEqual(max(best["metrics"]["ndcg_at_10"])[2], 0.25, "the one MLflow shows")
        self.assertEqual(best["metrics"]["precision_at_10"][0][2], 0.5)
        self.assertEqual(runs["trial-0001"]["tags"]["trial.state"], "PRUNED")
        self.assertEqual(runs["trial-0002"]["tags"]["failure"], 'it "diverged", alas')

    def test_how_to_open_it_is_told(self):
        self.export("--mlflow", "mlruns")
        for text in ("mlflow ui --backend-store-uri " + self.path("mlruns"),
                     "MLFLOW_ALLOW_FILE_STORE=true", "migrate-filestore --source"):
            self.assertIn(text, self.output)

    def test_a_store_is_not_written_over(self):
        self.export("--mlflow", "mlruns")
        self.refused("export", self.journal, "--mlflow", self.path("mlruns"),
                     texts=["is there already"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
