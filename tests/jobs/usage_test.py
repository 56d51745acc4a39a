#!/usr/bin/env python3
"""Every job under bad input: one clear line, exit status 2, nothing half-written, no hang.

usage_test.py BIN_DIR DATASET MODEL MPIEXEC SAMPLE_DIR   (DATASET and MODEL are sound files)
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN, DATASET, MODEL, MPIEXEC, SAMPLE = sys.argv[1:6]
LASTFM = os.path.join(SAMPLE, "lastfm")
TRACKS = os.path.join(SAMPLE, "spotify", "tracks.csv")
JOBS = ["match", "prepare", "explore", "train", "evaluate", "recommend", "study", "synthesize",
        "tune"]
TIMEOUT = 60


def run(arguments, ranks=0):
    command = [os.path.join(BIN, arguments[0])] + arguments[1:]
    if ranks:
        command = [MPIEXEC, "-np", str(ranks)] + command
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)


class Usage(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def path(self, name, content=None):
        path = os.path.join(self.dir.name, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def refused(self, arguments, *parts, status=2):
        """At 1 process and at 3 ranks: the same status and message, told once."""
        before = sorted(os.listdir(self.dir.name))
        for ranks in (0, 3):
            result = run(arguments, ranks)
            self.assertEqual(result.returncode, status, (arguments, ranks, result))
            told = [line for line in result.stderr.splitlines() if line.startswith(arguments[0] + ":")]
            self.assertEqual(len(told), 1, (arguments, ranks, result.stderr))
            for part in parts:
                self.assertIn(part, told[0], (arguments, ranks))
            self.assertEqual(sorted(os.listdir(self.dir.name)), before, "something was left behind")

    def commands(self, dataset=DATASET, model=MODEL):
        """A sound command of each job that reads HDF5."""
        out = self.path("out.h5")
        return {
            "explore": ["mrec-explore", "--dataset", dataset, "--out", self.path("out.html")],
            "train": ["mrec-train", "--dataset", dataset, "--model", out, "--epochs", "1"],
            "evaluate": ["mrec-evaluate", "--dataset", dataset, "--model", model],
            "recommend": ["mrec-recommend", "--dataset", dataset, "--model", model, "--all-users",
                          "--out", self.path("top.tsv")],
        }

    def test_no_arguments(self):
        for job in JOBS:
            self.refused(["mrec-" + job], "is missing", f"mrec-{job} --help")

    def test_help(self):
        for job in JOBS:
            for ranks in (0, 3):
                result = run(["mrec-" + job, "--help"], ranks)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stdout.count("Example:"), 1)
                self.assertIn("--config", result.stdout)

    def test_unknown_option(self):
        for job in JOBS:
            self.refused(["mrec-" + job, "--nonsense", "1"], "nonsense")

    def test_value_out_of_range(self):
        commands = self.commands()
        self.refused(commands["train"] + ["--dim", "0"], "dim = 0 is outside [1, 1024]")
        self.refused(commands["train"] + ["--loss", "wrap"], "wrap", "warp, bpr")
        self.refused(commands["train"] + ["--seed", "x"], "not a whole number")
        self.refused(commands["train"] + ["--sync", "often"], "sync = 'often'", "expected auto")
        prepare = ["mrec-prepare", "--lastfm", LASTFM, "--out", self.path("d.h5")]
        self.refused(prepare + ["--train-share", "2"], "train_share = 2 is outside")
        self.refused(prepare + ["--weighting", "x"], "weighting = 'x'", "log, minmax, bm25, binary")
        self.refused(prepare + ["--split", "x"], "split = 'x'", "leave-one-out")
        self.refused(["mrec-match", "--lastfm", LASTFM, "--spotify", TRACKS, "--out",
                      self.path("m.tsv"), "--min-probability", "2"], "min_probability = 2 is outside [0, 1]")
        self.refused(commands["evaluate"] + ["--k", "0"], "k = '0'")
        self.refused(commands["evaluate"] + ["--k", "5,x"], "k = '5,x'")
        self.refused(commands["evaluate"] + [MODEL], "a file is named twice")
        self.refused(commands["evaluate"] + ["--new-artists"], "no artist of the held-out part")
        self.refused(commands["evaluate"] + ["--sampled", "-1"], "sampled = -1 is outside")
        self.refused(commands["evaluate"] + ["--baselines", "x"], "'x' is not one of", "item-knn")
        self.refused(commands["recommend"] + ["--k", "0"], "k = 0 is outside")
        self.refused(commands["recommend"] + ["--new-artists", "/nowhere.tsv"], "/nowhere.tsv")
        self.refused(commands["recommend"] + ["--user", "x"], "one of --like, --user")

    def test_missing_file(self):
        missing = self.path("missing.h5")
        for command in self.commands(dataset=missing).values():
            self.refused(command, missing, "No such file")
        for job in ("evaluate", "recommend"):
            self.refused(self.commands(model=missing)[job], missing, "No such file")
        self.refused(["mrec-prepare", "--lastfm", self.path("none"), "--out", self.path("d.h5")],
                     self.path("none"), "No such file")
        for job in ("prepare", "match", "explore"):
            self.refused(["mrec-" + job, "--lastfm", LASTFM, "--spotify", missing, "--out",
                          self.path("out")], missing, "No such file")

    def test_nothing_to_explore(self):
        out = ["--out", self.path("page.html")]
        self.refused(["mrec-explore"] + out, "nothing to look at", "--lastfm, --spotify, --dataset")
        self.refused(["mrec-explore", "--lastfm", LASTFM, "--artist-map", "map.tsv"] + out,
                     "links two sources", "--spotify")
        self.refused(["mrec-explore", "--lastfm", LASTFM, "--out", self.path("none") + "/x.html"],
                     "none")

    def test_two_tables_of_who_is_who(self):
        self.refused(["mrec-prepare", "--lastfm", LASTFM, "--spotify", TRACKS, "--artist-map", "a.tsv",
                      "--matches", "b.tsv", "--out", self.path("d.h5")],
                     "--artist-map and --matches", "give one", "mrec-match --matches")

    def test_broken_raw_files(self):
        broken = os.path.join(self.dir.name, "broken")
        shutil.copytree(LASTFM, broken)
        command = ["mrec-prepare", "--lastfm", broken, "--out", self.path("d.h5")]
        with open(os.path.join(broken, "user_artists.dat"), "w", encoding="utf-8") as file:
            file.write("userID\tartistID\tweight\nnonsense\n")
        self.refused(command, "user_artists.dat:1: holds no usable row", "separated by tabs")
        tracks = self.path("tracks.csv", b"song,energy\nx,0.5\n")
        self.refused(["mrec-match", "--lastfm", LASTFM, "--spotify", tracks, "--out",
                      self.path("m.tsv")], "tracks.csv:1: has no artist column")
        leaking = self.path("leaking.tsv", b"userID\tartistID\tweight\n2\t227\t5\n")
        self.refused(["mrec-prepare", "--lastfm", LASTFM, "--split", leaking + "," + leaking,
                      "--out", self.path("d.h5")], "user 2 and artist 227 are in two parts")

    def test_a_pipeline_in_the_wrong_order(self):
        steps = self.path("steps.toml", b'# mine\n[[step]]\nname = "scale"\n')
        self.refused(["mrec-prepare", "--lastfm", LASTFM, "--pipeline", steps, "--out",
                      self.path("d.h5")], steps + ":2: scale: needs a step before it")

    def test_a_printed_pipeline_reads_back_and_is_recorded(self):
        printed = run(["mrec-prepare", "--print-pipeline"])
        self.assertEqual((printed.returncode, printed.stderr), (0, ""))
        steps = self.path("steps.toml", printed.stdout.encode())
        again = run(["mrec-prepare", "--print-pipeline", "--pipeline", steps])
        self.assertEqual(again.stdout, printed.stdout)
        out = self.path("d.h5")
        made = run(["mrec-prepare", "--lastfm", LASTFM, "--pipeline", steps, "--out", out])
        self.assertEqual(made.returncode, 0, made.stderr)
        with open(out, "rb") as file:
            self.assertIn(printed.stdout.encode(), file.read())

    def test_truncated_hdf5(self):
        for name, source in (("dataset", DATASET), ("model", MODEL)):
            with open(source, "rb") as file:
                content = file.read()
            for share in (0.1, 0.5, 0.999):
                cut = self.path("cut.h5", content[:int(len(content) * share)])
                for job, command in self.commands(**{name: cut}).items():
                    if name == "model" and job in ("train", "explore"):
                        continue
                    self.refused(command, cut, "damaged or cut short")

    def test_text_where_hdf5_is_expected(self):
        text = self.path("text.h5", b"userID\tartistID\tweight\n")
        for command in self.commands(dataset=text).values():
            self.refused(command, text, "is not HDF5", "mrec-dataset")

    def test_a_model_where_a_dataset_is_expected(self):
        for command in self.commands(dataset=MODEL).values():
            self.refused(command, "is a file of the kind mrec-model")

    def test_output_that_cannot_be_written(self):
        nowhere = os.path.join(self.dir.name, "no", "such", "out.h5")
        self.refused(["mrec-train", "--dataset", DATASET, "--model", nowhere, "--epochs", "1",
                      "--quiet"], nowhere, "does the directory exist")

    def test_what_is_written_is_no_directory_and_no_input(self):
        self.refused(["mrec-train", "--dataset", DATASET, "--model", self.dir.name],
                     "is a directory")
        model = self.path("m.h5")
        shutil.copy(MODEL, model)
        with open(model, "rb") as file:
            before = file.read()
        self.refused(["mrec-evaluate", "--dataset", DATASET, model, "--json",
                      self.path("./m.h5")], "--json", "would replace", "--model")
        self.refused(["mrec-evaluate", "--dataset", DATASET, model, "--json", self.path("x"),
                      "--html", self.path("x")], "would replace")
        with open(model, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_mistakes_are_told_before_training(self):
        survey = self.path("survey.txt", b"1\tpop\n1\tpop\n")
        for name in (survey, self.path("none.txt")):
            self.refused(["mrec-train", "--dataset", DATASET, "--model", self.path("m.h5"),
                          "--epochs", "100000", "--survey", name], os.path.basename(name))
        self.refused(["mrec-train", "--dataset", DATASET, "--model", self.path("m.h5"),
                      "--engine", "rotate", "--blocks", "100000"], "lower --blocks")
        self.refused(["mrec-train", "--dataset", DATASET, "--model", self.path("m.h5"), "--loss",
                      "warp-kos", "--kos-k", "10", "--kos-n", "5"], "kos_k = 10 is more than")

    def test_what_new_users_have_no_use_for_is_refused(self):
        users = self.path("u.tsv", b"userID\tartistID\tweight\n900001\t1\t1\n")
        asked = ["mrec-evaluate", "--model", MODEL, "--new-users"]
        self.refused(asked + [f"{users},{users}"], "names " + users + " twice")
        for more in (["--split", "valid"], ["--baselines", "ease"], ["--exclude-known=false"]):
            self.refused(asked + [f"{users},{users}"] + more, more[0], "is not for --new-users")

    def test_what_was_trained_on_is_no_test(self):
        model = self.path("refit.h5")
        made = run(["mrec-train", "--dataset", DATASET, "--epochs", "1", "--dim", "8", "--refit",
                    "--model", model])
        self.assertEqual(made.returncode, 0, made)
        self.refused(["mrec-evaluate", "--dataset", DATASET, model, "--split", "valid"],
                     "refit.h5 was trained on train and validation")
        self.assertEqual(run(["mrec-evaluate", "--dataset", DATASET, model]).returncode, 0)

    def test_output_that_is_lost_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        for arguments in (["mrec-train", "--help"],
                          ["mrec-evaluate", "--dataset", DATASET, "--model", MODEL]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                result = subprocess.run([os.path.join(BIN, arguments[0])] + arguments[1:],
                                        stdout=full, stderr=subprocess.PIPE, text=True,
                                        timeout=TIMEOUT, check=False)
            self.assertEqual(result.returncode, 1, result)
            self.assertIn("stdout could not be written whole", result.stderr)

    def test_an_unknown_artist_gets_suggestions(self):
        self.refused(["mrec-recommend", "--model", MODEL, "--like", "Metalica Qx"],
                     "no artist 'Metalica Qx'", "did you mean", status=1)

    def test_launcher(self):
        result = run(["mrec"])
        self.assertEqual(result.returncode, 2)
        result = run(["mrec", "nonsense"])
        self.assertEqual(result.returncode, 2)
        self.assertIn("no job 'nonsense'", result.stderr)
        result = run(["mrec", "help"])
        self.assertEqual(result.returncode, 0)
        for job in JOBS + ["serve"]:
            self.assertIn("  " + job, result.stdout)
        result = run(["mrec", "train", "--help"])
        self.assertEqual(result.returncode, 0)
        self.assertIn("mrec-train", result.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
