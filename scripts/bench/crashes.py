#!/usr/bin/env python3
"""Kills mpirun of mrec-tune by -9 at random instants and goes on with --resume until all trials are
finished. Fails when a finished trial is lost or changed, or one is finished twice, when the journal
does not open in Optuna (where that is installed) after a kill, and unless there are exactly so many.
A job that had ended before its kill does not count: it is given more trials, and killed again.

crashes.py BIN_DIR DATASET MPIEXEC [--kills N] [--seed S] [--ranks R] [--pruner asha]
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings

try:
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
except ImportError:
    optuna = None

parser = argparse.ArgumentParser()
parser.add_argument("bin")
parser.add_argument("dataset")
parser.add_argument("mpiexec")
parser.add_argument("--kills", type=int, default=20)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--ranks", type=int, default=3)
parser.add_argument("--pruner", default="none")
options = parser.parse_args()
MORE_TRIALS = 40
FINISHED = (1, 2, 3)
FAILED = 3
warnings.simplefilter("ignore")


def ranks_of(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
        except (OSError, IndexError):
            continue
    return found


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def finished(path):
    """Value of each finished trial; a last line that is not whole does not count."""
    ends = {}
    if not os.path.exists(path):
        return ends
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")[:-1]
    for line in map(json.loads, lines):
        if line["op_code"] == 6 and line["state"] in FINISHED:
            if line["trial_id"] in ends:
                sys.exit(f"trial {line['trial_id']} was finished twice")
            ends[line["trial_id"]] = (line["state"], line["values"])
    return ends


def opened(path):
    if optuna is None:
        return 0
    backend = optuna.storages.JournalFileStorage(path)
    storage = optuna.storages.JournalStorage(backend)
    return len(optuna.load_study(study_name="mrec", storage=storage).trials)


def killed(command, seconds):
    """Whether `command` was still running when it was killed after so many seconds."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(seconds)
        ranks = ranks_of(process.pid)
        ended = process.poll()
        if ended:
            sys.exit(f"mrec-tune failed by itself, with status {ended}")
        process.kill()
        process.wait()
    for rank in ranks:  # an mpirun that is gone takes them with it, but not at once
        try:
            os.kill(rank, signal.SIGKILL)
        except ProcessLookupError:
            pass
    while any(map(runs, ranks)):
        time.sleep(0.01)
    return ended is None


def main():
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        study = os.path.join(folder, "study.journal")

        def tune(trials):
            return [options.mpiexec, "-np", str(options.ranks), f"{options.bin}/mrec-tune",
                    "--dataset", options.dataset, "--study", study, "--resume", "--trials",
                    str(trials), "--epochs", "18", "--min-resource", "2", "--pruner",
                    options.pruner, "--top", "1", "--report-every", "2", "--search",
                    "dim=int:4:16:4", "--search", "learning_rate=float:0.01:0.2:log", "--quiet"]

        known = {}
        kills = 0
        trials = MORE_TRIALS
        while kills < options.kills:
            if killed(tune(trials), draw.uniform(0.3, 3)):
                kills += 1
            else:
                trials += MORE_TRIALS
            now = finished(study)
            for trial, end in known.items():
                if now.get(trial) != end:
                    sys.exit(f"kill {kills}: trial {trial} was {end} and is {now.get(trial)}")
            known = now
            loaded = opened(study) if os.path.exists(study) and os.path.getsize(study) else 0
            print(f"kill {kills}: {len(known)} of {trials} finished, Optuna sees {loaded} trials",
                  flush=True)
        subprocess.run(tune(trials), check=True, stdout=subprocess.DEVNULL)
        last = finished(study)
        if any(last.get(trial) != end for trial, end in known.items()):
            sys.exit("a finished trial was changed")
        # Those that were running at three kills are given up, and others take their place.
        given_up = sum(state == FAILED for state, _ in last.values())
        if len(last) - given_up != trials:
            sys.exit(f"{len(last) - given_up} trials are finished, not {trials}")
        told = subprocess.run([f"{options.bin}/mrec-study", "replay", study], check=True,
                              capture_output=True, text=True).stdout
        print(f"{kills} kills of a running job, {trials} trials finished, none lost, none twice, "
              f"{given_up} given up; {told}", end="")


main()
