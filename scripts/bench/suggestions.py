#!/usr/bin/env python3
"""CPU milliseconds of one suggestion, ours and those of the installed Optuna's TPE, in turn: the
same ten parameters, so many random trials before it, in memory.

suggestions.py BIN_DIR [TRIALS ...]      (as /usr/bin/python3: python3-optuna)
"""
import statistics
import subprocess
import sys
import time
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
BIN, SIZES = sys.argv[1], [int(size) for size in sys.argv[2:]] or [100, 1000, 5000]
ROUNDS = 5


def parameters(trial):
    values = [trial.suggest_float(f"x{i}", 0, 1) for i in range(4)]
    for i in range(2):
        trial.suggest_float(f"l{i}", 0.001, 0.1, log=True)
        trial.suggest_int(f"n{i}", 16, 128, step=16)
        trial.suggest_categorical(f"c{i}", ["a", "b", "c", "d"])
    return values[0] + values[1] * values[2]


def filled(size, multivariate):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(parameters, n_trials=size)
    study.sampler = optuna.samplers.TPESampler(seed=1, multivariate=multivariate)
    return study


def theirs(study, repeats):
    begin = time.process_time()
    for _ in range(repeats):
        trial = study.ask()
        study.tell(trial, parameters(trial))
    return 1000 * (time.process_time() - begin) / repeats


def ours(size, repeats):
    program = f"{BIN}/mrec-bench-suggestions"
    return float(subprocess.run([program, str(size), str(repeats)], check=True,
                                capture_output=True, text=True).stdout)


print(f"Optuna {optuna.__version__}; medians of {ROUNDS} rounds")
print(f"{'trials':>7} {'ours':>8} {'Optuna':>8} {'multivariate':>13} {'ratio':>6} {'ratio mv':>9}")
for size in SIZES:
    studies = {multivariate: filled(size, multivariate) for multivariate in (False, True)}
    repeats = max(1, 2000 // size)
    times = [(ours(size, 10 * repeats), theirs(studies[False], repeats),
              theirs(studies[True], repeats)) for _ in range(ROUNDS)]
    mine, plain, joint = (statistics.median(column) for column in zip(*times))
    print(f"{size:7} {mine:8.2f} {plain:8.1f} {joint:13.1f} {plain / mine:6.0f} {joint / mine:9.0f}",
          flush=True)
