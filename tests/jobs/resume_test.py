#!/usr/bin/env python3
"""mrec-train interrupted by signals, and gone on with --resume.

resume_test.py BIN_DIR DATASET MPIEXEC
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py
import numpy

BIN, DATASET, MPIEXEC = sys.argv[1:4]
TIMEOUT = 120
TRAINED = ("artist_factors", "artist_bias", "user_factors", "user_bias", "fold_in/map")


def children(pid):
    """Processes whose parent is `pid`."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                parent = file.read().rpartition(")")[2].split()[1]
        except OSError:
            continue  # it has ended meanwhile
        if int(parent) == pid:
            found.append(int(name))
    return sorted(found)


def is_caught(pid, kind):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        caught = next(line for line in file if line.startswith("SigCgt:")).split()[1]
    return int(caught, 16) >> (kind - 1) & 1 == 1


class Resume(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.model = os.path.join(self.dir.name, "model.h5")
        self.checkpoint = os.path.join(self.dir.name, "checkpoint.h5")

    def command(self, *more, ranks=0, model=None, dim=8, epochs=150):
        launch = [MPIEXEC, "-np", str(ranks)] if ranks else []
        return launch + [os.path.join(BIN, "mrec-train"), "--dataset", DATASET, "--model",
                         model or self.model, "--dim", str(dim), "--epochs", str(epochs),
                         "--validate-every", "0", *more]

    def with_checkpoints(self, *more, every=1, **options):
        return self.command("--checkpoint", self.checkpoint, "--checkpoint-every", str(every),
                            *more, **options)

    def resumed(self, *more, **options):
        return self.with_checkpoints("--resume", *more, every=0, **options)

    def run_to_the_end(self, command, status=0):
        result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT,
                                check=False)
        self.assertEqual(result.returncode, status, result)
        return result

    def interrupted(self, command, interrupt):
        """Calls interrupt(process) once there is a checkpoint; returns status and stderr."""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            while not os.path.exists(self.checkpoint):
                self.assertIsNone(process.poll(), "it ended without a checkpoint")
                time.sleep(0.01)
            interrupt(process)
            _, told = process.communicate(timeout=TIMEOUT)
        self.assertFalse(os.path.exists(self.model), "a model of an unfinished training")
        return process.returncode, told

    def test_one_rank_goes_on_bit_for_bit(self):
        for more in ((), ("--loss", "ials")):
            whole = os.path.join(self.dir.name, "whole.h5")
            self.run_to_the_end(self.command(*more, model=whole))
            status, told = self.interrupted(self.with_checkpoints(*more),
                                            lambda process: process.send_signal(signal.SIGTERM))
            self.assertEqual(status, 75, told)
            self.assertIn("stopped by signal 15 after epoch", told)
            self.assertIn("run again with --resume", told)
            result = self.run_to_the_end(self.resumed(*more))
            self.assertIn("goes on after epoch", result.stdout)
            with h5py.File(whole) as expected, h5py.File(self.model) as found:
                for name in TRAINED:
                    numpy.testing.assert_array_equal(found[name][:], expected[name][:], name)
            os.remove(self.model)
            os.remove(self.checkpoint)

    def test_a_run_repeats_bit_for_bit(self):
        first = os.path.join(self.dir.name, "first.h5")
        for runs in (((), ("-np", "1")),  # without MPI's launcher and with it
                     (("-np", "2"), ("-np", "2")),
                     (("-np", "3"), ("-np", "3")),
                     (("-np", "4"), ("-np", "4"))):
            for launch, model in zip(runs, (first, self.model)):
                command = self.command("--ranks-per-node", "1", epochs=6, model=model)
                self.run_to_the_end([MPIEXEC, *launch, *command] if launch else command)
            with h5py.File(first) as expected, h5py.File(self.model) as found:
                for name in TRAINED:
                    numpy.testing.assert_array_equal(found[name][:], expected[name][:],
                                                     f"{name} {runs}")

    def test_the_two_newest_are_kept_and_the_older_helps(self):
        previous = self.checkpoint + ".previous"
        self.run_to_the_end(self.with_checkpoints(epochs=3))
        with open(self.checkpoint, "r+b") as file:
            file.seek(600)
            file.write(b"damage")
        for ranks in (0, 3):
            result = self.run_to_the_end(self.resumed(epochs=3, ranks=ranks))
            self.assertIn("its content does not fit its checksum", result.stdout)
            self.assertIn("the one before it is taken", result.stdout)
            self.assertIn("goes on after epoch 2", result.stdout)
        # What is written next takes the damaged one's place.
        with open(previous, "rb") as file:
            older = file.read()
        self.run_to_the_end(self.with_checkpoints("--resume", epochs=3))
        with open(previous, "rb") as file:
            self.assertEqual(file.read(), older)
        result = self.run_to_the_end(self.resumed(epochs=3))
        self.assertIn("goes on after epoch 3", result.stdout)

    def test_minutes_make_a_checkpoint_due(self):
        self.run_to_the_end(self.with_checkpoints("--checkpoint-minutes", "1000", every=0, epochs=2))
        self.assertFalse(os.path.exists(self.checkpoint))
        self.run_to_the_end(self.with_checkpoints("--checkpoint-minutes", "1e-9", every=0, epochs=2,
                                                  ranks=2))
        self.assertTrue(os.path.exists(self.checkpoint + ".previous"))

    def test_a_signal_to_one_rank_or_to_mpirun_stops_all(self):
        for interrupt in (
                lambda process: os.kill(children(process.pid)[-1], signal.SIGUSR1),
                lambda process: process.send_signal(signal.SIGUSR1)):
            status, told = self.interrupted(self.with_checkpoints(ranks=3), interrupt)
            self.assertEqual(status, 75, told)
            lines = [line for line in told.splitlines() if line.startswith("mrec-train:")]
            self.assertEqual(len(lines), 1, told)
            self.assertIn("stopped by signal 10", lines[0])
            self.run_to_the_end(self.resumed(ranks=2))
            os.remove(self.model)
            os.remove(self.checkpoint)

    def test_a_signal_counts_from_the_first_instant(self):
        def sent_early(command, kind):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True) as process:
                while not is_caught(process.pid, signal.SIGUSR1):
                    self.assertIsNone(process.poll(), "it ended without a handler")
                process.send_signal(kind)  # MPI starts only now
                _, told = process.communicate(timeout=TIMEOUT)
            return process.returncode, told

        for kind in (signal.SIGUSR1, signal.SIGTERM):
            status, told = sent_early(self.with_checkpoints(every=0), kind)
            self.assertEqual(status, 75, told)
            self.assertIn(f"stopped by signal {int(kind)} after epoch 1 of", told)
            self.assertIn("goes on after epoch 1", self.run_to_the_end(self.resumed()).stdout)
            os.remove(self.model)
            os.remove(self.checkpoint)
            status, told = sent_early(self.command(), kind)
            self.assertEqual(status, -kind, "without checkpoints there is nothing to wait for")
            self.assertFalse(os.path.exists(self.model))

    def test_a_killed_rank_ends_the_job_and_costs_no_checkpoint(self):
        began = None

        def kill(process):
            nonlocal began
            began = time.monotonic()
            os.kill(children(process.pid)[-1], signal.SIGKILL)

        status, told = self.interrupted(self.with_checkpoints(ranks=2), kill)
        self.assertNotIn(status, (0, 2, 75), told)
        self.assertIn("signal 9", told)
        self.assertLess(time.monotonic() - began, 30, "the other rank went on waiting")
        result = self.run_to_the_end(self.resumed(ranks=2))
        self.assertIn("goes on after epoch", result.stdout)

    def test_other_options_or_data_are_refused(self):
        self.run_to_the_end(self.with_checkpoints(epochs=2))
        os.remove(self.model)
        for ranks in (0, 3):
            for command, part in (
                    (self.resumed(epochs=2, dim=9, ranks=ranks), "made with dim = 8, now dim = 9"),
                    (self.resumed("--refit", epochs=2, ranks=ranks),
                     "made with refit = false, now refit = true")):
                result = self.run_to_the_end(command, status=2)
                self.assertIn("cannot be resumed: it was " + part, result.stderr)
                self.assertFalse(os.path.exists(self.model))
        with open(self.checkpoint, "r+b") as file:
            file.truncate(1000)
        os.remove(self.checkpoint + ".previous")
        result = self.run_to_the_end(self.resumed(epochs=2), status=2)
        self.assertIn("damaged or cut short", result.stderr)
        result = self.run_to_the_end(self.command("--resume"), status=2)
        self.assertIn("name it with --checkpoint", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
