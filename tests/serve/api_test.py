#!/usr/bin/env python3
"""The server as clients see it: a real process, real sockets, the contract of docs/design.md.

api_test.py MREC_SERVE MODEL
"""
import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SERVE, MODEL = sys.argv[1:3]
LIMIT = 20  # seconds that anything may take


class Server:
    """A running server on a free port; ended by stop() or, in any case, at the end of the test."""

    def __init__(self, ratings, *options):
        self.process = subprocess.Popen(
            [SERVE, "--model", MODEL, "--ratings", ratings, "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+) .*\n", line)
        if not found:
            raise AssertionError(f"{line!r} {self.process.communicate(timeout=LIMIT)}")
        self.port = int(found[1])

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=LIMIT)
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def raw(self, text):
        """What the server sends until it closes the connection or is silent for a while."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=3) as peer:
            peer.sendall(text.encode())
            answer = b""
            closed = False
            try:
                while True:
                    piece = peer.recv(65536)
                    if not piece:
                        closed = True
                        break
                    answer += piece
            except TimeoutError:
                pass
            return answer.decode(), closed

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        try:
            data = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, data, headers or {})
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, json.loads(text) if text else None, response.headers
        finally:
            connection.close()


def ratings_of(user, ids):
    return {"user_id": user,
            "ratings": [{"artist_id": a, "rank": r} for r, a in enumerate(ids, 1)]}


class Api(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.ratings = os.path.join(directory.name, "ratings.db")
        self.server = self.start()

    def start(self, *options):
        server = Server(self.ratings, *options)
        self.addCleanup(server.stop, signal.SIGKILL)
        return server

    def test_survey_ratings_recommendations(self):
        status, survey, _ = self.server.ask("GET", "/api/v1/survey-artists")
        self.assertEqual(status, 200)
        self.assertEqual(list(survey), ["success", "count", "artists"])
        self.assertEqual(survey["count"], len(survey["artists"]))
        self.assertEqual(survey["count"], 10)
        names = [entry["name"] for entry in survey["artists"].values()]
        self.assertEqual(names[:3], ["The Beatles", "Beyonc\u00e9", "2Pac"])
        ids = [int(key) for key in survey["artists"]]

        status, saved, _ = self.server.ask("POST", "/api/v1/ratings", ratings_of("alice", ids[:4]))
        self.assertEqual((status, saved), (201, {
            "success": True, "message": "Successfully saved 4 ratings for user alice",
            "user_id": "alice", "ratings_count": 4}))

        status, answer, _ = self.server.ask("POST", "/api/v1/recommendations",
                                            {"user_id": "alice", "top_k": 50})
        self.assertEqual(status, 200)
        self.assertEqual(answer["message"], "Generated 50 recommendations")
        listed = answer["recommendations"]
        self.assertEqual([one["rank"] for one in listed], list(range(1, 51)))
        scores = [one["score"] for one in listed]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertTrue(all(0 <= score <= 1 for score in scores))
        self.assertFalse(set(ids[:4]) & {one["artist_id"] for one in listed}, "rated came back")

    def test_statuses_and_bodies(self):
        ask = self.server.ask
        self.assertEqual(ask("GET", "/")[:2], (200, {
            "status": "healthy", "service": "Music Recommendation API", "version": "1.0.0"}))
        self.assertEqual(ask("GET", "/health")[1]["endpoints"]["submit_ratings"],
                         "/api/v1/ratings")
        self.assertEqual(ask("GET", "/nowhere")[:2], (404, {"detail": "Not Found"}))
        status, body, headers = ask("DELETE", "/api/v1/ratings")
        self.assertEqual((status, body), (405, {"detail": "Method Not Allowed"}))
        self.assertIn("POST", headers["Allow"])
        self.assertEqual(ask("POST", "/api/v1/ratings", ratings_of("a", [5, 10 ** 9]))[:2][0], 400)
        self.assertEqual(ask("POST", "/api/v1/ratings", ratings_of("a", [10 ** 9]))[:2],
                         (400, {"detail": "Invalid artist IDs: [1000000000]"}))
        self.assertEqual(
            ask("POST", "/api/v1/recommendations", {"user_id": "bob"})[:2],
            (404, {"detail": "No ratings found for user bob. Please submit ratings first."}))
        for body in ("", "{", "[]", "{}", "\x00"):
            status, answer, headers = ask("POST", "/api/v1/ratings", body)
            self.assertEqual(status, 422, body)
            self.assertTrue(answer["detail"][0]["type"], body)
            self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(ask("POST", "/api/v1/ratings", "x" * 100_000)[0], 413)

    def test_user_ids_that_differ_in_signs_stay_apart(self):
        ids = [int(key) for key in self.server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        users = ["A.B", "AB", "al/ice", "al ice", "???", "   "]
        for index, user in enumerate(users):
            self.server.ask("POST", "/api/v1/ratings", ratings_of(user, [ids[index]]))
        tops = []
        for user in users:
            answer = self.server.ask("POST", "/api/v1/recommendations", {"user_id": user})[1]
            tops.append(tuple(one["artist_id"] for one in answer["recommendations"]))
        self.assertEqual(len(set(tops)), len(users))

    def test_an_answered_201_survives_kill_9(self):
        ids = [int(key) for key in self.server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        for round_ in range(5):
            users = [f"user {round_} {i}" for i in range(20)]
            for user in users:
                self.assertEqual(
                    self.server.ask("POST", "/api/v1/ratings", ratings_of(user, ids[:3]))[0], 201)
            self.server.stop(signal.SIGKILL)
            self.server = self.start()
            for user in users:
                self.assertEqual(
                    self.server.ask("POST", "/api/v1/recommendations", {"user_id": user})[0], 200)

    def test_many_clients_on_one_user(self):
        ids = [int(key) for key in self.server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        self.server.ask("POST", "/api/v1/ratings", ratings_of("me", ids))

        def client(number):
            statuses = set()
            for i in range(15):
                if (number + i) % 2:
                    turned = ids[i % 10:] + ids[:i % 10]
                    statuses.add(self.server.ask("POST", "/api/v1/ratings",
                                                 ratings_of("me", turned))[0])
                else:
                    statuses.add(self.server.ask("POST", "/api/v1/recommendations",
                                                 {"user_id": "me"})[0])
            return statuses

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = set().union(*pool.map(client, range(16)))
        self.assertEqual(statuses, {200, 201})

    def test_connections(self):
        get = "GET /health HTTP/1.1\r\nHost: x\r\n"
        answer, closed = self.server.raw(get + "Connection: close\r\n\r\n")
        self.assertTrue(closed)
        self.assertIn("Connection: close", answer)
        answer, closed = self.server.raw("GET /health HTTP/1.0\r\n\r\n")
        self.assertTrue(closed)
        self.assertIn("200 OK", answer)
        answer, closed = self.server.raw(get + "\r\n")
        self.assertFalse(closed, "HTTP/1.1 keeps the connection")
        self.assertIn("Connection: keep-alive", answer)
        answer, closed = self.server.raw("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertTrue(answer.endswith("\r\n\r\n"), "HEAD has no body")
        self.assertRegex(answer, r"Content-Length: [1-9]")
        answer, _ = self.server.raw("OPTIONS /api/v1/ratings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn("204 No Content", answer)
        self.assertIn("Allow: POST", answer)
        for bad in ("FOO / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                    "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"):
            answer, closed = self.server.raw(bad)
            self.assertTrue(answer.startswith("HTTP/1.1 400 Bad Request"), bad)
            self.assertIn('{"detail":', answer)
            self.assertTrue(closed, bad)

    def test_sigterm_answers_what_is_under_way(self):
        ids = [int(key) for key in self.server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        self.server.ask("POST", "/api/v1/ratings", ratings_of("me", ids))
        lost = []

        def client(_):
            """Asks until the server no longer takes connections; a taken one must be answered."""
            while True:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                            timeout=LIMIT)
                    connection.connect()
                except OSError:
                    return
                try:
                    connection.request("POST", "/api/v1/recommendations",
                                       json.dumps({"user_id": "me"}))
                    if connection.getresponse().status != 200:
                        lost.append("status")
                except (OSError, http.client.HTTPException) as error:
                    lost.append(repr(error))
                    return
                finally:
                    connection.close()

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(client, i) for i in range(4)]
            time.sleep(0.5)
            self.server.process.send_signal(signal.SIGTERM)
            concurrent.futures.wait(clients, timeout=LIMIT)
        self.assertEqual(self.server.stop(), 0)
        # A client may connect in the very moment in which the socket closes; four at the most.
        self.assertLessEqual(len(lost), 4, lost)

    def refused(self, *options, part):
        result = subprocess.run([SERVE, *options], capture_output=True, text=True, timeout=LIMIT,
                                check=False)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(part, result.stderr)

    def test_bad_starts_are_refused(self):
        folder = os.path.dirname(self.ratings)
        text = os.path.join(folder, "text")
        with open(text, "w", encoding="utf-8") as file:
            file.write("no model, no database" * 100)
        with open(MODEL, "rb") as whole, open(os.path.join(folder, "cut.h5"), "wb") as cut:
            cut.write(whole.read()[:-100])
        other = os.path.join(folder, "other.db")
        good = ("--model", MODEL, "--ratings", other)
        self.refused(part="--model is missing")
        self.refused("--model", text, "--ratings", other, part="is not HDF5")
        self.refused("--model", os.path.join(folder, "cut.h5"), "--ratings", other,
                     part="damaged or cut short")
        self.refused("--model", text + "x", "--ratings", other, part="No such file")
        self.refused("--model", MODEL, "--ratings", text, part="text")
        self.refused("--model", MODEL, "--ratings", os.path.join(folder, "no", "r.db"),
                     part="cannot be opened for writing")
        self.refused(*good, "--port", "70000", part="port = 70000 is outside")
        self.refused(*good, "--nonsense", part="nonsense")
        self.refused(*good, "--port", str(self.server.port), part="cannot listen")
        self.refused(*good, "--address", "300.1.2.3", part="cannot listen on 300.1.2.3")
        self.assertFalse(os.path.exists(other), "a refused start left a ratings file")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
