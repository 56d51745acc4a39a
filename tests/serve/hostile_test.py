#!/usr/bin/env python3
"""What the transport does with clients that are odd, slow, greedy or hostile.

hostile_test.py MREC_SERVE MODEL [--full]: with the numbers of docs/benchmarks.md instead of a part.
"""
import json
import os
import re
import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
import unittest

from serving import LIMIT, Server, is_sanitized, ratings_of, read_to_end

SERVE, MODEL = sys.argv[1:3]
FULL = "--full" in sys.argv
GET = "GET /health HTTP/1.1\r\nHost: x\r\n"


def statuses(answer):
    """Of all responses in a text of several."""
    return [int(status) for status in re.findall(r"HTTP/1\.1 (\d{3}) ", answer)]


class Transport(unittest.TestCase):
    """One server for all of these: none may harm it."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.server = Server(SERVE, MODEL, os.path.join(cls.directory.name, "r.db"),
                            "--request-timeout", "2")
        cls.ids = [int(key) for key in
                   cls.server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]

    @classmethod
    def tearDownClass(cls):
        cls.server.end()
        cls.directory.cleanup()

    def tearDown(self):
        self.assertEqual(self.server.ask("GET", "/health")[0], 200, "the server was harmed")

    def post(self, body, extra=""):
        data = body if isinstance(body, bytes) else body.encode()
        return (f"POST /api/v1/recommendations HTTP/1.1\r\nHost: x\r\n{extra}"
                f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n").encode() + data

    def test_persistence(self):
        for text, closes in ((GET + "Connection: close\r\n\r\n", True), (GET + "\r\n", False),
                             (GET + "Connection: Keep-Alive\r\n\r\n", False),
                             (GET + "Connection: foo, CLOSE\r\n\r\n", True),
                             ("GET /health HTTP/1.0\r\n\r\n", True),
                             ("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False)):
            answer, closed = self.server.raw(text, timeout=0.5)
            self.assertEqual((statuses(answer), closed), ([200], closes), text)
            self.assertIn("Connection: close" if closes else "Connection: keep-alive", answer)

    def test_pipelined_requests_are_all_answered_in_order(self):
        survey = "GET /api/v1/survey-artists HTTP/1.1\r\nHost: x\r\n\r\n"
        last = "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer, closed = self.server.raw((GET + "\r\n" + survey) * 20 + last)
        self.assertTrue(closed)
        self.assertEqual(statuses(answer), [200] * 40 + [404])
        self.assertEqual(answer.count('"endpoints"'), 20)
        self.assertLess(answer.index('"endpoints"'), answer.index('"artists"'))

    def test_head_options_and_unknown_methods(self):
        answer, _ = self.server.raw("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n" + GET +
                                    "Connection: close\r\n\r\n")
        self.assertEqual(statuses(answer), [200, 200], "HEAD sent a body, or none came after it")
        head, get = answer.split("HTTP/1.1 ")[1:]
        self.assertTrue(head.endswith("\r\n\r\n"))
        length = [line for line in head.split("\r\n") if line.startswith("Content-Length")]
        self.assertEqual(length, [line for line in get.split("\r\n")
                                  if line.startswith("Content-Length")])
        for method, status in (("OPTIONS", 204), ("TRACE", 405), ("CONNECT", 405), ("FOO", 400)):
            answer, _ = self.server.raw(f"{method} /health HTTP/1.1\r\nHost: x\r\n"
                                        "Connection: close\r\n\r\n")
            self.assertEqual(statuses(answer), [status], method)

    def test_a_request_in_pieces(self):
        text = self.post('{"user_id": "nobody"}')
        with self.server.connect() as peer:
            for byte in text:
                peer.sendall(bytes([byte]))
            answer, closed = read_to_end(peer)
        self.assertEqual((statuses(answer), closed), ([404], True))

    def test_chunked_bodies(self):
        head = ("POST /api/v1/recommendations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                "Connection: close\r\n\r\n")
        good = head + '5;x=y\r\n{"use\r\nA\r\nr_id": "no\r\n7\r\nbody"} \r\n0\r\nTrailer: 1\r\n\r\n'
        answer, _ = self.server.raw(good)
        self.assertEqual(statuses(answer), [404])
        self.assertIn("No ratings found for user nobody", answer)
        for bad, status in (("zz\r\n", 400), ("-1\r\n", 400), ("5\r\n{\"useXX\r\n", 400),
                            ("fffffffffffffffffff\r\n", 413), ("20000\r\n", 413),
                            ("1\r\na\r\n" * 60000, 413), ("1;" + "x" * 1000, 400)):
            answer, closed = self.server.raw(head + bad)
            self.assertTrue(closed, bad[:20])
            self.assertEqual(statuses(answer), [status], bad[:20])

    def test_expect_100_continue(self):
        body = b'{"user_id": "nobody"}'
        head = self.post(body, "Expect: 100-continue\r\n")[:-len(body)]
        with self.server.connect() as peer:
            peer.sendall(head)
            self.assertEqual(peer.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            peer.sendall(body)
            self.assertEqual(statuses(read_to_end(peer)[0]), [404])
        answer, _ = self.server.raw(head + body)  # who does not wait is not told
        self.assertEqual(statuses(answer), [404])
        answer, _ = self.server.raw(self.post(body, "Expect: 200-ok\r\n"))
        self.assertEqual(statuses(answer), [417])

    def test_what_is_no_http(self):
        cases = {
            "FOO / HTTP/1.1\r\n\r\n": 400, "GET / HTTP/9.9\r\n\r\n": 400, "GET /\r\n\r\n": 400,
            "GET  HTTP/1.1\r\n\r\n": 400, "\0\0\0\0\r\n\r\n": 400, "GET / HTTP/1.1\r\n\r\n": 400,
            GET + "Host: y\r\n\r\n": 400, GET + " folded\r\n\r\n": 400,
            GET + "Bad Name: 1\r\n\r\n": 400, GET + ": no name\r\n\r\n": 400,
            GET + "A: \0\r\n\r\n": 400, GET + "Content-Length: -1\r\n\r\n": 400,
            GET + "Content-Length: abc\r\n\r\n": 400, GET + "Content-Length: \r\n\r\n": 400,
            GET + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n": 400,
            GET + "Content-Length: 100000000000000000000000\r\n\r\n": 413,
            GET + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
            GET + "Transfer-Encoding: gzip\r\n\r\n": 400,
            "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n": 400, "GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n": 400,
            "GET /?a=%z HTTP/1.1\r\nHost: x\r\n\r\n": 400,
            "GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n": 400,
            "GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n": 400,
            GET + "X: 1\r\n" * 200 + "\r\n": 431, GET + "X: " + "a" * 30000 + "\r\n\r\n": 431,
            GET + "X: " + "a" * 2**20: 431, "GET /" + "a" * 30000: 414,
        }
        for text, status in cases.items():
            answer, closed = self.server.raw(text.encode("latin-1"))
            self.assertTrue(closed, text[:60])
            self.assertEqual(statuses(answer), [status], text[:60])
            body = answer.split("\r\n\r\n", 1)[1]
            self.assertEqual(list(json.loads(body)), ["detail"], text[:60])
        answer, _ = self.server.raw(os.urandom(100_000))
        self.assertTrue(set(statuses(answer)) <= {400, 414, 431}, answer)

    def test_proxies_and_odd_but_right_requests(self):
        end = "Connection: close\r\n\r\n"
        for text in ("GET http://example.org/health HTTP/1.1\r\nHost: x\r\n" + end,
                     "\r\n\r\n" + GET + end, GET + "EMPTY:\r\n" + end,
                     "GET /health?a=1&&b&c=%20+ HTTP/1.1\r\nhost:x\r\n" + end,
                     GET + "X: \xe9\r\n" + end):
            answer, _ = self.server.raw(text.encode("latin-1"))
            self.assertEqual(statuses(answer), [200], text)

    def test_hostile_json(self):
        nan = '{"user_id": "a", "top_k": NaN}'
        for body in ("[" * 30000, '{"a":' * 10000, nan, '{"user_id": "a", "top_k": 1e999}',
                     '{"user_id": "a", "top_k": ' + "9" * 30000 + "}", b'{"user_id": "\xff\xfe"}',
                     '{"user_id": "\\ud800"}', '{"user_id": "' + "a" * 60000 + '"}', "\0" * 1000,
                     '{"user_id": "a", "top_k": -0.0}', b"\xef\xbb\xbf{}", "", "null"):
            answer, _ = self.server.raw(self.post(body))
            self.assertEqual(len(statuses(answer)), 1, body[:30])
            self.assertIn(statuses(answer)[0], (400, 422), body[:30])

    def test_a_client_that_stalls_is_told_and_let_go(self):
        begun = time.monotonic()
        for part in (GET, self.post("x" * 100)[:-50]):
            with self.server.connect() as peer:
                peer.sendall(part if isinstance(part, bytes) else part.encode())
                answer, closed = read_to_end(peer)
            self.assertEqual((statuses(answer), closed), ([408], True), part)
        self.assertLess(time.monotonic() - begun, 8)
        answer, closed = self.server.raw(GET + "\r\n" + GET, timeout=8)  # behind a whole one, too
        self.assertEqual((statuses(answer), closed), ([200, 408], True))
        # Also one that sends a byte now and then.
        with self.server.connect(0.2) as peer:
            begun = time.monotonic()
            peer.sendall(GET.encode())
            answer = b""
            while not answer:
                self.assertLess(time.monotonic() - begun, 8)
                try:
                    peer.sendall(b"X")
                    answer = peer.recv(100)
                except TimeoutError:
                    pass
        self.assertTrue(answer.startswith(b"HTTP/1.1 408"))

    def test_a_client_that_does_not_read(self):
        with socket.socket() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            peer.settimeout(LIMIT)
            peer.connect(("127.0.0.1", self.server.port))
            text = "GET /api/v1/survey-artists HTTP/1.1\r\nHost: x\r\n\r\n" * 100
            sent = 0
            peer.setblocking(False)
            begun = time.monotonic()
            while time.monotonic() - begun < 8:  # until it is let go
                try:
                    sent += peer.send(text.encode())
                except BlockingIOError:
                    time.sleep(0.05)
                except (BrokenPipeError, ConnectionResetError):
                    break
            else:
                self.fail(f"still connected after {sent} bytes")

    def test_half_closed_clients_get_their_answer(self):
        with self.server.connect() as peer:
            peer.sendall((GET + "\r\n").encode())
            peer.shutdown(socket.SHUT_WR)
            self.assertEqual(statuses(read_to_end(peer)[0]), [200])

    def test_bodies_without_end(self):
        """Everybody sends a huge body; health answers meanwhile, and nothing of it is kept."""
        size = 100 * 2**20 if FULL else 10 * 2**20
        before = self.server.rss_kib()
        answers = []

        def client(head):
            try:
                with self.server.connect() as peer:
                    try:
                        peer.sendall(head.encode())
                        for _ in range(size // 2**16):
                            peer.sendall(b"x" * 2**16)
                    except (BrokenPipeError, ConnectionResetError):
                        pass
                    answers.append(read_to_end(peer)[0])
            except ConnectionResetError:
                answers.append("")

        start = "POST /api/v1/ratings HTTP/1.1\r\nHost: x\r\n"
        heads = [start + f"Content-Length: {size}\r\n\r\n",
                 start + f"Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n",
                 start + "Content-Length: 100000000000000000000000\r\n\r\n", start + "X: "]
        clients = [threading.Thread(target=client, args=(head,)) for head in heads * 4]
        waits = []
        for thread in clients:
            thread.start()
        while not waits or any(thread.is_alive() for thread in clients):
            begun = time.monotonic()
            self.assertEqual(self.server.ask("GET", "/health")[0], 200)
            waits.append(time.monotonic() - begun)
        self.assertEqual(len(answers), len(clients))
        self.assertTrue(set(sum(map(statuses, answers), [])) <= {413, 431}, answers)
        self.assertLess(statistics.median(waits), 0.5)
        self.check_memory(before)

    def test_slow_loris(self):
        number = 500 if FULL else 150
        before = self.server.num_sockets()
        peers = []
        try:
            for i in range(number):
                peers.append(self.server.connect())
                peers[-1].sendall(GET.encode()[:1 + i % len(GET)])
            begun = time.monotonic()
            self.assertEqual(self.server.ask("GET", "/health")[0], 200)
            self.assertLess(time.monotonic() - begun, 2)
            for peer in peers:
                answer, closed = read_to_end(peer)
                self.assertEqual((statuses(answer), closed), ([408], True))
        finally:
            for peer in peers:
                peer.close()
        self.wait_for_sockets(before)

    def test_clients_that_come_and_go(self):
        before = (self.server.num_sockets(), self.server.rss_kib())
        question = self.post(json.dumps({"user_id": "nobody"}))
        for i in range(10_000 if FULL else 1_500):
            with self.server.connect() as peer:
                if i % 3 == 1:
                    peer.sendall(question[:40])
                elif i % 3 == 2:  # reset while the answer is made
                    peer.sendall(question)
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    b"\1\0\0\0\0\0\0\0")
        self.wait_for_sockets(before[0])
        self.check_memory(before[1])

    def check_memory(self, before):
        if not is_sanitized(SERVE):
            self.assertLess(self.server.rss_kib() - before, 8192)

    def wait_for_sockets(self, number):
        deadline = time.monotonic() + LIMIT
        while self.server.num_sockets() > number + 2:
            self.assertLess(time.monotonic(), deadline, "sockets were not given back")
            time.sleep(0.05)


class Limits(unittest.TestCase):
    def start(self, *options, preexec=None):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        server = Server(SERVE, MODEL, os.path.join(directory.name, "r.db"), *options,
                        preexec=preexec)
        self.addCleanup(server.end)
        return server

    def test_health_waits_behind_no_other_request_however_many_are_asked_in_a_row(self):
        server = self.start("--threads", "1")
        ids = [int(key) for key in server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        taste = {"ratings": ratings_of("", ids)["ratings"], "top_k": 50, "explain": True,
                 "diversity": 0.5}
        body = json.dumps({"requests": [taste] * 32})
        slow = ("POST /api/v1/recommendations/batch HTTP/1.1\r\nHost: x\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
        peers = [server.connect() for _ in range(12)]
        self.addCleanup(lambda: [peer.close() for peer in peers])
        for peer in peers:
            peer.sendall(slow)
        answer, _ = server.raw((GET + "\r\n") * 40 + GET + "Connection: close\r\n\r\n")
        self.assertEqual(statuses(answer), [200] * 41)
        still_waiting = 0
        for peer in peers:
            peer.setblocking(False)
            try:
                peer.recv(1)
            except BlockingIOError:
                still_waiting += 1
        self.assertGreater(still_waiting, 0)

    def test_beyond_the_most_connections_clients_are_sent_away(self):
        server = self.start("--max-connections", "20")
        peers = [server.connect() for _ in range(20)]
        self.addCleanup(lambda: [peer.close() for peer in peers])
        for peer in peers:
            peer.sendall((GET + "\r\n").encode())
            self.assertTrue(peer.recv(1000).startswith(b"HTTP/1.1 200"))
        with server.connect() as peer:
            answer, closed = read_to_end(peer)
        self.assertEqual((statuses(answer), closed), ([503], True))
        self.assertIn("Retry-After", answer)
        peers.pop().close()
        deadline = time.monotonic() + LIMIT
        while statuses(server.raw(GET + "Connection: close\r\n\r\n")[0]) != [200]:
            self.assertLess(time.monotonic(), deadline)

    @unittest.skipIf(is_sanitized(SERVE), "UBSan makes a pipe to look at an object, and cannot")
    def test_when_descriptors_run_out_clients_are_dropped_and_the_server_lives(self):
        server = self.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (150, 150)))
        # The one that it keeps for such times gets lost, as when a thread opens a file by it just then.
        folder = f"/proc/{server.process.pid}/fd"
        with server.connect() as peer:
            peer.sendall((GET + "\r\n").encode())
            self.assertTrue(peer.recv(1000).startswith(b"HTTP/1.1 200"))
            kept = len(os.listdir(folder)) - 1
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (5, 150))
        waiting = server.connect()
        self.addCleanup(waiting.close)
        deadline = time.monotonic() + LIMIT
        while len(os.listdir(folder)) >= kept:
            self.assertLess(time.monotonic(), deadline, "it was not let go")
            time.sleep(0.01)
        # Fewer than it reckoned with: as if its files had taken the rest.
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (60, 60))
        peers = [server.connect() for _ in range(100)]
        closed = 0
        for peer in peers:
            peer.settimeout(0.3)
            try:
                peer.sendall((GET + "\r\n").encode())
                closed += not peer.recv(1000)
            except (BrokenPipeError, ConnectionResetError):
                closed += 1
        self.assertGreater(closed, 20)
        self.assertLess(closed, 90)
        for peer in peers:
            peer.close()
        deadline = time.monotonic() + LIMIT
        while True:
            try:
                if server.ask("GET", "/health")[0] == 200:
                    break
            except OSError:
                self.assertLess(time.monotonic(), deadline)
        ids = [int(key) for key in server.ask("GET", "/api/v1/survey-artists")[1]["artists"]]
        self.assertEqual(server.ask("POST", "/api/v1/ratings", ratings_of("me", ids))[0], 201)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
