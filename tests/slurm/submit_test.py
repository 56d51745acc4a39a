#!/usr/bin/env python3
"""mrec-submit without Slurm: what it prints, and what it refuses.

submit_test.py BIN_DIR
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BIN = os.path.abspath(sys.argv[1])
# Numbers its calls, and writes down what it was called with.
SBATCH = """#!/bin/sh
printf '%s\\n' "$RUN" "$@" "" >>calls
grep -c '^$' calls
"""


class Submit(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = pathlib.Path(directory.name)
        (self.dir / "run").mkdir()
        (self.dir / "run" / "dataset.h5").touch()
        (self.dir / "sbatch").write_text(SBATCH)
        (self.dir / "sbatch").chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{self.dir}:{os.environ['PATH']}"}

    def run_in(self, command, **more):
        return subprocess.run(command, cwd=self.dir, env=self.environment, capture_output=True,
                              text=True, timeout=30, check=False, **more)

    def submit(self, *arguments):
        return self.run_in([BIN + "/mrec-submit", *arguments])

    def calls(self):
        """[calls] the words of each, the first is $RUN."""
        text = (self.dir / "calls").read_text()
        (self.dir / "calls").unlink()
        return [call.splitlines() for call in text.split("\n\n") if call]

    def test_the_dry_run_is_a_script_that_does_what_yes_does(self):
        for what in (["chain", "--prepare", "--lastfm x", "--run", "it's here"],
                     ["seeds", "--array", "1-3%2", "--train", "--dim 8 --epochs 5"],
                     ["studies", "--ranks", "9", "--nodes", "3", "--partition", "long"],
                     ["tune", "--after", "77", "--sbatch", "--account=x --mem=8G"]):
            printed = self.submit(*what)
            self.assertEqual(printed.returncode, 0, printed.stderr)
            self.assertFalse((self.dir / "calls").exists(), "a dry run submits")
            ran = self.run_in(["bash", "-eu"], input=printed.stdout)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            expected = self.calls()
            done = self.submit(*what, "--yes")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.calls(), expected)
            self.assertEqual(done.stdout.count(" is job "), len(expected))

    def test_jobs_wait_for_one_another(self):
        self.submit("seeds", "--yes", "--train", "--dim 8", "--time", "10", "--grace", "60",
                    "--nodes", "2", "--ranks", "4")
        train, evaluate, summary = self.calls()
        for word in ("--array=1-5", "--nodes=2", "--ntasks=4", "--time=10", "--signal=USR1@60"):
            self.assertIn(word, train)
        self.assertEqual(train[-2:], ["--dim", "8"])
        self.assertIn("--dependency=aftercorr:1", evaluate)
        self.assertIn("--dependency=afterok:2", summary)
        self.assertNotIn("--nodes=2", summary)
        self.assertIn("--kill-on-invalid-dep=yes", summary)

    def test_options_may_stand_in_the_file_that_comes_with_the_scripts(self):
        template = pathlib.Path(__file__).resolve().parents[2] / "slurm" / "job.conf"
        done = self.submit("seeds", "--config", str(template), "--ranks", "7", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        train = self.calls()[0]
        self.assertIn("--ntasks=7", train)  # the command line wins
        self.assertIn("--array=1-8%4", train)
        self.assertEqual(train[-4:], ["--dim", "64", "--epochs", "30"])

    def test_what_cannot_be_submitted_is_refused_by_name(self):
        for arguments, part in ((["nonsense"], "'nonsense' cannot be submitted; chain, prepare"),
                                (["train", "--time", "soon"], "time = 'soon' is no time limit"),
                                (["train", "--time", "0"], "time = '0' is no time limit"),
                                (["tune", "--time", "5"], "is no longer than grace = 300 s"),
                                (["train", "--nodes", "3"], "ranks = 2 are fewer than nodes = 3"),
                                (["seeds", "--array", "all"], "array = 'all' is no list of seeds"),
                                (["train", "--run", "none"], "none/dataset.h5 is not there"),
                                (["train", "--after", "x"], "after = 'x' is no number of a job"),
                                (["train", "tune"], "one thing at a time")):
            for yes in ([], ["--yes"]):
                done = self.submit(*arguments, *yes)
                self.assertEqual(done.returncode, 2, done)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertIn(part, done.stderr)
                self.assertFalse((self.dir / "calls").exists())

    def test_time_limits_are_read_as_slurm_reads_them(self):
        for time, grace in (("6", 359), ("5:01", 300), ("0:05:01", 300), ("1-0", 86399),
                            ("1-1:1", 90059), ("0-0:0:11", 10)):
            for more, status in ((0, 0), (1, 2)):
                done = self.submit("train", "--time", time, "--grace", str(grace + more))
                self.assertEqual(done.returncode, status, (time, done.stderr))

    def test_without_slurm_it_says_so(self):
        self.environment["PATH"] = "/nowhere"
        done = self.submit("train", "--yes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no sbatch on this machine; without Slurm: bash /", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
