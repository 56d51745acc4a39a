#!/usr/bin/env python3
"""mrec-doctor on machines with something wrong, which it has for itself.

doctor_test.py BIN_DIR MPIEXEC
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import isolated  # noqa: E402

BIN, MPIEXEC = os.path.abspath(sys.argv[1]), sys.argv[2]


class Doctor(unittest.TestCase):
    def examined(self, *arguments, launch=(), status=0, without=()):
        """What it finds: {subject: (verdict, found, advice)}."""
        environment = {name: value for name, value in os.environ.items() if name not in without}
        done = subprocess.run([*launch, BIN + "/mrec-doctor", "--json", *arguments], check=False,
                              env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done)
        told = json.loads(done.stdout)
        verdicts = [check["verdict"] for check in told["checks"]]
        self.assertEqual(told["faults"], verdicts.count("fault"))
        self.assertEqual(told["warnings"], verdicts.count("warning"))
        for check in told["checks"]:
            if check["verdict"] != "ok":
                self.assertTrue(check["advice"], check)
        return {check["subject"]: (check["verdict"], check["found"], check["advice"])
                for check in told["checks"]}, done.stderr

    def mount(self, *arguments):
        subprocess.run(["mount", *arguments], check=True)
        self.addCleanup(subprocess.run, ["umount", arguments[-1]], check=True)

    def test_a_sound_machine_has_no_faults_and_nothing_stays(self):
        found, told = self.examined()
        self.assertEqual(told, "")
        self.assertEqual(found["ranks"][1], "1 rank x 1 thread on 1 node")
        for subject in ("MPI", "ranks", "binding", "files", "free space", "locks", "HDF5",
                        "processor", "user"):
            self.assertEqual(found[subject][0], "ok", found[subject])
        self.assertRegex(found["HDF5"][1], r"^1\.\d+\.\d+, a file reads back")
        self.assertRegex(found["processor"][1], "kernel (portable|avx2|avx512)$")
        self.assertEqual(os.listdir("."), [])

    def test_ranks_are_counted_where_they_are(self):
        cores = len(os.sched_getaffinity(0))
        found, told = self.examined(launch=[MPIEXEC, "-np", str(cores + 1)])
        self.assertIn(f"{cores + 1} ranks x 1 thread on 1 node (more ranks than cores)\n", told)
        self.assertEqual(found["ranks"][0], "warning")

    def test_ranks_on_one_core_are_a_fault(self):
        found, _ = self.examined(launch=["taskset", "--cpu-list", "0", MPIEXEC, "-np", "2"], status=1)
        self.assertEqual(found["binding"][:2], ("fault", "2 ranks on core 0 of head"))

    def test_root_without_the_variables(self):
        found, _ = self.examined(without=["OMPI_ALLOW_RUN_AS_ROOT"])
        self.assertEqual(found["user"][0], "warning")
        self.assertIn("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", found["user"][2])

    def test_little_shared_memory_is_a_warning(self):
        self.mount("-t", "tmpfs", "-o", "size=32m", "tmpfs", "/dev/shm")
        found, _ = self.examined()
        self.assertEqual(found["shared memory"][0], "warning")
        self.assertIn("32 MiB free in /dev/shm", found["shared memory"][1])

    def test_a_directory_that_cannot_be_written(self):
        os.mkdir("/run/fixed")
        self.mount("-t", "tmpfs", "-o", "ro", "tmpfs", "/run/fixed")
        for directory, part in (("/run/fixed", "Read-only file system"),
                                ("/run/absent", "No such file or directory")):
            found, told = self.examined("--dir", directory, status=1)
            self.assertEqual(found["files"][0], "fault")
            self.assertIn(part, found["files"][1])
            self.assertIn("mrec-doctor: there are faults", told)

    def test_a_small_and_a_full_disk(self):
        os.mkdir("/run/small")
        self.mount("-t", "tmpfs", "-o", "size=100m", "tmpfs", "/run/small")
        found, _ = self.examined("--dir", "/run/small")
        self.assertEqual(found["free space"][0], "warning")
        with open("/run/small/rest", "wb") as file:
            file.truncate()
            os.posix_fallocate(file.fileno(), 0, 50 << 20)
        found, _ = self.examined("--dir", "/run/small", status=1)
        self.assertEqual(found["free space"][0], "fault")


if __name__ == "__main__":
    isolated.enter({})
    unittest.main(argv=sys.argv[:1], verbosity=2)
