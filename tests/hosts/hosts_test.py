#!/usr/bin/env python3
"""Training, evaluation and tuning on two hosts with TCP between them, one of which is lost.

hosts_test.py BIN_DIR DATASET
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import isolated  # noqa: E402
import hosts  # noqa: E402

BIN, DATASET = (os.path.abspath(path) for path in sys.argv[1:3])
ROOT = pathlib.Path(__file__).resolve().parents[2]


def settings_of_batch_scripts():
    """The variables for Open MPI that slurm/env.sh exports: what is tested is what people run."""
    text = (ROOT / "slurm" / "env.sh").read_text(encoding="utf-8")
    return dict(re.findall(r"\b(OMPI_\w+)=(\d+)", text))


class TwoHosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ.update(settings_of_batch_scripts())
        os.environ["OMPI_MCA_hwloc_base_binding_policy"] = "none"
        cls.hosts = hosts.Hosts(2)
        shutil.copy(DATASET, "dataset.h5")

    def command(self, job, *arguments, ranks=2):
        return [*self.hosts.mpirun(ranks), f"{BIN}/mrec-{job}", "--dataset", "dataset.h5", *arguments]

    def run_job(self, job, *arguments, ranks=2, status=0):
        done = subprocess.run(self.command(job, *arguments, ranks=ranks), capture_output=True,
                              text=True, timeout=100, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def train(self, *arguments, model="model.h5", **more):
        return self.run_job("train", "--model", model, "--dim", "8", "--validate-every", "0",
                            *arguments, **more)

    def test_training_evaluation_and_tuning(self):
        done = self.train("--epochs", "15", ranks=4)
        self.assertIn("4 ranks x 1 thread on 2 nodes", done.stderr)
        self.assertIn("4 ranks on 2 nodes", done.stdout)
        self.run_job("evaluate", "--model", "model.h5", "--json", "two.json", ranks=4)
        subprocess.run([f"{BIN}/mrec-evaluate", "--dataset", "dataset.h5", "--model", "model.h5",
                        "--json", "one.json"], check=True, capture_output=True, timeout=60)
        on_two, on_one = (json.loads(pathlib.Path(name).read_text())["reports"]
                          for name in ("two.json", "one.json"))
        self.assertEqual(on_two, on_one, "an evaluation depends on where it runs")
        ndcg = {report["name"]: metric["mean"] for report in on_two for metric in report["metrics"]
                if metric["metric"] == "ndcg"}
        self.assertGreater(ndcg["model"], 3 * ndcg["random"])
        done = self.run_job("tune", "--study", "study.journal", "--trials", "4", "--epochs", "2",
                            "--dim", "8", "--top", "1", ranks=3)
        self.assertIn("best of 4 trials", done.stdout)

    def test_what_is_sent_is_what_is_told(self):
        def wire(*arguments):
            before = self.hosts.bytes_sent()
            done = self.train("--epochs", "10", *arguments)
            wire = sum(self.hosts.bytes_sent()) - sum(before)
            told = float(re.search(r"between nodes: ([\d.]+) MB", done.stdout)[1]) * 1e6
            return wire, told

        few_wire, few = wire("--sync", "2")
        many_wire, many = wire("--sync", "16")
        print(f"\ntold {few / 1e6:.1f} and {many / 1e6:.1f} MB, on the wire {few_wire / 1e6:.1f} and "
              f"{many_wire / 1e6:.1f} MB")
        # Beside the rows there are the beginning, the end and the model: they cancel out. TCP, IP
        # and Ethernet add a few per cent to full packets, and acknowledgements.
        self.assertGreater(many, 3 * few)
        self.assertAlmostEqual((many_wire - few_wire) / (many - few), 1.03, delta=0.06)

    def test_a_host_with_too_little_shared_memory_ends_the_job_on_all(self):
        with unittest.mock.patch.dict(os.environ, shm_host2="16k"):
            done = self.train("--epochs", "2", status=1)
        self.assertEqual(done.stderr.count("mrec-train: /dev/shm has"), 1, done.stderr)

    def test_a_slow_network_changes_the_time_and_not_the_model(self):
        self.train("--epochs", "10", model="fast.h5")
        self.hosts.shape("50mbit")
        self.addCleanup(self.hosts.shape, None)
        done = self.train("--epochs", "10", model="slow.h5")
        sent = float(re.search(r"between nodes: ([\d.]+) MB", done.stdout)[1])
        seconds = float(re.search(r"after ([\d.]+) s of training", done.stdout)[1])
        print(f"\n{sent} MB in {seconds} s at 50 Mbit/s")
        # Both hosts send half of it at the same time.
        self.assertGreater(seconds, 0.7 * (sent / 2) * 8 / 50)
        self.assertEqual(*[self.factors(name) for name in ("fast.h5", "slow.h5")])

    @staticmethod
    def factors(model):
        import h5py

        with h5py.File(model) as file:
            return file["artist_factors"][:].tolist()

    def test_a_host_that_is_cut_off_ends_the_job_which_goes_on_without_it(self):
        arguments = ["--epochs", "400", "--checkpoint", "checkpoint.h5", "--checkpoint-every", "5",
                     "--resume"]
        command = self.command("train", "--model", "lost.h5", "--dim", "8", "--validate-every", "0",
                               *arguments)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            end = time.monotonic() + 60
            while not os.path.exists("checkpoint.h5"):
                self.assertIsNone(process.poll(), "it ended without a checkpoint")
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)
            self.hosts.cut_off("host2")
            began = time.monotonic()
            _, told = process.communicate(timeout=60)
            print(f"\ncut off: status {process.returncode} after {time.monotonic() - began:.1f} s")
        self.hosts.join("host2")
        self.assertNotIn(process.returncode, (0, 2, 75), told)
        self.assertLess(time.monotonic() - began, 45, told)  # 11 on an idle machine
        self.assertIn("lost communication with a remote daemon", told)
        self.assertFalse(os.path.exists("lost.h5"))
        self.assertFalse(os.path.exists("lost.h5.part"))
        end = time.monotonic() + 20
        while self.ranks_left():
            self.assertLess(time.monotonic(), end, "ranks outlive their job")
            time.sleep(0.1)
        # On the host that is left.
        done = subprocess.run(["mpirun", "-np", "2", f"{BIN}/mrec-train", "--dataset", "dataset.h5",
                               "--model", "lost.h5", "--dim", "8", "--validate-every", "0", *arguments],
                              capture_output=True, text=True, timeout=100, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, "goes on after epoch [1-9]")

    @staticmethod
    def ranks_left():
        found = 0
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                found += (entry / "comm").read_text().strip() == "mrec-train"
            except OSError:
                pass  # it has ended meanwhile
        return found


if __name__ == "__main__":
    isolated.enter(hosts.PROGRAMS, hosts.table(2))
    unittest.main(argv=sys.argv[:1], verbosity=2)
