#!/usr/bin/env python3
"""mrec-tune: exactly so many trials, whatever the ranks, faults and signals; nothing finished is lost.

tune_test.py BIN_DIR DATASET MPIEXEC
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py

BIN, DATASET, MPIEXEC = sys.argv[1:4]
TIMEOUT = 240
COMPLETE, PRUNED, FAILED = 1, 2, 3


class Journal:
    """Replays the journal as Optuna does."""

    def __init__(self, path):
        self.states, self.values, self.seen = [], {}, []
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


class Tune(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.model = os.path.join(self.dir.name, "model.h5")
        self.study = os.path.join(self.dir.name, "study.journal")

    def command(self, *more, ranks=0, trials=6, epochs=4):
        launch = [MPIEXEC, "-np", str(ranks)] if ranks else []
        return launch + [os.path.join(BIN, "mrec-tune"), "--dataset", DATASET, "--study",
                         self.study, "--model", self.model, "--trials", str(trials), "--epochs",
                         str(epochs), "--report-every", "2", "--top", "2", "--repeats", "2",
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
                self.assertIn(f"{told:.6f}"[:7], file.read())
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
            interrupt(process)
            _, told = process.communicate(timeout=TIMEOUT)
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
        for trial, value in before.values.items():
            self.assertEqual(after.values[trial], value)

    def test_a_signal_ends_it_in_order(self):
        status, told = self.interrupted(self.command(ranks=3, trials=60, epochs=30),
                                        lambda process: process.send_signal(signal.SIGUSR1))
        self.assertEqual(status, 75, told)
        self.assertIn("run again with --resume", told)
        trials = len(Journal(self.study).finished()) + 2
        self.run_to_the_end(self.command("--resume", ranks=3, trials=trials, epochs=30))
        self.assertEqual(len(Journal(self.study).finished()), trials)

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
        journal = Journal(self.study)
        if FAILED in journal.states:
            self.assertIn("fail", result.stdout)
        self.assertIn("winner", result.stdout)

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
        self.assertEqual(os.listdir(self.dir.name), [])
        self.run_to_the_end(self.command(trials=2))
        refused(self.command(trials=3), self.study, "--resume")
        refused(self.command("--resume", "--search", "dim=int:4:8", trials=3), self.study)
        refused(self.command("--resume", "--loss", "bpr", trials=3), self.study)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
