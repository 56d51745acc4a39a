#!/usr/bin/env python3
"""Our journal as Optuna sees it: it loads while we write, and trials that Optuna enqueues
meanwhile are run. Passes over itself where Optuna is not installed.

optuna_test.py JOURNAL_WRITER
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

try:
    import optuna
    from optuna.trial import TrialState
except ImportError:
    print("optuna is not installed (Debian: python3-optuna); nothing is tested")
    sys.exit(77)

WRITER = sys.argv[1]
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def storage(path):
    if hasattr(optuna.storages, "journal"):
        return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))
    return optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(path))


def begun(path):
    if not os.path.exists(path):
        return False
    with open(path, "rb") as file:
        return b"mrec:space" in file.read()


class Optuna(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "study.journal")

    def load(self):
        return optuna.load_study(study_name="tastes", storage=storage(self.path))

    def load_trials(self):
        """Optuna reads without its lock. The kernel shows a line that goes over the end of a page in
        two parts, and Optuna gives up when it has met the end of the first just before the second
        came, whoever writes. Reading again must help."""
        for attempt in range(3):
            try:
                study = self.load()
                return study, study.trials
            except json.JSONDecodeError:
                if attempt == 2:
                    raise

    def test_it_loads_what_we_have_written(self):
        subprocess.run([WRITER, self.path, "28"], check=True, timeout=60)
        study = self.load()
        self.assertEqual(study.direction, optuna.study.StudyDirection.MAXIMIZE)
        self.assertEqual(study.user_attrs["mrec:seed"], "42")
        self.assertIn("dim = {", study.user_attrs["mrec:space"])
        self.assertEqual([t.number for t in study.trials], list(range(28)))
        states = {0: TrialState.COMPLETE, 5: TrialState.FAIL, 6: TrialState.PRUNED}
        for trial in study.trials:
            self.assertEqual(trial.state, states.get(trial.number % 7, TrialState.COMPLETE))
            self.assertEqual(sorted(trial.intermediate_values), [5, 10])
            self.assertEqual("sampled" in trial.params, trial.params["loss"] == "warp")
            self.assertLessEqual(trial.datetime_start, trial.datetime_complete)
            if trial.state == TrialState.COMPLETE:
                self.assertEqual(trial.user_attrs, {"precision@10": 0.5, "host": "node1"})
        best = max((t for t in study.trials if t.state == TrialState.COMPLETE),
                   key=lambda t: t.value)
        self.assertEqual(study.best_trial.number, best.number)
        self.assertEqual(study.trials[0].distributions["dim"],
                         optuna.distributions.IntDistribution(16, 128, step=16))
        self.assertEqual(study.trials[0].distributions["rate"],
                         optuna.distributions.FloatDistribution(0.01, 1, log=True))
        # And goes on with it.
        study.optimize(lambda t: t.suggest_int("dim", 16, 128, step=16) / 128, n_trials=1)
        subprocess.run([WRITER, self.path, "1"], check=True, timeout=60)
        self.assertEqual(len(self.load().trials), 30)

    def test_it_reads_and_enqueues_while_we_write(self):
        writer = subprocess.Popen([WRITER, self.path, "120"])
        try:
            deadline = time.monotonic() + 30
            while not begun(self.path):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            num_loads = num_enqueued = last = 0
            while writer.poll() is None:
                study, trials = self.load_trials()
                self.assertGreaterEqual(len(trials), last)
                last = len(trials)
                num_loads += 1
                if num_loads % 5 == 1 and num_enqueued < 8 and last < 80:
                    study.enqueue_trial({"dim": 64, "loss": "bpr", "rate": 0.1 + num_enqueued / 100})
                    num_enqueued += 1
        finally:
            writer.kill()
            writer.wait()
        self.assertEqual(writer.returncode, 0)
        self.assertGreater(num_enqueued, 0)
        study = self.load()
        self.assertEqual(len(study.trials), 120)
        asked = [t for t in study.trials if "fixed_params" in t.system_attrs]
        self.assertEqual(len(asked), num_enqueued)
        for trial in asked:
            self.assertTrue(trial.state.is_finished())
            self.assertEqual(trial.params, trial.system_attrs["fixed_params"])
        print(f"{num_loads} loads while the study was written, {num_enqueued} trials enqueued")

    def test_it_loads_after_every_kill(self):
        finished = 0
        for i in range(8):
            writer = subprocess.Popen([WRITER, self.path, "1000"])
            time.sleep(0.05 + 0.03 * i)
            writer.kill()
            writer.wait()
            # Optuna 3.1 waits for ever for the lock of the dead, but reads without it.
            if not begun(self.path):
                continue
            states = [t.state for t in self.load().trials]
            self.assertGreaterEqual(sum(s.is_finished() for s in states), finished)
            finished = sum(s.is_finished() for s in states)
        self.assertGreater(finished, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2, warnings="ignore")
