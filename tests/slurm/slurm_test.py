#!/usr/bin/env python3
"""The batch scripts and mrec-submit on a real Slurm on loopback.

slurm_test.py BIN_DIR DATASET [--time-limit]    the last: a limit of a minute, which takes two
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import isolated  # noqa: E402
import loopback  # noqa: E402

BIN, DATASET = (os.path.abspath(path) for path in sys.argv[1:3])
TIME_LIMIT = sys.argv[3:] == ["--time-limit"]
# Some seconds are left of it when there is a checkpoint.
LONG = "--dim 8 --epochs 300 --validate-every 0 --checkpoint-every 5"


def ranks_of(program):
    """Process numbers of the ranks of that job, wherever they run."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text().strip() == program:
                found.append(int(entry.name))
        except OSError:
            pass  # it has ended meanwhile
    return found


class Batch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.slurm = loopback.Slurm()

    def run_directory(self, name):
        os.makedirs(name)
        shutil.copy(DATASET, name + "/dataset.h5")
        return name

    def submit(self, *arguments, status=0):
        done = subprocess.run([BIN + "/mrec", "submit", *arguments], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        if status != 0:
            return done.stderr
        return dict(line.split(" is job ") for line in done.stdout.splitlines())

    def logs(self):
        return "".join(f"--- {path}\n{path.read_text()}" for path in pathlib.Path().glob("*.out"))

    def completed(self, number, seconds=120):
        try:
            return self.slurm.wait_for(number, "COMPLETED", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def wait_for_text(self, path, text="", seconds=60):
        end = time.monotonic() + seconds
        while not os.path.exists(path) or text not in pathlib.Path(path).read_text():
            self.assertLess(time.monotonic(), end, f"no {text} in {path}\n{self.logs()}")
            time.sleep(0.05)

    def wait_for_checkpoint(self, run):
        end = time.monotonic() + 60
        while not os.path.exists(run + "/checkpoint.h5"):
            self.assertLess(time.monotonic(), end, f"no checkpoint in {run}\n{self.logs()}")
            time.sleep(0.05)


class Everything(Batch):
    def test_jobs_of_all_kinds(self):
        """All at once, as they wait for Slurm most of the time."""
        # A chain from raw files, on two nodes.
        chain = self.submit("chain", "--yes", "--ranks", "4", "--nodes", "2", "--time", "10",
                            "--run", "chain", "--train", "--dim 8 --epochs 8")
        # A training that is interrupted by a signal, and one whose node fails.
        asked = self.submit("train", "--yes", "--run", self.run_directory("asked"), "--train", LONG)
        failed = self.submit("train", "--yes", "--run", self.run_directory("failed"), "--train",
                             LONG, "--ranks", "2", "--sbatch", "--nodelist=node2")
        self.wait_for_checkpoint("asked")
        self.slurm.run("scancel", "-s", "USR1", asked["train"])  # as --signal does
        self.wait_for_checkpoint("failed")
        self.slurm.update_node("node2", "down")
        # An array of searches, one of which is interrupted.
        studies = self.submit("studies", "--yes", "--run", self.run_directory("studies"), "--array",
                              "1-2", "--ranks", "2", "--tune",
                              "--trials 12 --epochs 20 --report-every 1 --dim 8 --top 1 "
                              "--search learning_rate=float:0.02:0.2:log")
        self.wait_for_text(f"mrec-tune-{studies['tune']}_2.out", "trial 0 ")
        self.slurm.run("scancel", "-s", "USR1", studies["tune"] + "_2")
        self.slurm.resume_node("node2")
        # An array of seeds.
        seeds = self.submit("seeds", "--yes", "--run", self.run_directory("seeds"), "--array", "1-3",
                            "--train", "--dim 8 --epochs 4", "--evaluate", "--k 5")

        with self.subTest("the chain runs from raw files to figures"):
            self.completed(chain["evaluate"])
            with open("chain/evaluation.json", encoding="utf-8") as file:
                reports = {one["name"]: one for one in json.load(file)["reports"]}
            ndcg = {name: metric["mean"] for name, one in reports.items()
                    for metric in one["metrics"] if metric["metric"] == "ndcg"}
            self.assertGreater(ndcg["model"], 2 * ndcg["random"])
            told = pathlib.Path(f"mrec-train-{chain['train']}.out").read_text()
            self.assertIn("4 ranks on 2 nodes", told)
            self.assertFalse(os.path.exists("chain/checkpoint.h5"))

        with self.subTest("the mean over seeds"):
            self.completed(seeds["summary"])
            rows = [line.split("\t") for line in
                    pathlib.Path("seeds/seeds.tsv").read_text().splitlines()]
            self.assertEqual(rows[0], ["metric", "runs", "mean", "deviation", "min", "max"])
            ndcg = next(row for row in rows if row[0] == "ndcg@5")
            self.assertEqual(ndcg[1], "3")
            self.assertGreater(float(ndcg[3]), 0, "three seeds gave the same model")

        with self.subTest("who was asked to stop goes on"):
            job = self.completed(asked["train"])
            self.assertEqual(job["Restarts"], "1")
            told = pathlib.Path(f"mrec-train-{asked['train']}.out").read_text()
            self.assertRegex(told, r"stopped by signal 10 after epoch \d+ of 300")
            self.assertIn("goes on after epoch", told)
            self.assertTrue(os.path.exists("asked/model.h5"))

        with self.subTest("whose node fails goes on"):
            job = self.completed(failed["train"])
            self.assertEqual(job["Restarts"], "1")
            self.assertIn("goes on after epoch",
                          pathlib.Path(f"mrec-train-{failed['train']}.out").read_text())

        with self.subTest("one element of an array goes on, the others do not notice"):
            self.completed(studies["summary"])
            restarts = [self.slurm.job(f"{studies['tune']}_{i}")["Restarts"] for i in (1, 2)]
            self.assertEqual(restarts, ["0", "1"])
            rows = pathlib.Path("studies/studies.tsv").read_text().splitlines()
            self.assertEqual(len(rows), 3, rows)
            self.assertGreaterEqual(rows[1].split("\t")[0], rows[2].split("\t")[0])
            self.assertIn("mrec-train --dataset", rows[1])

    def test_a_drained_node_ends_its_job_and_gets_no_other(self):
        running = self.submit("train", "--yes", "--run", self.run_directory("drained"), "--train",
                              "--dim 8 --epochs 100 --validate-every 0", "--sbatch", "--nodelist=node2")
        self.slurm.wait_for(running["train"], "RUNNING")
        self.slurm.update_node("node2", "drain")
        waiting = self.submit("train", "--yes", "--run", self.run_directory("waiting"), "--train",
                              "--dim 8 --epochs 2", "--nodes", "2")
        self.completed(running["train"])
        self.assertEqual(self.slurm.job(waiting["train"])["JobState"], "PENDING")
        self.assertIn("drained", self.slurm.node_states())
        self.slurm.resume_node("node2")
        self.completed(waiting["train"])

    def test_a_killed_rank_ends_its_job_at_once(self):
        killed = self.submit("train", "--yes", "--run", self.run_directory("killed"), "--train",
                             LONG.replace("300", "100000"))
        self.wait_for_checkpoint("killed")
        began = time.monotonic()
        os.kill(ranks_of("mrec-train")[-1], signal.SIGKILL)
        self.slurm.wait_for(killed["train"], "FAILED", 40)
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(ranks_of("mrec-train"), [])
        self.assertFalse(os.path.exists("killed/model.h5"))

    def test_the_doctor_knows_slurm(self):
        told = self.slurm.run(BIN + "/mrec-doctor")
        self.assertRegex(told, r"ok +Slurm +partitions main \(up, limit infinite, nodes 2\)")
        told = self.slurm.run("srun", "-N2", "-n3", BIN + "/mrec-doctor")
        self.assertRegex(told, r"ok +ranks +3 ranks x 1 thread on 2 nodes")
        self.assertRegex(told, r"ok +Slurm +in job \d+ on node\[1-2\], 3 tasks")
        self.assertRegex(told, r"ok +shared files")

    def test_when_a_job_is_refused_none_stays(self):
        told = self.submit("chain", "--yes", "--run", "refused", "--nodes", "9", "--ranks", "9",
                           status=1)
        self.assertIn("sbatch has refused train", told)
        self.assertIn("nothing is queued", told)
        self.assertEqual(self.slurm.run("squeue", "-h", "-t", "pending,running"), "")


class TimeLimit(Batch):
    def test_a_time_limit_in_mid_training(self):
        """A minute, of which Slurm takes up to the half: it looks at limits twice a minute."""
        limited = self.submit("train", "--yes", "--run", self.run_directory("limited"), "--time",
                              "1", "--grace", "30", "--train", LONG.replace("300", "100000"))
        log = pathlib.Path(f"mrec-train-{limited['train']}.out")
        end = time.monotonic() + 150
        while not log.exists() or "goes on after epoch" not in log.read_text():
            self.assertLess(time.monotonic(), end, self.logs())
            self.assertNotIn(self.slurm.job(limited["train"])["JobState"],
                             ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT"), self.logs())
            time.sleep(0.5)
        self.assertIn("stopped by signal 10", log.read_text())
        self.slurm.run("scancel", limited["train"])


if __name__ == "__main__":
    isolated.enter(loopback.PROGRAMS, loopback.hosts(2))
    unittest.main(argv=sys.argv[:1], verbosity=2,
                  defaultTest="TimeLimit" if TIME_LIMIT else "Everything")
