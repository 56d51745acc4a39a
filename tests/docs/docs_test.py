#!/usr/bin/env python3
"""Runs every command of README.md and docs/*.md, as a reader would: one file after another, in one
directory, with the programs on PATH and the sample at hand.

docs_test.py BIN_DIR PYTHON [FILE.md ...]    PYTHON must have h5py, numpy and scipy
docs_test.py --self-test                     whether planted faults are found

A fence says what becomes of its block:
  ```sh                   run; it must end with 0
  ```sh no-run: REASON    not run, told at the end
  ```console              `$ command` is run; the lines below it must come out, in this order; `...` is
                          anything
  ```python               run
  <!-- run: COMMAND -->   run, and not shown to readers: what a block needs that they have anyway
Port 8000 becomes a free one, and after a line that ends with & a server must be ready before the next is
run.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Later files use what earlier ones have made; those that are not named here come last.
ORDER = ["README.md", "docs/tutorial.md", "docs/concepts.md", "docs/formats.md", "docs/cli.md"]
LIMIT = 240  # seconds for all, on a very busy machine

FENCE = re.compile(r"^(`{3,})([^`]*)$")
HIDDEN = re.compile(r"^<!-- run: (.*) -->$")


class Block:
    def __init__(self, file, line, kind, reason):
        self.place, self.kind, self.reason, self.lines = f"{file}:{line}", kind, reason, []


def blocks_of(path, name):
    found, block, ticks = [], None, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if block is None and fence:
            kind, _, rest = fence[2].strip().partition(" ")
            reason = re.fullmatch(r"no-run: +(.+)", rest)
            if rest and not reason:
                sys.exit(f"{name}:{number}: '{line}': say ```{kind} or ```{kind} no-run: REASON")
            ticks, block = fence[1], Block(name, number, kind, reason and reason[1])
        elif block is not None and line == ticks:
            found.append(block)
            block = None
        elif block is not None:
            block.lines.append(line)
        elif hidden := HIDDEN.match(line):
            setup = Block(name, number, "sh", None)
            setup.lines.append(hidden[1])
            found.append(setup)
    if block is not None:
        sys.exit(f"{block.place}: the block has no end")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


WAIT_FOR_SERVER = """
for _ in $(seq 300); do curl -sfo /dev/null 127.0.0.1:{port}/health/ready && break; sleep 0.1; done
"""


def expect_in_order(block, expected, output):
    rest = output.splitlines()
    for line in expected:
        if line.strip() == "...":
            continue
        while rest and rest[0].rstrip() != line.rstrip():
            rest.pop(0)
        if not rest:
            raise AssertionError(f"{block.place}: '{line}' did not come out; this did:\n{output}")
        rest.pop(0)


class Shell:
    """One bash for a file, so that variables and what runs in the background stay."""

    def __init__(self, directory, environment, port):
        self.directory, self.port = directory, port
        self.log = open(directory / "shell.log", "w+", encoding="utf-8")
        self.shell = subprocess.Popen(["bash", "--norc"], cwd=directory, env=environment, text=True,
                                      stdin=subprocess.PIPE, stdout=self.log,
                                      stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, block, script, until):
        """Returns what came out."""
        script = script.replace("8000", str(self.port))
        wait = WAIT_FOR_SERVER.format(port=self.port)
        script = re.sub(r"(?m) &$", lambda _: " &" + wait, script)
        self.log.flush()
        start = os.fstat(self.log.fileno()).st_size
        done = f"docs-test-{start}-done"
        # From a file: mpirun would read the rest of the script as its input.
        (self.directory / "block.sh").write_text(script, encoding="utf-8")
        self.shell.stdin.write("set -eo pipefail\nsource ./block.sh </dev/null\nset +e\n"
                               f"echo {done}\n")
        self.shell.stdin.flush()
        while True:
            with open(self.log.name, encoding="utf-8") as file:
                file.seek(start)
                output = file.read()
            if done in output:
                return output.replace(done + "\n", "")
            if self.shell.poll() is not None:
                raise AssertionError(f"{block.place}: status {self.shell.returncode} and:\n{output}")
            if time.monotonic() > until:
                raise AssertionError(f"{block.place}: took too long; so far:\n{output}")
            time.sleep(0.02)

    def end(self):
        """Ends what this shell has started."""
        try:
            os.killpg(self.shell.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        try:
            self.shell.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()
        self.log.close()


def commands_of(block):
    """(command, lines that must come out) of a console block."""
    commands = []
    for line in block.lines:
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands and commands[-1][0].endswith("\\"):
            commands[-1] = (commands[-1][0] + "\n" + line.removeprefix("> "), [])
        elif commands:
            commands[-1][1].append(line)
    return commands


def run_file(name, directory, environment, until):
    """Returns (number of blocks run, places and reasons of those that were not)."""
    run, left = 0, []
    shell = Shell(directory, environment, free_port())
    try:
        for block in blocks_of(ROOT / name, name):
            text = "\n".join(block.lines)
            if block.kind not in ("sh", "console", "python"):
                continue
            if block.reason is not None:
                left.append(f"{block.place}: {block.reason}")
                continue
            begin = time.monotonic()
            if block.kind == "console":
                for command, expected in commands_of(block):
                    expect_in_order(block, expected, shell.run(block, command, until))
            elif block.kind == "python":
                (directory / "block.py").write_text(text, encoding="utf-8")
                shell.run(block, "python3 block.py", until)
            else:
                shell.run(block, text, until)
            run += 1
            if time.monotonic() - begin > 5:
                print(f"{block.place}: took {time.monotonic() - begin:.1f} s", flush=True)
    finally:
        shell.end()
    return run, left


FAULTS = {  # what a page says -> what must be said about it
    "```sh\nfalse | true\n```": "status 1",
    "```sh\nexit 0\n```\n```sh\nfalse\n```": "status",
    "```console\n$ printf 'a\\nb\\n'\nb\na\n```": "'a' did not come out",
    "```python\nassert 1 == 2\n```": "AssertionError",
    "```sh no-run\nreboot\n```": "no-run: REASON",
    "```sh\ntrue": "has no end",
    "```text\nfalse\n```": "no block was run",
}


def self_test():
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary) / "page.md"
        for text, expected in FAULTS.items():
            page.write_text(text + "\n", encoding="utf-8")
            run = subprocess.run([sys.executable, __file__, temporary, sys.executable, page],
                                 capture_output=True, text=True, timeout=60)
            if run.returncode == 0 or expected not in run.stderr:
                missed += 1
                print(f"{text}\n  should say '{expected}', says with {run.returncode}: {run.stderr}")
    print(f"{len(FAULTS) - missed} of {len(FAULTS)} planted faults are found")
    return 1 if missed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    bin_dir, python, *names = sys.argv[1:]
    if not names:
        all_names = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]
        names = sorted(all_names, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))
    until = time.monotonic() + LIMIT
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as own_bin:
        directory = Path(temporary)
        (Path(own_bin) / "python3").symlink_to(python)
        path = f"{own_bin}:{Path(bin_dir).resolve()}:{os.environ['PATH']}"
        environment = os.environ | {"PATH": path}
        for shared in ("data", "docs", "examples", "packaging", "scripts", "serve", "slurm"):
            if (ROOT / shared).exists():
                (directory / shared).symlink_to(ROOT / shared)
        (directory / "build").mkdir()
        (directory / "build/bin").symlink_to(Path(bin_dir).resolve())
        total, left = 0, []
        for name in names:
            begin = time.monotonic()
            run, not_run = run_file(name, directory, environment, until)
            total, left = total + run, left + not_run
            print(f"{name}: {run} blocks run in {time.monotonic() - begin:.1f} s, "
                  f"{len(not_run)} not", flush=True)
        for line in left:
            print(f"not run: {line}")
        if total == 0:
            sys.exit("no block was run: is this the project?")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"docs_test: {error}")
