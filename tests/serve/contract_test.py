#!/usr/bin/env python3
"""The contract as its clients know it, against a real server with the sample's model.

contract_test.py MREC_SERVE MODEL DATASET MREC_TRAIN

The original client's three calls; 200 made-up requests against an independent reading of the table
of refusals; every list recomputed from model.h5 with numpy, of MODEL and of one with the square loss;
answers and bounds against /openapi.json; docs/rest.md against what the program prints.
"""
import atexit
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py
import numpy as np
import requests

from serving import LIMIT, Server, seal

SERVE, MODEL, DATASET, TRAIN = sys.argv[1:5]
REST_MD = pathlib.Path(__file__).resolve().parents[2] / "docs" / "rest.md"

FOLDER = tempfile.TemporaryDirectory()
atexit.register(FOLDER.cleanup)
SERVER = Server(SERVE, MODEL, os.path.join(FOLDER.name, "r.db"))
atexit.register(SERVER.stop, signal.SIGKILL)
URL = f"http://127.0.0.1:{SERVER.port}"
API_BASE_URL = URL + "/api/v1"


# The original's client, call by call as in its contract.
def fetch_artists():
    response = requests.get(f"{API_BASE_URL}/survey-artists", timeout=LIMIT)
    response.raise_for_status()
    return {int(artist_id): artist for artist_id, artist in response.json()["artists"].items()}


def submit_ratings(user_id, ratings):
    response = requests.post(f"{API_BASE_URL}/ratings",
                             json={"user_id": user_id, "ratings": ratings}, timeout=LIMIT)
    if response.status_code == 201:
        return True, response.json()["message"]
    return False, response.json()["detail"]


def get_recommendations(user_id, top_k=10):
    response = requests.post(f"{API_BASE_URL}/recommendations",
                             json={"user_id": user_id, "top_k": top_k}, timeout=LIMIT)
    if response.status_code == 200:
        return True, response.json()["recommendations"]
    return False, response.json()["detail"]


def ask(method, path, **options):
    return requests.request(method, URL + path, timeout=LIMIT, allow_redirects=False, **options)


def raw_status(path):
    """Of a GET whose path no client library has put right."""
    answer, _ = SERVER.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return int(answer.split(" ", 2)[1])


# The table of refusals once more, in Python: (type, loc) of every fault in order.
def int_faults(value, loc, least=None, most=None):
    if isinstance(value, bool):
        number = int(value)
    elif isinstance(value, int):
        number = value
    elif isinstance(value, float):
        if value != int(value):
            return [("int_from_float", loc)]
        number = int(value)
    elif isinstance(value, str):
        if not re.fullmatch(r"\s*[+-]?\d+(_\d+)*(\.0+)?\s*", value):
            return [("int_parsing", loc)]
        number = int(value.strip().split(".")[0])
    else:
        return [("int_type", loc)]
    if least is not None and number < least:
        return [("greater_than_equal", loc)]
    if most is not None and number > most:
        return [("less_than_equal", loc)]
    return []


def user_faults(body):
    loc = ["body", "user_id"]
    if "user_id" not in body:
        return [("missing", loc)]
    user = body["user_id"]
    if not isinstance(user, str):
        return [("string_type", loc)]
    if not user:
        return [("string_too_short", loc)]
    return [("string_too_long", loc)] if len(user) > 100 else []


def rating_faults(body):
    loc = ["body", "ratings"]
    if "ratings" not in body:
        return [("missing", loc)]
    ratings = body["ratings"]
    if not isinstance(ratings, list):
        return [("list_type", loc)]
    if not ratings or len(ratings) > 10:
        return [("too_long" if ratings else "too_short", loc)]
    faults = []
    for at, item in enumerate(ratings):
        if not isinstance(item, dict):
            faults.append(("model_attributes_type", loc + [at]))
            continue
        for name, bounds in (("artist_id", ()), ("rank", (1, 10))):
            if name in item:
                faults += int_faults(item[name], loc + [at, name], *bounds)
            else:
                faults.append(("missing", loc + [at, name]))
    if not faults:
        for name in ("artist_id", "rank"):
            values = [int(float(item[name])) for item in ratings]
            if len(set(values)) < len(values):
                return [("value_error", loc)]
    return faults


def submission_faults(body):
    if not isinstance(body, dict):
        return [("missing" if body is None else "model_attributes_type", ["body"])]
    return user_faults(body) + rating_faults(body)


def query_faults(body):
    if not isinstance(body, dict):
        return [("missing" if body is None else "model_attributes_type", ["body"])]
    top_k = int_faults(body["top_k"], ["body", "top_k"], 1, 50) if "top_k" in body else []
    return user_faults(body) + top_k


class Contract(unittest.TestCase):
    def test_the_original_client_works_unchanged(self):
        artists = fetch_artists()
        self.assertEqual(len(artists), 10)
        self.assertEqual(len({artist["name"] for artist in artists.values()}), 10)
        ok, detail = get_recommendations("client")
        self.assertEqual((ok, detail), (False, "No ratings found for user client. "
                                               "Please submit ratings first."))
        ratings = [{"artist_id": artist["artist_id"], "rank": rank}
                   for rank, artist in enumerate(artists.values(), 1)]
        self.assertEqual(submit_ratings("client", ratings),
                         (True, "Successfully saved 10 ratings for user client"))
        ok, listed = get_recommendations("client", 5)
        self.assertTrue(ok)
        self.assertEqual([one["rank"] for one in listed], [1, 2, 3, 4, 5])
        self.assertEqual([one["score"] for one in listed],
                         sorted((one["score"] for one in listed), reverse=True))
        self.assertFalse({one["artist_id"] for one in listed} & set(artists))
        for one in listed:
            self.assertRegex(f"{one['artist_name']}: {one['score']:.1%}", r".+: \d\d?\.\d%")
        self.assertEqual(submit_ratings("client", [{"artist_id": -1, "rank": 1}]),
                         (False, "Invalid artist IDs: [-1]"))

    def test_200_requests_get_the_statuses_and_faults_of_the_table(self):
        rng = random.Random(6)
        ids = list(fetch_artists())
        with h5py.File(MODEL) as file:
            catalogue = set(file["artists/id"][:].tolist())
        odd = [None, True, False, 0, 1, 11, -3, 5.0, 5.5, "7", "+3", " 4 ", "x", "", "1_0", "3.0",
               [], {}, 10 ** 6]
        users = ["me", "\u7530" * 100, "\u7530" * 101, "", "x" * 101, " ", 5, None, [], "A.B"]

        def some(usual, share=0.75):
            return usual if rng.random() < share else rng.choice(odd)

        statuses = {}
        for number in range(200):
            is_query = number % 3 == 0
            body = {}
            if rng.random() < 0.95:
                body["user_id"] = "me" if rng.random() < 0.7 else rng.choice(users)
            if is_query:
                if rng.random() < 0.8:
                    body["top_k"] = some(rng.randint(1, 50), 0.4)
            elif rng.random() < 0.95:
                count = rng.choice([0, 1, 2, 3, 10, 11])
                ranks = rng.sample(range(1, 12), count)
                chosen = rng.sample(ids, min(count, 10)) + ids[:max(0, count - 10)]
                items = []
                for artist, rank in zip(chosen, ranks):
                    item = {"artist_id": some(artist, 0.9), "rank": some(min(rank, 10), 0.9)}
                    if rng.random() < 0.05:
                        del item[rng.choice(["artist_id", "rank"])]
                    items.append(item if rng.random() < 0.97 else rng.choice(odd))
                body["ratings"] = some(items, 0.93)
            if rng.random() < 0.05:
                body = rng.choice([None, [], 5, "text"])
            faults = query_faults(body) if is_query else submission_faults(body)
            answer = ask("POST", "/api/v1/" + ("recommendations" if is_query else "ratings"),
                         data=json.dumps(body))
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            if faults:
                self.assertEqual(answer.status_code, 422, body)
                told = [(one["type"], one["loc"]) for one in answer.json()["detail"]]
                self.assertEqual(told, [tuple(one) for one in faults], body)
                for one in answer.json()["detail"]:
                    self.assertTrue(one["msg"])
                    self.assertIn("input", one)
            elif is_query:
                self.assertIn(answer.status_code, (200, 404), body)
            else:
                known = all(int(float(item["artist_id"])) in catalogue
                            for item in body["ratings"])
                self.assertEqual(answer.status_code, 201 if known else 400, body)
        self.assertGreater(statuses[422], 40, statuses)
        self.assertGreater(statuses[201], 10, statuses)

    def test_lists_are_those_that_numpy_computes_from_the_file(self):
        self.check_lists(MODEL, ask)

    def test_so_they_are_with_the_square_loss(self):
        model = os.path.join(FOLDER.name, "square.h5")
        subprocess.run([TRAIN, "--dataset", DATASET, "--model", model, "--loss", "ials", "--dim",
                        "16", "--epochs", "3"], check=True, capture_output=True, timeout=LIMIT)
        server = Server(SERVE, model, os.path.join(FOLDER.name, "square.db"))
        self.addCleanup(server.stop, signal.SIGKILL)
        self.check_lists(model, lambda method, path, **options: requests.request(
            method, f"http://127.0.0.1:{server.port}{path}", timeout=LIMIT, **options))

    def check_lists(self, model, ask):
        with h5py.File(model) as file:
            ids = file["artists/id"][:]
            names = [name.decode() for name in file["artists/name"][:]]
            factors = file["artist_factors"][:].astype(float)
            bias = file["artist_bias"][:].astype(float)
            params = dict(file["params"].attrs)
            is_square = params["loss"] == "ials"
            fold_in = file["fold_in/gram" if is_square else "fold_in/map"][:].astype(float)
            users = file["user_factors"][:].astype(float)
            user_ids = file["users/id"][:]
            calibration = dict(file["calibration"].attrs)
        place = {artist: at for at, artist in enumerate(ids)}
        rng = np.random.default_rng(1)
        if is_square:
            np.testing.assert_allclose(fold_in, factors.T @ factors, rtol=1e-5, atol=1e-6)

        def folded_in(places, weights):
            if not is_square:
                mean = weights @ factors[places] / weights.sum()
                return np.append(mean, 1) @ fold_in
            unheard = float(params["unheard_weight"])
            ridge = float(params["regularization"]) * (
                len(places) + unheard * len(ids)) ** float(params["regularization_exponent"])
            heard, c = factors[places], 1 + float(params["confidence"]) * weights
            targets = np.maximum(0.1, 1 + float(params["target_spread"]) * (weights - 1))
            system = unheard * fold_in + heard.T * c @ heard + ridge * np.eye(len(fold_in))
            return np.linalg.solve(system, heard.T @ (c * targets))

        def check(listed, vector, out):
            scores = factors @ vector + bias
            scores[list(out)] = -np.inf
            best = np.argsort(-scores, kind="stable")[:len(listed)]
            self.assertEqual([one["artist_id"] for one in listed], [int(ids[a]) for a in best])
            self.assertEqual([one["artist_name"] for one in listed], [names[a] for a in best])
            np.testing.assert_allclose([one["raw_score"] for one in listed], scores[best],
                                       rtol=1e-5, atol=1e-5)
            odds = float(calibration["slope"]) * scores[best] + float(calibration["offset"])
            np.testing.assert_allclose([one["score"] for one in listed], 1 / (1 + np.exp(-odds)),
                                       rtol=1e-4)

        for number in range(30):
            count = int(rng.integers(1, 11))
            rated = rng.choice(ids, count, replace=False)
            weights = 1.1 - 0.1 * np.arange(1, count + 1)
            places = [place[artist] for artist in rated]
            method = "mean" if number % 3 == 0 else "fold_in"
            vector = (weights @ factors[places] / weights.sum() if method == "mean" else
                      folded_in(places, weights))
            body = {"ratings": [{"artist_id": int(artist), "rank": rank}
                                for rank, artist in enumerate(rated, 1)],
                    "method": method, "explain": True}
            answer = ask("POST", "/api/v1/recommendations/taste", json=body).json()
            check(answer["recommendations"], vector, places)
            for one in answer["recommendations"]:
                total = one["bias"] + sum(part["contribution"] for part in one["explanation"])
                self.assertAlmostEqual(total, one["raw_score"], delta=1e-4)
        for user in (0, 1, len(user_ids) - 1):
            answer = ask("GET", f"/api/v1/users/{user_ids[user]}/recommendations").json()
            check(answer["recommendations"], users[user], [])

        lengths = np.linalg.norm(factors, axis=1)
        similar = ask("GET", f"/api/v1/artists/{ids[3]}/similar?limit=5").json()["similar"]
        cosines = factors @ factors[3] / np.maximum(lengths * lengths[3], 1e-30)
        cosines[3] = -np.inf
        np.testing.assert_allclose([one["similarity"] for one in similar],
                                   np.sort(cosines)[::-1][:5], rtol=1e-5)

    def evaluate(self, model, path):
        subprocess.run([os.path.join(os.path.dirname(TRAIN), "mrec-evaluate"), "--dataset", DATASET,
                        "--model", model, "--json", path], check=True, capture_output=True,
                       timeout=LIMIT)

    def test_what_else_is_known_of_the_model_is_told(self):
        evaluation = os.path.join(FOLDER.name, "evaluation.json")
        other = os.path.join(FOLDER.name, "other.h5")
        subprocess.run([TRAIN, "--dataset", DATASET, "--model", other, "--dim", "4", "--epochs", "1"],
                       check=True, capture_output=True, timeout=LIMIT)
        self.evaluate(other, evaluation)
        trials = [{"number": 0, "state": "complete", "value": 0.1, "params": {"dim": 8}}]
        study = os.path.join(FOLDER.name, "trials.json")
        pathlib.Path(study).write_text(json.dumps(trials), encoding="utf-8")
        server = Server(SERVE, MODEL, os.path.join(FOLDER.name, "told.db"), "--dataset", DATASET,
                        "--evaluation", evaluation, "--study", study)
        self.addCleanup(server.end)

        model = server.ask("GET", "/api/v1/model")[1]
        self.assertEqual(model["trials"], trials)
        with h5py.File(MODEL) as file:
            metrics = dict(file["metrics"].attrs)
        self.assertEqual([one["epoch"] for one in model["training"]], [5, 10, 15, 20, 25, 30])
        self.assertEqual([f"{one['epoch']} {one['value']!r}" for one in model["training"]],
                         metrics["validation_ndcg@10_by_epoch"].split(", "))
        self.assertEqual(model["metrics"],
                         {"validation_ndcg@10": float(metrics["validation_ndcg@10"])})
        self.assertNotIn("evaluation", model, "it is of another model")
        deadline = time.monotonic() + LIMIT
        while not any("is not of model" in line for line in server.log):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        self.evaluate(MODEL, evaluation)
        while "evaluation" not in model:
            self.assertLess(time.monotonic(), deadline, "the new file was not seen")
            time.sleep(0.1)
            model = server.ask("GET", "/api/v1/model")[1]
        written = json.loads(pathlib.Path(evaluation).read_text(encoding="utf-8"))
        self.assertEqual(model["evaluation"]["reports"], written["reports"])
        self.assertGreater(len(written["reports"]), 1, "no baselines")
        self.assertEqual(model["evaluation"]["facts"]["dataset"], os.path.basename(DATASET))
        self.assertNotIn("/", json.dumps(model["evaluation"]["facts"]), "a path of this machine")

        with h5py.File(MODEL) as file, h5py.File(DATASET) as dataset:
            ids = file["artists/id"][:]
            heard = set()
            for part in ("train", "valid"):
                begin, end = dataset[part]["indptr"][3:5]
                heard |= {int(ids[a]) for a in dataset[part]["indices"][begin:end]}
            user = f"/api/v1/users/{file['users/id'][3]}/recommendations?top_k=50"
        answer = server.ask("GET", user)[1]
        self.assertTrue(heard)
        self.assertEqual(answer["excludes_heard"], True)
        self.assertEqual(heard & {one["artist_id"] for one in answer["recommendations"]}, set())
        self.assertEqual(answer["total"], len(ids) - len(heard))
        everything = server.ask("GET", user + "&exclude_heard=false")[1]
        self.assertEqual(everything["excludes_heard"], False)
        self.assertTrue(heard & {one["artist_id"] for one in everything["recommendations"]})
        self.assertEqual(everything, ask("GET", user).json(), "as where nothing is known")

    def test_files_that_belong_to_no_model_are_refused(self):
        database = os.path.join(FOLDER.name, "refused.db")
        other = os.path.join(FOLDER.name, "other.json")
        pathlib.Path(other).write_text('{"a": 1}', encoding="utf-8")
        for option, path, reason in (
                ("--evaluation", other, "is not what mrec-evaluate --json writes"),
                ("--evaluation", MODEL, "is not JSON"), ("--study", other, "is not what mrec-study"),
                ("--study", other + "2", "cannot be opened"), ("--dataset", MODEL, MODEL),
                ("--dataset", self.other_dataset(), "is not the dataset that the model was")):
            result = subprocess.run([SERVE, "--model", MODEL, "--ratings", database, "--port", "0",
                                     option, path], capture_output=True, text=True, timeout=LIMIT,
                                    check=False)
            self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1), result.stderr)
            self.assertIn(reason, result.stderr)
        self.assertFalse(os.path.exists(database))

    @staticmethod
    def other_dataset():
        path = os.path.join(FOLDER.name, "other-dataset.h5")
        shutil.copyfile(DATASET, path)
        with h5py.File(path, "r+") as file:
            file["provenance"].attrs["created_at"] = "another day"
        seal(path)
        return path

    def test_answers_and_bounds_are_those_of_the_description(self):
        api = ask("GET", "/openapi.json").json()
        self.assertEqual(api["openapi"], "3.1.0")
        schemas = api["components"]["schemas"]

        def resolved(schema):
            return schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema

        kinds = {"integer": int, "number": (int, float), "string": str, "boolean": bool,
                 "array": list, "object": dict}

        def check(value, schema, where):
            schema = resolved(schema)
            if "type" not in schema:
                return
            self.assertIsInstance(value, kinds[schema["type"]], where)
            if schema["type"] == "array":
                for item in value:
                    check(item, schema["items"], where)
            for name in schema.get("required", []):
                self.assertIn(name, value, where)
            for name, inner in schema.get("properties", {}).items():
                if name in value:
                    check(value[name], inner, where + "." + name)

        ids = list(fetch_artists())
        with h5py.File(MODEL) as file:
            known = int(file["users/id"][0])
        ratings = [{"artist_id": ids[0], "rank": 1}, {"artist_id": ids[1], "rank": 2}]
        bodies = {"RatingSubmission": {"user_id": "described", "ratings": ratings},
                  "RatingReplacement": {"ratings": ratings},
                  "RecommendationRequest": {"user_id": "described", "explain": True},
                  "TasteRequest": {"ratings": ratings, "explain": True},
                  "BatchRequest": {"requests": [{"user_id": "described"}, {"ratings": ratings}]}}
        elsewhere = {"/health/ready", "/metrics", "/admin/reload"}
        calls = [(path, method, operation) for path, methods in api["paths"].items()
                 for method, operation in methods.items() if path not in elsewhere]
        self.assertGreater(len(calls), 15)
        calls.sort(key=lambda call: call[1] == "delete")  # last: others need what it erases
        for path, method, operation in calls:
            where = method + " " + path
            filled = path.replace("{artist_id}", str(ids[0]))
            filled = filled.replace("{user_id}", str(known) if "/users/" in path else "described")
            body = operation.get("requestBody")
            given = None
            if body:
                body = body["content"]["application/json"]["schema"]
                given = bodies[body["$ref"].rsplit("/", 1)[1]]
            answer = ask(method, filled, json=given)
            status, success = next(iter(operation["responses"].items()))
            self.assertEqual(answer.status_code, int(status), where + answer.text)
            if "content" in success:
                check(answer.json(), success["content"]["application/json"]["schema"], where)

            # A bound that is told is a bound that holds, and no tighter.
            for one in operation.get("parameters", []):
                if one["in"] == "query":
                    for value, expected in self.around(one["schema"]):
                        status = ask(method, filled, params={one["name"]: value}).status_code
                        self.assertEqual(status == 422, expected, f"{where} {one['name']}={value}")
            for name, schema in resolved(body or {}).get("properties", {}).items():
                for value, expected in self.around(schema):
                    changed = dict(given, **{name: value})
                    status = ask(method, filled, json=changed).status_code
                    self.assertEqual(status == 422, expected, f"{where} {name}={value}")

    @staticmethod
    def around(schema):
        """Values at a bound and beyond it, and whether they must be refused."""
        if schema.get("type") in ("integer", "number"):
            step = 1 if schema["type"] == "integer" else 0.01
            for bound, sign in (("minimum", -1), ("maximum", 1)):
                if bound in schema:
                    yield schema[bound], False
                    yield schema[bound] + sign * step, True
        if schema.get("type") == "string" and "maxLength" in schema:
            yield "x" * schema["maxLength"], False
            yield "x" * (schema["maxLength"] + 1), True
        if schema.get("type") == "array" and schema["items"].get("type") == "integer":
            yield list(range(schema["maxItems"])), False
            yield ["x"], True

    def test_errors_are_problems_where_these_are_asked_for(self):
        headers = {"Accept": "application/problem+json"}
        for method, path, body, status in (
                ("GET", "/nowhere", None, 404), ("PATCH", "/api/v1/ratings", None, 405),
                ("GET", "/api/v1/artists/-1", None, 404), ("GET", "/api/v1/artists/x", None, 422),
                ("POST", "/api/v1/ratings", "{", 422), ("POST", "/api/v1/recommendations", "{}", 422),
                ("PUT", "/api/v1/ratings/a%20b",
                 '{"ratings": [{"artist_id": -5, "rank": 1}]}', 400)):
            answer = ask(method, path, data=body, headers=headers)
            self.assertEqual(answer.status_code, status, path)
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            problem = answer.json()
            self.assertEqual((problem["type"], problem["status"]), ("about:blank", status))
            self.assertEqual(problem["instance"], path)
            self.assertIsInstance(problem["detail"], str)
            self.assertTrue(problem["title"])
            self.assertEqual("errors" in problem, status == 422)
            self.assertIn("detail", ask(method, path, data=body).json(), "and else as ever")

    def test_paths(self):
        self.assertEqual(ask("GET", "/api/v1/genres/").headers["Location"], "/api/v1/genres")
        self.assertEqual(ask("GET", "//evil.example/").status_code, 404)
        answer = ask("POST", "/api/v1/ratings/me", json={})
        self.assertEqual(answer.status_code, 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, PUT, DELETE, OPTIONS")
        answer = ask("HEAD", "/api/v1/genres")
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertEqual(raw_status("/h%65alth"), 200, "decoded once")
        self.assertEqual(raw_status("/api/v1/survey%2dartists"), 200)
        for path in ("/h%2565alth", "/api%2Fv1%2Fgenres", "/%2fhealth", "/health%2Flive%2F"):
            self.assertEqual(raw_status(path), 404, path)
        self.assertEqual(raw_status("/api/v1/ratings/{user_id}"), 404, "of a user of that name")
        user = "a/b ?\u00e9%"
        quoted = requests.utils.quote(user, safe="")
        ratings = [{"artist_id": next(iter(fetch_artists())), "rank": 1}]
        self.assertEqual(ask("PUT", f"/api/v1/ratings/{quoted}",
                             json={"ratings": ratings}).json()["user_id"], user)
        self.assertEqual(get_recommendations(user)[0], True)
        self.assertEqual(ask("GET", f"/api/v1/ratings/{quoted}").json()["count"], 1)
        self.assertEqual(ask("DELETE", f"/api/v1/ratings/{quoted}").status_code, 204)
        self.assertEqual(ask("GET", f"/api/v1/ratings/{quoted}").status_code, 404)
        self.assertEqual(ask("GET", "/", headers={"Accept": "text/html"}).headers["Location"],
                         "/app/")

    def test_the_documentation_is_up_to_date_and_needs_no_network(self):
        printed = subprocess.run([SERVE, "--print-rest"], capture_output=True, text=True, check=True,
                                 timeout=LIMIT).stdout
        self.assertEqual(printed, REST_MD.read_text(encoding="utf-8"),
                         "run: mrec-serve --print-rest > docs/rest.md")
        described = subprocess.run([SERVE, "--print-openapi"], capture_output=True, text=True,
                                   check=True, timeout=LIMIT).stdout
        self.assertEqual(json.loads(described), ask("GET", "/openapi.json").json())
        page = ask("GET", "/docs")
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
        self.assertNotRegex(page.text, r"https?://|src=|@import")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
