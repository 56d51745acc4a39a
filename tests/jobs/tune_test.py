#!/usr/bin/env python3
"""mrec-tune: exactly so many trials, whatever the ranks, faults and signals; nothing finished is lost.

tune_test.py BIN_DIR DATASET MPIEXEC
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py

BIN, DATASET, MPIEXEC = sys.argv[1:4]
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "sample")
TIMEOUT = 240
COMPLETE, PRUNED, FAILED = 1, 2, 3


class Journal:
    """Replays the journal as Optuna does."""

    def __init__(self, path):
        self.states, self.values, self.seen = [], {}, []
        self.paused, self.resumed, self.reports = {}, {}, {}
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                self.apply(json.loads(line))

    def apply(self, line):
        if line["op_code"] == 4:
            self.states.append(line.get("state", 0))
        elif line["op_code"] == 6:
            trial = line["trial_id"]
            if self.states[trial] in (COMPLETE, PRUNED, FAILED):
                raise AssertionError(f"trial {trial} ends twice")
            self.states[trial] = line["state"]
            if line["state"] == COMPLETE:
                self.values[trial] = line["values"][0]
        elif line["op_code"] == 7:
            self.reports.setdefault(line["trial_id"], []).append(line["step"])
        elif line["op_code"] == 9:
            for name, value in line["system_attr"].items():
                if name == "mrec:paused":
                    self.paused[line["trial_id"]] = value
                elif name == "mrec:resumed":
                    self.resumed[line["trial_id"]] = value
        elif line["op_code"] == 5:
            self.seen.append((line["trial_id"], line["param_name"], line["param_value_internal"]))

    def finished(self):
        return [state for state in self.states if state in (COMPLETE, PRUNED)]


def children(pid):
    """Processes whose parent is `pid`."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                parent = file.read().rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue
        if int(parent) == pid:
            found.append(int(name))
    return sorted(found)


def end(pids):
    """Those that a killed mpirun has left behind; returns when all are gone."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        while True:
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                    if file.read().rpartition(")")[2].split()[0] == "Z":
                        break
            except (FileNotFoundError, ProcessLookupError):
                break
            time.sleep(0.01)


class Tune(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.model = os.path.join(self.dir.name, "model.h5")
        self.study = os.path.join(self.dir.name, "study.journal")

    def command(self, *more, ranks=0, trials=6, epochs=4, top=2):
        launch = [MPIEXEC, "-np", str(ranks)] if ranks else []
        return launch + [os.path.join(BIN, "mrec-tune"), "--dataset", DATASET, "--study",
                         self.study, "--model", self.model, "--trials", str(trials), "--epochs",
                         str(epochs), "--report-every", "2", "--top", str(top), "--repeats", "2",
                         "--search", "dim=int:4:16:4", "--search",
                         "learning_rate=float:0.01:0.2:log", *more]

    def run_to_the_end(self, command, status=0):
        result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT,
                                check=False)
        self.assertEqual(result.returncode, status, result)
        return result

    def test_so_many_trials_are_finished_with_any_number_of_ranks(self):
        for ranks, more in ((0, ()), (2, ()), (3, ()), (4, ("--ranks-per-trial", "2"))):
            result = self.run_to_the_end(self.command(*more, ranks=ranks))
            journal = Journal(self.study)
            self.assertEqual(len(journal.finished()), 6)
            self.assertIn("winner: trial", result.stdout)
            self.assertIn("test NDCG@10", result.stdout)
            with h5py.File(self.model) as model:
                number = int(model["provenance"].attrs["trial"])
                searched = float(model["metrics"].attrs["search_ndcg@10"])
                self.assertEqual(journal.values[number], searched)
                self.assertEqual(model["provenance"].attrs["trained_on"], "train and validation")
                told = float(model["metrics"].attrs["test_ndcg@10"])
            # What the report calls the test is what mrec-evaluate finds.
            figures = os.path.join(self.dir.name, "e.json")
            self.run_to_the_end([os.path.join(BIN, "mrec-evaluate"), "--dataset", DATASET,
                                 "--model", self.model, "--json", figures])
            with open(figures, encoding="utf-8") as file:
                found = [float(number) for number in re.findall(r"\d\.\d+", file.read())]
            self.assertTrue(any(abs(number - told) < 1e-5 for number in found), told)
            os.remove(self.study)
            os.remove(self.model)

    def started(self, process, finished):
        while True:
            self.assertIsNone(process.poll(), "it ended too early")
            if os.path.exists(self.study):
                with open(self.study, encoding="utf-8") as lines:
                    if sum('"op_code":6' in line for line in lines) >= finished:
                        return
            time.sleep(0.02)

    def interrupted(self, command, interrupt):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            self.started(process, 3)
            ranks = children(process.pid)
            interrupt(process)
            _, told = process.communicate(timeout=TIMEOUT)
            end(ranks)
        self.assertFalse(os.path.exists(self.model))
        return process.returncode, told

    def test_a_killed_rank_costs_no_finished_trial(self):
        status, told = self.interrupted(
            self.command(ranks=3, trials=40, epochs=30),
            lambda process: os.kill(children(process.pid)[-1], signal.SIGKILL))
        self.assertNotIn(status, (0, 2, 75), told)
        before = Journal(self.study)
        self.assertGreaterEqual(len(before.values), 1)
        trials = len(before.finished()) + 4
        self.run_to_the_end(self.command("--resume", ranks=2, trials=trials, epochs=30))
        after = Journal(self.study)
        self.assertEqual(len(after.finished()), trials)
        self.assertIn(f"{trials} suggestions computed again, the same", self.told("replay"))
        for trial, value in before.values.items():
            self.assertEqual(after.values[trial], value)

    def test_a_signal_ends_it_in_order(self):
        status, told = self.interrupted(self.command(ranks=3, trials=60, epochs=30),
                                        lambda process: process.send_signal(signal.SIGUSR1))
        self.assertEqual(status, 75, told)
        self.assertIn("run again with --resume", told)
        aside = sorted(os.listdir(self.study + ".ckpt"))
        before = Journal(self.study)
        self.assertIn(len(aside), (1, 2), "but for one that was at its end anyway")
        self.assertEqual(aside, [f"{trial}.h5" for trial in sorted(before.paused)])
        trials = len(before.finished()) + 2
        self.run_to_the_end(self.command("--resume", ranks=3, trials=trials, epochs=30))
        after = Journal(self.study)
        self.assertEqual(len(after.finished()), trials)
        self.assertEqual(len(after.states), trials, "those that were put aside, and no others")
        self.assertEqual(after.resumed, before.paused)
        self.assertFalse(os.path.exists(self.study + ".ckpt"))

    def told(self, *words):
        return self.run_to_the_end([os.path.join(BIN, "mrec-study"), words[0], self.study,
                                    *words[1:]]).stdout

    def results(self):
        csv = os.path.join(self.dir.name, "results.csv")
        self.told("export", "--csv", csv, "--no-times")
        os.remove(self.study)
        with open(csv, encoding="utf-8") as file:
            return file.read()

    def test_strict_order_is_the_same_study_on_any_number_of_ranks_and_when_resumed(self):
        def command(*more, ranks=0):
            return self.command("--order", "strict:4", "--startup-trials", "3", "--pruner",
                                "median", "--pruner-startup", "2", *more, ranks=ranks, trials=14,
                                epochs=12, top=1)

        self.run_to_the_end(command())
        self.assertIn("14 suggestions computed again, the same", self.told("replay"))
        alone = self.results()
        self.assertEqual(len(alone.splitlines()), 15)
        for ranks in (2, 5):
            self.run_to_the_end(command(ranks=ranks))
            self.assertEqual(self.results(), alone, f"{ranks} ranks")
        os.remove(self.model)
        for interrupt in (signal.SIGUSR1, signal.SIGKILL):
            self.interrupted(command(ranks=3),
                             lambda process, kind=interrupt: process.send_signal(kind))
            self.run_to_the_end(command("--resume", ranks=2))
            self.assertEqual(self.results(), alone, interrupt)
            os.remove(self.model)

    def test_asha_promotes_from_checkpoints(self):
        self.run_to_the_end(self.command("--pruner", "asha", "--min-resource", "2", ranks=3,
                                         trials=12, epochs=18))
        journal = Journal(self.study)
        self.assertEqual(len(journal.finished()), 12)
        self.assertEqual(len(journal.states), 12)
        steps = {trial: max(at) for trial, at in journal.reports.items()}
        self.assertEqual(set(steps.values()) - {2, 6}, {18})
        for trial, state in enumerate(journal.states):
            self.assertEqual(state, COMPLETE if steps[trial] == 18 else PRUNED)
        self.assertLess(sum(steps.values()), 0.6 * 12 * 18)
        self.assertFalse(os.path.exists(self.study + ".ckpt"))
        self.assertIn("12 suggestions", self.told("replay"))

    def test_the_same_seed_gives_the_same_study_on_one_rank(self):
        studies = []
        for _ in range(2):
            self.run_to_the_end(self.command())
            studies.append(Journal(self.study))
            os.remove(self.study)
        self.assertEqual(studies[0].seen, studies[1].seen)
        self.assertEqual(studies[0].values, studies[1].values)

    def test_a_trial_that_cannot_be_is_a_failed_trial(self):
        result = self.run_to_the_end(self.command(
            "--loss", "ials", "--search", "optimizer=cat:adagrad,adadelta", "--sampler", "random",
            trials=8))
        states = Journal(self.study).states
        self.assertEqual(set(states), {COMPLETE, FAILED})
        self.assertEqual(len(re.findall(r"^trial \d+  fail ", result.stdout, re.M)),
                         states.count(FAILED))
        self.assertIn("winner", result.stdout)

    def test_data_sets_of_one_split_are_searched(self):
        """Weights of another kind, which are made with the data set."""
        other = os.path.join(self.dir.name, "other.h5")
        self.run_to_the_end([os.path.join(BIN, "mrec-prepare"), "--lastfm",
                             os.path.join(SAMPLE, "lastfm"), "--spotify",
                             os.path.join(SAMPLE, "spotify", "tracks.csv"), "--weighting", "bm25",
                             "--out", other])
        command = self.command("--loss", "ials", "--solver", "als", ranks=2)
        command[command.index("learning_rate=float:0.01:0.2:log")] = "confidence=float:1:50:log"
        result = self.run_to_the_end([*command, "--dataset", other, "--h5", os.path.join(self.dir.name, "study.h5")])
        self.assertIn("--dataset", result.stdout)
        self.assertIn("--dataset", self.told("best"))
        with h5py.File(os.path.join(self.dir.name, "study.h5")) as study:
            choices = set(study["trials/params"][:, -1])
            self.assertEqual(study["space"]["name"][-1], b"dataset")
        self.assertEqual(choices, {0, 1})
        with h5py.File(self.model) as model:
            self.assertIn(model["provenance"].attrs["dataset"], (DATASET, other))

    def test_nothing_begins_that_would_not_end_in_time(self):
        soon = str(int(time.time()) + 6)
        command = self.command("--until", soon, trials=200, epochs=30)
        result = self.run_to_the_end(command, 75)
        self.assertIn("--until", result.stderr)
        done = len(Journal(self.study).finished())
        self.assertGreaterEqual(done, 1)
        result = self.run_to_the_end(self.command("--resume", "--until", soon, trials=200,
                                                  epochs=30), 1)
        self.assertIn("more time", result.stderr)
        self.assertLess(done, 200)
        self.run_to_the_end(self.command("--resume", "--minutes", "0.02", trials=200, epochs=30))
        self.assertLess(len(Journal(self.study).finished()), 200)
        self.assertTrue(os.path.exists(self.model), "the best so far")

    def test_what_does_not_fit_is_refused(self):
        def refused(command, *texts):
            result = self.run_to_the_end(command, 2)
            for text in texts:
                self.assertIn(text, result.stderr)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

        refused(self.command("--search", "dimm=int:1:2"), "no option 'dimm'")
        refused(self.command("--search", "epochs=int:1:2"), "epochs")
        refused(self.command("--search", "dim=int:0:8"), "dim = 0 is outside")
        refused(self.command("--search", "dim"), "dim")
        refused(self.command("--space", "/nowhere.toml"), "/nowhere.toml")
        refused(self.command("--order", "strict:x"), "strict:L")
        refused(self.command("--order", "strict:4", "--pruner", "asha"), "asha-stop")
        self.assertEqual(os.listdir(self.dir.name), [])
        self.run_to_the_end(self.command(trials=2))
        refused(self.command(trials=3), self.study, "--resume")
        refused(self.command("--resume", "--search", "dim=int:4:8", trials=3), self.study)
        refused(self.command("--resume", "--loss", "bpr", trials=3), self.study)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
