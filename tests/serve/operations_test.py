#!/usr/bin/env python3
"""What operators rely on: health, metrics, log, keys, limits, CORS, compression, the page, reload,
storage that fails, a kill.

operations_test.py MREC_SERVE MODEL [--full]
"""
import concurrent.futures
import gzip
import hashlib
import http.client
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from serving import LIMIT, Server, exchange, is_sanitized, ratings_of

SERVE, MODEL = sys.argv[1:3]
FULL = "--full" in sys.argv
KEY = "a long enough key"
SURVEY = "/api/v1/survey-artists"


class Operations(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = directory.name
        self.server = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def file(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self, *options, model=MODEL):
        self.server = Server(SERVE, model, self.path("r.db"), *options)
        self.addCleanup(self.server.end)
        return self.server

    def ids(self, **headers):
        return [int(key) for key in self.server.ask("GET", SURVEY, None, headers)[1]["artists"]]

    def metrics(self):
        status, text, headers = self.server.ask("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        values = {}
        for line in text.decode().splitlines():
            if line.startswith("#"):
                self.assertRegex(line, r"^# (HELP|TYPE) [a-z_]+ .+$")
                continue
            self.assertRegex(line, r'^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [-+.e0-9]+$')
            name, value = line.rsplit(" ", 1)
            values[name] = float(value)
        return values

    def test_health(self):
        self.start()
        status, body, headers = self.server.ask("GET", "/health/ready")
        model = self.server.ask("GET", SURVEY)[2]["Mrec-Model"]
        self.assertEqual((status, body), (200, {"status": "ready", "model": model}))
        self.assertNotIn("ETag", headers)
        self.assertEqual(self.server.ask("GET", "/health/live")[1],
                         self.server.ask("GET", "/health")[1])
        self.assertEqual(self.server.ask("POST", "/health/ready")[0], 405)

    def test_a_server_that_ends_is_not_ready_but_answers(self):
        self.start("--drain-delay", "1")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=LIMIT)
        self.addCleanup(connection.close)
        self.assertEqual(exchange(connection, "GET", SURVEY)[0], 200)
        self.server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + LIMIT
        while exchange(connection, "GET", "/health/ready")[0] != 503:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(exchange(connection, "GET", "/health/ready")[1]["status"], "draining")
        self.assertEqual(exchange(connection, "GET", SURVEY)[0], 200)
        connection.close()
        self.assertEqual(self.server.process.wait(LIMIT), 0)

    def test_storage_that_fails_is_told_and_recovers(self):
        self.start()
        ids = self.ids()
        self.assertEqual(self.server.ask("POST", "/api/v1/ratings", ratings_of("me", ids))[0], 201)
        used = os.path.getsize(self.path("r.db-wal"))
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE,
                         (used, resource.RLIM_INFINITY))
        status, body, _ = self.server.ask("POST", "/api/v1/ratings", ratings_of("you", ids))
        self.assertEqual((status, body),
                         (400, {"detail": "Failed to save ratings due to storage error"}))
        self.assertEqual(self.server.ask("GET", "/health/ready")[0:2], (503, {
            "status": "no storage", "model": self.server.ask("GET", SURVEY)[2]["Mrec-Model"]}))
        self.assertEqual(self.server.ask("GET", "/health/live")[0], 200)
        self.assertEqual(
            self.server.ask("POST", "/api/v1/recommendations", {"user_id": "me"})[0], 200)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertEqual(self.server.ask("GET", "/health/ready")[0], 200)
        self.assertEqual(self.server.ask("POST", "/api/v1/ratings", ratings_of("you", ids))[0], 201)
        self.assertEqual(self.metrics()["mrec_ratings_failed_total"], 1)

    def test_metrics(self):
        self.start("--watch=false")
        for i in range(3):
            self.server.ask("POST", "/api/v1/ratings", ratings_of(f"u{i}", self.ids()[:3]))
        self.server.ask("GET", "/nowhere")
        self.server.ask("GET", "/api/v1/artists/1%20x/similar")
        self.server.raw("nonsense\r\n\r\n")
        values = self.metrics()
        model = self.server.ask("GET", SURVEY)[2]["Mrec-Model"]
        self.assertEqual(values['mrec_requests_total{route="/api/v1/ratings",status="201"}'], 3)
        self.assertEqual(values['mrec_requests_total{route="other",status="404"}'], 1)
        self.assertTrue(any('route="/api/v1/artists/{artist}/similar"' in one for one in values))
        self.assertEqual(values['mrec_request_seconds_count{route="/api/v1/ratings"}'], 3)
        self.assertEqual(
            values['mrec_request_seconds_bucket{route="/api/v1/ratings",le="+Inf"}'], 3)
        self.assertGreater(values['mrec_request_seconds_sum{route="/api/v1/ratings"}'], 0)
        self.assertEqual(values["mrec_requests_in_flight"], 1, "this very one")
        self.assertEqual(values["mrec_requests_refused_total"], 1)
        self.assertTrue(any(one.startswith(f'mrec_model_info{{model="{model}"') for one in values))
        self.assertTrue(any(one.startswith("mrec_model_metric") and "ndcg" in one
                            for one in values))
        self.assertEqual(values["mrec_ratings_written_total"], 3)
        self.assertEqual(values["mrec_ratings_waiting"], 0)
        self.assertGreater(values["process_resident_memory_bytes"], 1e6)
        self.assertEqual(values['mrec_model_reloads_total{result="ok"}'], 0)
        self.assertEqual(self.server.ask("POST", "/admin/reload")[0], 200)
        self.assertEqual(self.metrics()['mrec_model_reloads_total{result="ok"}'], 1)

    @unittest.skipIf(is_sanitized(SERVE), "memory is the sanitizer's")
    def test_memory_is_little_more_than_the_model(self):
        self.start("--threads", "1")
        for user in range(20):
            self.server.ask("POST", "/api/v1/ratings", ratings_of(f"u{user}", self.ids()))
            self.server.ask("POST", "/api/v1/recommendations", {"user_id": f"u{user}"})
        self.assertLess(self.server.rss_kib() * 1024, 25e6 + os.path.getsize(MODEL))

    def test_access_log_and_request_ids(self):
        log = self.path("access.log")
        self.start("--access-log", log)
        _, _, headers = self.server.ask("GET", SURVEY, None, {"X-Request-Id": "mine-1"})
        self.assertEqual(headers["X-Request-Id"], "mine-1")
        _, _, headers = self.server.ask("GET", "/no%22where\\", None, {"X-Request-Id": 'a"b c'})
        self.assertRegex(headers["X-Request-Id"], "^[0-9a-f]{16}$")
        with open(log, encoding="ascii") as file:
            first, second = map(json.loads, file)
        self.assertEqual(list(first), ["time", "id", "method", "path", "status", "bytes", "micros",
                                       "client", "model"])
        self.assertEqual((first["id"], first["method"], first["path"], first["status"],
                          first["client"]), ("mine-1", "GET", SURVEY, 200, "127.0.0.1"))
        self.assertGreater(first["bytes"], 100)
        self.assertRegex(first["model"], "^[0-9a-f]{12}$")
        self.assertEqual((second["path"], second["status"]), ("/no%22where\\", 404))
        os.rename(log, log + ".1")
        self.server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + LIMIT
        while not os.path.exists(log) or not os.path.getsize(log):
            self.server.ask("GET", "/health")
            self.assertLess(time.monotonic(), deadline, "the log was not opened anew")

    def test_api_keys(self):
        digest = hashlib.sha256(b"another long key").hexdigest()
        keys = self.file("keys", f"# comment\nshop {KEY.replace(' ', '-')}  # one\n"
                                 f"\nsha256:{digest}\n")
        log = self.path("log")
        self.start("--api-keys", keys, "--access-log", log)
        for path in ("/health", "/health/live", "/health/ready", "/", "/docs", "/openapi.json"):
            self.assertEqual(self.server.ask("GET", path)[0], 200, path)
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Api-Key": ""},
                        {"Authorization": "Basic " + KEY.replace(" ", "-")}, {"X-Api-Key": digest}):
            for method, path in (("GET", SURVEY), ("GET", "/metrics"), ("POST", "/admin/reload"),
                                 ("GET", "/nowhere")):
                status, body, answered = self.server.ask(method, path, None, headers)
                self.assertEqual((status, list(body)), (401, ["detail"]), (headers, path))
                self.assertTrue(answered["WWW-Authenticate"].startswith("Bearer"))
        for headers in ({"Authorization": "Bearer " + KEY.replace(" ", "-")},
                        {"authorization": "bearer " + KEY.replace(" ", "-")}):
            self.assertEqual(self.server.ask("GET", SURVEY, None, headers)[0], 200)
        self.file("keys", "new a-key-of-this-year\n")
        with open(log, encoding="ascii") as file:
            self.assertEqual(json.loads(file.readlines()[-1])["client"], "shop")
        self.server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + LIMIT
        while self.server.ask("GET", SURVEY, None, {"X-Api-Key": "a-key-of-this-year"})[0] != 200:
            self.assertLess(time.monotonic(), deadline, "keys were not read anew")
        self.assertEqual(
            self.server.ask("GET", SURVEY, None, {"X-Api-Key": KEY.replace(" ", "-")})[0], 401)
        problem = self.server.ask("GET", SURVEY, None, {"Accept": "application/problem+json"})
        self.assertEqual(problem[2]["Content-Type"], "application/problem+json")
        self.assertEqual(json.loads(problem[1])["status"], 401)

    def test_rate_limit(self):
        self.start("--rate-limit", "60", "--rate-burst", "5", "--behind-proxy")
        alice = {"X-Forwarded-For": "10.0.0.1, 203.0.113.7"}
        one = f"GET {SURVEY} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1, 203.0.113.7\r\n"
        answers = self.server.raw((one + "\r\n") * 7 + one + "Connection: close\r\n\r\n")[0]
        answers = answers.split("HTTP/1.1 ")[1:]
        statuses = [answer[:3] for answer in answers]
        self.assertEqual(statuses[:6], ["200"] * 5 + ["429"])
        self.assertIn("X-RateLimit-Limit: 60\r\nX-RateLimit-Remaining: 4\r\n", answers[0])
        self.assertIn("X-RateLimit-Remaining: 0\r\n", answers[5])
        self.assertIn("Retry-After: 1\r\n", answers[5])
        self.assertIn('{"detail":', answers[5])
        self.assertEqual(self.server.ask("GET", SURVEY, None,
                                         {"X-Forwarded-For": "203.0.113.8"})[0], 200)
        posing = (f"GET {SURVEY} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\n"
                  "X-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n")
        self.assertNotIn("X-RateLimit-Remaining: 4", self.server.raw(posing)[0],
                         "who poses as somebody new is the one whom the proxy names last")
        self.assertEqual(self.server.ask("GET", "/health", None, alice)[0], 200)
        self.assertEqual(self.server.ask("GET", "/app/app.js", None, alice)[0], 200)
        time.sleep(1)
        self.assertEqual(self.server.ask("GET", SURVEY, None, alice)[0], 200)

    def test_cors(self):
        self.start()
        origin = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST",
                  "Access-Control-Request-Headers": "content-type"}
        for method, path in (("GET", SURVEY), ("OPTIONS", "/api/v1/ratings")):
            headers = self.server.ask(method, path, None, origin)[2]
            self.assertFalse([name for name in headers if name.startswith("Access-Control")])
        self.server.stop()
        self.start("--cors-origin", "https://a.example", "--cors-origin", "https://b.example",
                   "--api-keys", self.file("keys", "k " + "x" * 20))
        status, _, headers = self.server.ask("OPTIONS", "/api/v1/ratings", None, origin)
        self.assertEqual(status, 204)
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://a.example")
        self.assertIn("POST", headers["Access-Control-Allow-Methods"])
        self.assertIn("Content-Type", headers["Access-Control-Allow-Headers"])
        self.assertIn("Origin", headers["Vary"])
        headers = self.server.ask("GET", SURVEY, None, origin)[2]
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://a.example", "a 401 too")
        headers = self.server.ask("GET", SURVEY, None, {"Origin": "https://evil.example"})[2]
        self.assertNotIn("Access-Control-Allow-Origin", headers)
        self.assertNotIn("Access-Control-Allow-Credentials", headers)

    def test_compression_and_validation(self):
        web = self.file("web/index.html", "<!doctype html><p>" + "page " * 1000)
        self.start("--web", os.path.dirname(web))
        for path in ("/app/", SURVEY, "/metrics"):
            plain = self.server.ask("GET", path)
            packed = self.server.ask("GET", path, None, {"Accept-Encoding": "br, gzip;q=0.5"})
            if path != SURVEY:  # which is too short for it to pay
                self.assertEqual(packed[2]["Content-Encoding"], "gzip", path)
                self.assertIn("Accept-Encoding", packed[2]["Vary"])
                self.assertLess(len(packed[1]), len(plain[1]) * 0.9)
            self.assertNotIn("Content-Encoding", plain[2])
            refused = self.server.ask("GET", path, None, {"Accept-Encoding": "gzip;q=0"})
            self.assertNotIn("Content-Encoding", refused[2])
            if path == "/metrics":
                self.assertNotIn("ETag", plain[2])
                continue
            self.assertEqual(plain[2]["ETag"], packed[2]["ETag"])
            for tag in (plain[2]["ETag"], '"x", ' + plain[2]["ETag"], "*"):
                status, body, headers = self.server.ask("GET", path, None, {"If-None-Match": tag})
                self.assertEqual((status, body), (304, b""), tag)
                self.assertEqual(headers["ETag"], plain[2]["ETag"])
            self.assertEqual(self.server.ask("GET", path, None, {"If-None-Match": '"x"'})[0], 200)
        self.assertEqual(gzip.decompress(
            self.server.ask("GET", "/app/", None, {"Accept-Encoding": "gzip"})[1]),
            self.server.ask("GET", "/app/")[1])

    def test_the_page(self):
        web = os.path.dirname(self.file("web/index.html", "<!doctype html>"))
        self.file("web/views/a b.mjs", "export const name = 'Björk';")
        self.file("web/style.css", "p { color: red }")
        self.file("web/.hidden", "x")
        self.file("secret", "secret")
        self.start("--web", web)
        for name, kind in (("", "text/html"), ("index.html", "text/html"), ("style.css", "text/css"),
                           ("views/a%20b.mjs", "text/javascript")):
            status, body, headers = self.server.ask("GET", "/app/" + name)
            self.assertEqual(status, 200, name)
            self.assertEqual(headers["Content-Type"], kind + "; charset=utf-8")
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Cache-Control"], "no-cache")
        self.assertEqual(body.decode(), "export const name = 'Björk';")
        for name in ("../secret", "%2e%2e/secret", "..%2fsecret", "views/../../secret", ".hidden",
                     "views", "views/", "%00", "/etc/passwd", "index.html/", "INDEX.html"):
            answer, _ = self.server.raw(f"GET /app/{name} HTTP/1.1\r\nHost: x\r\n"
                                        "Connection: close\r\n\r\n")
            self.assertIn("HTTP/1.1 404", answer, name)
        browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        for path in ("/", "/app"):
            status, _, headers = self.server.ask("GET", path, None, browser)
            self.assertEqual((status, headers["Location"]), (307, "/app/"))
        self.assertEqual(self.server.ask("GET", "/", None, {"Accept": "*/*"})[1]["status"],
                         "healthy")
        self.assertEqual(self.server.ask("POST", "/app/")[0], 405)

    def test_reload_by_request(self):
        model = self.path("model.h5")
        shutil.copyfile(MODEL, model)
        self.start("--watch=false", model=model)
        status, body, headers = self.server.ask("POST", "/admin/reload")
        self.assertEqual((status, list(body)), (200, ["model", "previous"]))
        self.assertEqual(headers["Mrec-Model"], body["model"])
        with open(model, "r+b") as file:
            file.truncate(1000)
        status, body, _ = self.server.ask("POST", "/admin/reload")
        self.assertEqual(status, 409)
        self.assertIn("damaged or cut short", body["detail"])
        self.assertEqual(self.server.ask("GET", SURVEY)[0], 200)
        self.assertEqual(self.metrics()["mrec_model_last_reload_failed"], 1)
        self.assertEqual(self.server.ask("GET", "/admin/reload")[0], 405)
        for headers in ({"Origin": "https://evil.example"}, {"X-Forwarded-For": "127.0.0.1"}):
            self.assertEqual(self.server.ask("POST", "/admin/reload", None, headers)[0], 403)

    def test_backup_beside_a_running_server(self):
        self.start()
        ids = self.ids()
        done = threading.Event()

        def write():
            number = 0
            while not done.is_set():
                self.server.ask("POST", "/api/v1/ratings", ratings_of(f"other {number}", ids[:2]))
                number += 1

        self.server.ask("POST", "/api/v1/ratings", ratings_of("me", ids[:3]))
        writer = threading.Thread(target=write)
        writer.start()
        try:
            result = subprocess.run([SERVE, "--ratings", self.path("r.db"), "--backup",
                                     self.path("copy.db")], capture_output=True, text=True,
                                    timeout=LIMIT, check=False)
        finally:
            done.set()
            writer.join(LIMIT)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        with sqlite3.connect(self.path("copy.db")) as copy:
            self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            rows = copy.execute("SELECT artist_id FROM rating WHERE user = ? ORDER BY rank",
                                (b"me",)).fetchall()
        self.assertEqual([row[0] for row in rows], ids[:3])

    def test_every_201_survives_a_kill_and_none_is_invented(self):
        """Kills in the middle of many writes from several connections, `number` of them sent."""
        rounds, number = (20, 10_000) if FULL else (2, 200)
        self.start()
        ids = self.ids()
        for round_ in range(rounds):
            promised = [set() for _ in range(8)]
            sent = [set() for _ in range(8)]

            def client(number_of, share, round_=round_, promised=promised, sent=sent):
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                        timeout=LIMIT)
                try:
                    for i in range(share):
                        user = f"{round_} {number_of} {i}"
                        sent[number_of].add(user)
                        if exchange(connection, "POST", "/api/v1/ratings",
                                    ratings_of(user, ids[i % 7:i % 7 + 3]))[0] == 201:
                            promised[number_of].add(user)
                except (OSError, http.client.HTTPException):
                    pass
                finally:
                    connection.close()

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                clients = [pool.submit(client, one, number // 4) for one in range(8)]
                deadline = time.monotonic() + LIMIT
                while sum(map(len, sent)) < number:
                    self.assertLess(time.monotonic(), deadline + (60 if FULL else 0))
                    time.sleep(0.001)
                self.server.stop(signal.SIGKILL)
                concurrent.futures.wait(clients, timeout=LIMIT)
            self.start()  # recovers the file
            self.server.stop()
            with sqlite3.connect(self.path("r.db")) as database:
                found = {}
                for user, artist in database.execute(
                        "SELECT user, artist_id FROM rating ORDER BY user, rank"):
                    found.setdefault(user.decode(), []).append(artist)
            mine = {user for user in found if user.startswith(f"{round_} ")}
            everything, asked = set().union(*promised), set().union(*sent)
            self.assertGreaterEqual(len(everything), number - 8)
            self.assertLess(len(asked), 2 * number, "killed too late")
            self.assertEqual(everything - mine, set(), "a 201 was lost")
            self.assertEqual(mine - asked, set(), "a rating was invented")
            for user in mine:
                i = int(user.split()[2])
                self.assertEqual(found[user], ids[i % 7:i % 7 + 3], "half a submission")
            if FULL:
                print(f"round {round_}: {len(asked)} sent, {len(everything)} promised, "
                      f"{len(mine)} found", file=sys.stderr)
            self.start()

    def test_three_writers_and_a_reader_on_one_user(self):
        self.start()
        ids = self.ids()
        self.server.ask("POST", "/api/v1/ratings", ratings_of("me", ids))
        end = time.monotonic() + (15 if FULL else 1.5)

        def client(number):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=LIMIT)
            statuses = {}
            while time.monotonic() < end:
                question = (("POST", "/api/v1/recommendations", {"user_id": "me"}) if number == 0
                            else ("POST", "/api/v1/ratings", ratings_of("me", ids[-number:])))
                status = exchange(connection, *question)[0]
                statuses[status] = statuses.get(status, 0) + 1
            connection.close()
            return statuses

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(client, range(4)))
        self.assertEqual([list(one) for one in seen], [[200], [201], [201], [201]], seen)
        if FULL:
            print(seen, file=sys.stderr)

    def test_bad_options_are_refused(self):
        def refused(*options, part):
            result = subprocess.run(
                [SERVE, "--model", MODEL, "--ratings", self.path("r.db"), "--port", "0", *options],
                capture_output=True, text=True, timeout=LIMIT, check=False)
            self.assertEqual(result.returncode, 2, result)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertIn(part, result.stderr)

        refused("--api-keys", self.path("none"), part="none: cannot be opened")
        refused("--api-keys", self.file("empty", "# none\n"), part="holds no key")
        refused("--api-keys", self.file("short", "\nme short\n"), part="short, line 2: a key has")
        refused("--api-keys", self.file("sum", "sha256:12\n"), part="64 hexadecimal digits")
        refused("--api-keys", self.file("many", "a b c\n"), part="expected a key")
        refused("--access-log", self.dir, part="cannot be opened for writing")
        refused("--web", self.path("none"), part="has no index.html")
        refused("--rate-limit", "-1", part="rate_limit")
        refused("--backup", self.file("there", ""), part="exists")

    def test_options_from_a_file(self):
        config = self.file("config", f"access-log = {self.path('log')}\nrate_limit = 1000\n"
                                     "cors-origin = https://a.example\nmax_connections = 50\n")
        self.start("--config", config)
        headers = self.server.ask("GET", SURVEY, None, {"Origin": "https://a.example"})[2]
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://a.example")
        self.assertEqual(headers["X-RateLimit-Limit"], "1000")
        self.assertTrue(os.path.getsize(self.path("log")))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
