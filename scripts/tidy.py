#!/usr/bin/env python3
"""Runs clang-tidy on the given sources, two at a time or as many as there are cores.

    scripts/tidy.py src/model/sgd.cpp ...

Compile commands come from build/compile_commands.json. A file that passed is remembered under
.cache/tidy by everything its verdict depends on: its command, .clang-tidy, its text, and the text of
all headers of ours that it reaches.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache/tidy"
TIDY = "clang-tidy-14"
SECONDS_PER_FILE = 180


def reached(path, seen):
    """Adds `path` and our headers that it includes, directly or not, to `seen`."""
    if path in seen:
        return
    seen[path] = path.read_bytes()
    for name in re.findall(rb'^\s*#\s*include\s+"([^"]+)"', seen[path], re.M):
        for folder in (ROOT / "src", ROOT, path.parent):
            header = folder / name.decode()
            if header.is_file():
                reached(header.resolve(), seen)
                break


def key_of(source, command):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + command.encode())
    texts = {}
    reached(source, texts)
    for path in sorted(texts):
        digest.update(texts[path] + b"\0")
    return CACHE / digest.hexdigest()


def complaints(output):
    """The diagnostics of `output` with their notes, but for the compiler's own: clang 14 cannot read
    all of <ranges> of libstdc++ 12, and what gcc accepts with -Werror is no error of ours."""
    heads = list(re.finditer(r"^\S+:\d+:\d+: (?:error|warning): .*$", output, re.M))
    ends = [head.start() for head in heads[1:]] + [len(output)]
    return [
        output[head.start() : end].rstrip() + "\n"
        for head, end in zip(heads, ends)
        if head[0].startswith(str(ROOT)) and "[clang-diagnostic-" not in head[0]
    ]


def tidy(source):
    """What clang-tidy has to say against a file; empty when nothing."""
    command = [TIDY, "-p", str(ROOT / "build"), "--quiet", "--extra-arg=-w", str(source)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_PER_FILE)
    except subprocess.TimeoutExpired:
        return f"{source}: clang-tidy took more than {SECONDS_PER_FILE} s\n"
    if run.returncode < 0 or (run.returncode and "[clang-diagnostic-" not in run.stdout):
        return f"{source}: clang-tidy failed with status {run.returncode}\n{run.stderr}"
    return "".join(complaints(run.stdout))


def main():
    entries = json.loads((ROOT / "build/compile_commands.json").read_text())
    commands = {pathlib.Path(entry["file"]).resolve(): entry["command"] for entry in entries}
    pending = {}
    for name in sys.argv[1:]:
        source = (ROOT / name).resolve()
        if source not in commands:
            sys.exit(f"{name} is not in build/compile_commands.json: run cmake --preset release")
        key = key_of(source, commands[source])
        if not key.exists():
            pending[source] = key
    CACHE.mkdir(parents=True, exist_ok=True)
    failed = 0
    workers = max(2, os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for source, complaint in zip(pending, pool.map(tidy, pending)):
            if complaint:
                failed += 1
                print(complaint, end="", flush=True)
            else:
                pending[source].touch()
    if failed:
        sys.exit(f"clang-tidy complains about {failed} of {len(sys.argv) - 1} files")


if __name__ == "__main__":
    main()
