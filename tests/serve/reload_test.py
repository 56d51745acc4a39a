#!/usr/bin/env python3
"""A model that changes while it is served.

reload_test.py MREC_SERVE MODEL [RELOADS]
"""
import http.client
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock

import h5py

from serving import LIMIT, Server, exchange, is_sanitized, ratings_of, seal

SERVE, MODEL = sys.argv[1:3]
RELOADS = int(sys.argv[3]) if len(sys.argv) > 3 else 15


def make_other(source, path):
    """The model with its factors turned round: the best artists become the worst."""
    shutil.copyfile(source, path)
    with h5py.File(path, "r+", locking=False) as file:
        for name in ("artist_factors", "artist_bias"):
            file[name][...] = -file[name][...]
        if "fold_in/map" in file:
            file["fold_in/map"][...] = -file["fold_in/map"][...]
    return seal(path)


class Reload(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = directory.name
        self.model = self.path("model.h5")
        shutil.copyfile(MODEL, self.model)
        self.other = self.path("other.h5")
        self.other_id = make_other(MODEL, self.other)
        self.server = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def start(self, *options):
        self.server = Server(SERVE, self.model, self.path("ratings.db"), *options)
        self.addCleanup(self.server.end)
        return self.server

    def replace(self, source):
        shutil.copyfile(source, self.path("next"))
        os.rename(self.path("next"), self.model)

    def model_id(self):
        return self.server.ask("GET", "/api/v1/survey-artists")[2]["Mrec-Model"]

    def wait_for(self, condition, what):
        deadline = time.monotonic() + LIMIT
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def test_sighup_serves_the_file_anew(self):
        self.start("--watch=false")
        before = self.model_id()
        self.replace(self.other)
        self.assertEqual(self.model_id(), before, "nobody has asked for it yet")
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.model_id() == self.other_id, "no reload")

    def test_a_changed_file_is_seen(self):
        self.start()
        self.replace(self.other)
        self.wait_for(lambda: self.model_id() == self.other_id, "the change was not seen")

    def test_bad_files_leave_the_old_model(self):
        self.start("--watch=false")
        before = self.model_id()
        with open(MODEL, "rb") as file:
            whole = file.read()
        cases = {}
        for name, content in {"foreign": b"no model" * 1000, "empty": b"", "cut": whole[:-100],
                              "flipped": whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:]
                              }.items():
            with open(self.path(name), "wb") as file:
                file.write(content)
            cases[name] = "is not HDF5" if name in ("foreign", "empty") else "damaged or cut short"
        shutil.copyfile(MODEL, self.path("newer"))
        with h5py.File(self.path("newer"), "r+", locking=False) as file:
            file.attrs["format_version"] = "99"
        seal(self.path("newer"))
        cases["newer"] = "version"
        shutil.copyfile(MODEL, self.path("nan"))
        with h5py.File(self.path("nan"), "r+", locking=False) as file:
            file["artist_factors"][0, 0] = float("nan")
        seal(self.path("nan"))
        cases["nan"] = "not finite"
        cases["absent"] = "No such file"
        for name, reason in cases.items():
            with self.subTest(name):
                if name == "absent":
                    os.remove(self.model)
                else:
                    self.replace(self.path(name))
                seen = len(self.server.log)
                self.server.process.send_signal(signal.SIGHUP)
                self.wait_for(lambda: len(self.server.log) > seen, "nothing logged")
                line = self.server.log[seen]
                self.assertIn("the old model stays", line)
                self.assertIn(reason, line)
                self.assertIn(self.model, line, "the operator must know which file")
                self.assertEqual(self.model_id(), before)
        self.replace(self.other)
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.model_id() == self.other_id, "a sound file after bad ones")

    def test_without_a_place_for_its_copy_a_changed_file_leaves_the_old_model(self):
        place = self.path("tmp")
        os.mkdir(place)
        with unittest.mock.patch.dict(os.environ, TMPDIR=place):
            self.start()
        before = self.model_id()
        os.rmdir(place)
        self.replace(self.other)
        self.wait_for(lambda: self.server.log, "nothing logged")
        self.assertIn("the old model stays", self.server.log[0])
        self.assertEqual(self.model_id(), before)
        os.mkdir(place)
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.model_id() == self.other_id, "no reload")

    def test_reloads_under_load(self):
        """No error, every answer is that of the model it names, and memory stays flat."""
        self.start("--watch=false")
        ids = [int(key) for key in
               self.server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        self.server.ask("POST", "/api/v1/ratings", ratings_of("me", ids))
        question = ("POST", "/api/v1/recommendations", {"user_id": "me", "top_k": 5})
        first_id = self.model_id()
        expected = {first_id: self.server.ask(*question)[1]["recommendations"]}
        done = threading.Event()
        faults = []
        answers = {}

        def client():
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=LIMIT)
            while not done.is_set():
                status, body, headers = exchange(connection, *question)
                model = headers["Mrec-Model"]
                if status != 200:
                    faults.append((status, body))
                elif expected.setdefault(model, body["recommendations"]) != body["recommendations"]:
                    faults.append((model, body))
                answers[model] = answers.get(model, 0) + 1
            connection.close()

        clients = [threading.Thread(target=client) for _ in range(3)]
        for thread in clients:
            thread.start()
        try:
            memory = []
            for number in range(RELOADS):
                self.replace(MODEL if number % 2 else self.other)
                wanted = first_id if number % 2 else self.other_id
                self.server.process.send_signal(signal.SIGHUP)
                self.wait_for(lambda: self.model_id() == wanted, "no reload")
                memory.append(self.server.rss_kib())
            # The old model goes with the last answer that is made by it, so that any one look may see
            # two models.
            settled = min(memory[4:8])
            if not is_sanitized(SERVE):
                self.wait_for(lambda: self.server.rss_kib() - settled < 4096, "memory has grown")
            grown = self.server.rss_kib() - settled
        finally:
            done.set()
            for thread in clients:
                thread.join(LIMIT)
        self.assertEqual(faults, [])
        self.assertEqual(set(answers), {first_id, self.other_id})
        self.assertNotEqual(expected[first_id], expected[self.other_id])
        print(f"{RELOADS} reloads, {sum(answers.values())} answers, RSS {settled} KiB "
              f"{grown:+d} KiB", file=sys.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
