"""A running mrec-serve, and what the tests of the server ask of it."""
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading

LIMIT = 30  # seconds that anything may take
USER_BLOCK = 512


def is_sanitized(program):
    """Whether it was built with a sanitizer, under which memory says nothing."""
    with open(program, "rb") as file:
        return re.search(rb"__(asan|tsan)_init", file.read()) is not None


def seal(path):
    """Writes the sum of a changed file anew, so that the change is not taken for damage."""
    with open(path, "r+b") as file:
        file.seek(USER_BLOCK)
        digest = hashlib.sha256(file.read()).hexdigest()
        file.seek(0)
        kind = file.read(USER_BLOCK).split(b"\n")[0]
        file.seek(0)
        file.write((kind + f"\nsha256 {digest}\n".encode()).ljust(USER_BLOCK, b"\0"))
    return digest[:12]


class Server:
    """On a free port; ended by stop(). What it writes to stderr is in `log`."""

    def __init__(self, program, model, ratings, *options, preexec=None):
        self.process = subprocess.Popen(
            [program, "--model", model, "--ratings", ratings, "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=preexec)
        self.log = []
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+) .*\n", line)
        if not found:
            raise AssertionError(f"{line!r} {self.process.communicate(timeout=LIMIT)}")
        self.port = int(found[1])
        self._reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr),
                                        daemon=True)  # no reason for a test not to end
        self._reader.start()

    def stop(self, number=signal.SIGTERM):
        if self.process.stdout.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=LIMIT)
        self._reader.join(LIMIT)
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def end(self):
        """Ends it, unless a test has, and makes sure that it was well to its end."""
        was_running = self.process.poll() is None
        status = self.stop()
        if was_running and status != 0:
            raise AssertionError(f"the server ended with {status}: {self.log}")
        reports = [line for line in self.log if "Sanitizer" in line or "runtime error" in line]
        if reports:
            raise AssertionError("".join(self.log))

    def connect(self, timeout=LIMIT):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, data, timeout=5):
        """What comes until the server closes; `closed` is whether it did so in time."""
        with self.connect(timeout) as peer:
            try:
                peer.sendall(data if isinstance(data, bytes) else data.encode())
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all of it was sent
            return read_to_end(peer)

    def ask(self, method, path, body=None, headers=None):
        """Status, parsed body (or bytes, when it is no JSON), headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        try:
            return exchange(connection, method, path, body, headers)
        finally:
            connection.close()

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1])

    def num_sockets(self):
        folder = f"/proc/{self.process.pid}/fd"
        number = 0
        for name in os.listdir(folder):
            try:
                number += os.readlink(os.path.join(folder, name)).startswith("socket:")
            except FileNotFoundError:
                pass  # closed meanwhile
        return number


def exchange(connection, method, path, body=None, headers=None):
    data = json.dumps(body) if isinstance(body, (dict, list)) else body
    connection.request(method, path, data, headers or {})
    response = connection.getresponse()
    content = response.read()
    if response.headers.get("Content-Type", "").startswith("application/json") and \
            not response.headers.get("Content-Encoding"):
        content = json.loads(content) if content else None
    return response.status, content, response.headers


def read_to_end(peer):
    answer = b""
    try:
        while True:
            piece = peer.recv(65536)
            if not piece:
                return answer.decode("latin-1"), True
            answer += piece
    except TimeoutError:
        return answer.decode("latin-1"), False
    except ConnectionResetError:
        return answer.decode("latin-1"), True


def ratings_of(user, ids):
    return {"user_id": user,
            "ratings": [{"artist_id": a, "rank": r} for r, a in enumerate(ids, 1)]}
