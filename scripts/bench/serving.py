#!/usr/bin/env python3
"""What mrec-serve costs: CPU per request, latencies, health under load, memory.

scripts/bench/serving.py --serve build/bin/mrec-serve --like model.h5 [--artists 17632] [--dim 64]
                         [--seconds 5] [--threads 1] [--quantize] [--spread 0]

Makes a random model of that size, with the options of the model --like. --spread is the standard
deviation of the logarithm of the lengths of its vectors: at 0, the hardest case, they are as alike as
those of random numbers are; those of trained models spread. Needs wrk and h5py (scripts/setup test).
CPU is that of the server's process, from /proc, so that it holds on a busy machine too; latencies do
not. wrk adds to its percentiles what it would have sent while it waited; those of one connection are
measured here, as they are.
"""
import argparse
import hashlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import h5py
import numpy

USER_BLOCK = 512
KEEP = ["-H", "Connection: keep-alive"]


def make_model(like, path, artists, dim, spread):
    rng = numpy.random.default_rng(1)
    text = h5py.string_dtype("utf-8")
    with h5py.File(like, "r", locking=False) as old, \
            h5py.File(path, "w", userblock_size=USER_BLOCK) as new:
        for name, value in old.attrs.items():
            new.attrs[name] = value
        for group in ("params", "calibration", "metrics", "provenance"):
            new.create_group(group)
            for name, value in old[group].attrs.items():
                new[group].attrs[name] = value
        new["params"].attrs["dim"] = str(dim)
        new["params"].attrs["loss"] = "warp"
        new["artists/id"] = numpy.arange(1, artists + 1)
        new["artists/name"] = numpy.array([f"Artist {i}" for i in range(artists)], dtype=object)
        new["artists/genre"] = numpy.array([f"genre {i % 50}" for i in range(artists)],
                                           dtype=object)
        new["artists/listeners"] = rng.integers(1, 1000, artists, dtype=numpy.int32)
        factors = rng.normal(0, 0.3, (artists, dim))
        factors *= numpy.exp(rng.normal(0, spread, (artists, 1)))
        new["artist_factors"] = factors.astype(numpy.float32)
        new["artist_bias"] = rng.normal(0, 0.1, artists).astype(numpy.float32)
        new["users/id"] = numpy.arange(1, 101)
        new["user_factors"] = rng.normal(0, 0.3, (100, dim)).astype(numpy.float32)
        new["user_bias"] = numpy.zeros(100, numpy.float32)
        new["features/name"] = numpy.array([], dtype=text)
        new["feature_factors"] = numpy.zeros((0, dim), numpy.float32)
        new["feature_bias"] = numpy.zeros(0, numpy.float32)
        new["fold_in/map"] = numpy.vstack([numpy.eye(dim), numpy.zeros(dim)]).astype(numpy.float32)
        new["survey/artist_id"] = numpy.arange(1, 11)
        new["survey/genre"] = numpy.array([f"genre {i}" for i in range(10)], dtype=object)
    with open(path, "r+b") as file:
        file.seek(USER_BLOCK)
        digest = hashlib.sha256()
        while block := file.read(1 << 24):
            digest.update(block)
        file.seek(0)
        file.write(f"mrec-model\nsha256 {digest.hexdigest()}\n".encode().ljust(USER_BLOCK, b"\0"))


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.model = os.path.join(directory, "model.h5")
        make_model(options.like, self.model, options.artists, options.dim, options.spread)
        self.process = None

    def start(self, *more):
        database = os.path.join(self.directory, "ratings.db")
        self.process = subprocess.Popen(
            [self.options.serve, "--model", self.model, "--ratings", database, "--port", "0",
             *(["--quantize"] if self.options.quantize else []), *more],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = re.search(r"http://\S+", line)[0]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024

    def script(self, name, body):
        path = os.path.join(self.directory, name + ".lua")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"""
                local n = math.floor(os.clock() * 1e6)
                wrk.method = "POST"
                function request()
                  n = n + 1
                  return wrk.format(nil, nil, nil, {body})
                end""")
        return path

    def wrk(self, path, connections, script=None, seconds=None):
        """Requests, errors, milliseconds at p50 and p99, CPU milliseconds per request."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds or self.options.seconds}",
                   "--latency", *KEEP, self.url + path]
        if script:
            command[1:1] = ["-s", script]
        before = self.cpu_seconds()
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        cpu = self.cpu_seconds() - before
        number = int(re.search(r"(\d+) requests in", out)[1])
        bad = sum(map(int, re.findall(r"(?:Non-2xx or 3xx responses|connect|read|write|timeout)"
                                      r":? (\d+)", out)))
        unit = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}

        def percentile(which):
            value, name = re.search(rf"{which}%\s+([\d.]+)([a-z]+)", out).groups()
            return float(value) * unit[name]

        return number, bad, percentile(50), percentile(99), 1e3 * cpu / max(1, number)

    def alone(self, method, path, bodies=(b"",)):
        """As wrk(), of one client that asks again as soon as it is answered."""
        times = []
        before = self.cpu_seconds()
        with socket.create_connection(self.url.removeprefix("http://").split(":")) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end = time.perf_counter() + self.options.seconds
            while time.perf_counter() < end:
                body = bodies[len(times) % len(bodies)]
                question = (f"{method} {path} HTTP/1.1\r\nHost: x\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n").encode() + body
                begin = time.perf_counter()
                peer.sendall(question)
                answer = peer.recv(65536)
                head, _, content = answer.partition(b"\r\n\r\n")
                missing = int(re.search(rb"Content-Length: (\d+)", head)[1]) - len(content)
                while missing > 0:
                    missing -= len(peer.recv(65536))
                times.append(1e3 * (time.perf_counter() - begin))
                assert answer.startswith(b"HTTP/1.1 200"), answer
        cpu = self.cpu_seconds() - before
        return (len(times), 0, *numpy.percentile(times, [50, 99]), 1e3 * cpu / len(times))

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            return response.read()


def report(name, result):
    number, bad, p50, p99, cpu = result
    print(f"{name:34s} {cpu:8.3f} ms CPU  p50 {p50:8.2f}  p99 {p99:8.2f} ms  "
          f"{number:8d} requests, {bad} bad", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", required=True)
    parser.add_argument("--like", required=True)
    parser.add_argument("--artists", type=int, default=17632)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quantize", action="store_true")
    parser.add_argument("--spread", type=float, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(options, directory)
        bench.start("--threads", str(options.threads))
        try:
            run(bench, options)
        finally:
            bench.stop()


def run(bench, options):
    size = os.path.getsize(bench.model) / 2**20
    print(f"{options.artists} artists x {options.dim}, threads {options.threads}, model "
          f"{size:.1f} MiB; load {os.getloadavg()[0]:.1f}")
    print(f"RSS when ready {bench.rss_mib():.1f} MiB, CPU {bench.cpu_seconds():.2f} s")
    rng = random.Random(1)
    for user in range(200):
        ids = rng.sample(range(1, options.artists + 1), 10)
        bench.post("/api/v1/ratings", {"user_id": f"u{user}", "ratings": [
            {"artist_id": one, "rank": rank} for rank, one in enumerate(ids, 1)]})
    items = ",".join('{"artist_id":%d,"rank":%d}' % (one, one) for one in range(1, 11))
    ratings = bench.script("ratings", f"""'{{"user_id":"v' .. n .. '","ratings":[{items}]}}'""")
    asked = bench.script("recommendations", """'{"user_id":"u' .. n % 200 .. '","top_k":10}'""")
    print("-- 1 connection")
    report("recommendations", bench.alone(
        "POST", "/api/v1/recommendations",
        [b'{"user_id":"u%d","top_k":10}' % user for user in range(200)]))
    for connections in (8, 64):
        print(f"-- {connections} connections")
        report("survey", bench.wrk("/api/v1/survey-artists", connections))
        report("recommendations", bench.wrk("/api/v1/recommendations", connections, asked))
        report("ratings", bench.wrk("/api/v1/ratings", connections, ratings))
    print("-- health, 1 connection")
    report("idle", bench.alone("GET", "/health"))
    load = threading.Thread(target=lambda: report(
        "(its load: recommendations)",
        bench.wrk("/api/v1/recommendations", 64, asked, options.seconds + 2)))
    load.start()
    time.sleep(1)
    result = bench.alone("GET", "/health")
    report("under load (CPU: of the load)", result)
    load.join()
    print(f"RSS at the end {bench.rss_mib():.1f} MiB")


if __name__ == "__main__":
    sys.exit(main())
