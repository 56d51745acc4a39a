"""Simulated listeners, tags and tracks for real musicians. Nothing here is measured from people.

All randomness comes from random.Random(seed).random(), whose sequence Python guarantees, and
results are rounded before they are written, so that every machine makes the same bytes.
"""

import bisect
import itertools
import math
import random
from dataclasses import dataclass, field


@dataclass
class Scene:
    name: str
    genre: str
    size: float = 1.0  # listeners, beside other scenes
    near: list = field(default_factory=list)  # names of scenes
    tags: list = field(default_factory=list)  # the scene's own first, then the genre's
    sound: dict = field(default_factory=dict)  # audio feature -> mean


@dataclass
class Artist:
    name: str
    scene: Scene
    position: int  # in its scene, 0 for the best known


class Draws:
    """A stream of random draws for one purpose: changing one purpose leaves the others alone."""

    def __init__(self, seed, purpose):
        self._random = random.Random(f"{seed}/{purpose}")

    def uniform(self):
        return self._random.random()

    def below(self, n):
        return int(self.uniform() * n)

    def chance(self, probability):
        return self.uniform() < probability

    def normal(self, mean=0.0, deviation=1.0):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return mean + deviation * radius * math.cos(2 * math.pi * self.uniform())

    def gumbel(self):
        return -math.log(-math.log(1 - self.uniform() * (1 - 1e-12) - 1e-13))

    def choice(self, items):
        return items[self.below(len(items))]

    def weighted(self, items, weights):
        sums = list(itertools.accumulate(weights))
        return items[min(bisect.bisect(sums, self.uniform() * sums[-1]), len(items) - 1)]

    def shuffled(self, items):
        items = list(items)
        for n in range(len(items) - 1, 0, -1):
            other = self.below(n + 1)
            items[n], items[other] = items[other], items[n]
        return items


# How strongly a listener of one scene is drawn to an artist of another. With these the sample is
# neither trivial nor noise: docs/design.md, "The sample", has the figures.
SAME_SCENE = 1.0
NAMED_NEAR = 0.22
SAME_GENRE = 0.13
ELSEWHERE = 0.003


def closeness(taste, scene):
    if scene.name == taste.name:
        return SAME_SCENE
    if scene.name in taste.near or taste.name in scene.near:
        return NAMED_NEAR
    return SAME_GENRE if scene.genre == taste.genre else ELSEWHERE


def popularities(artists, seed):
    """Zipf within the scene, times the scene's size, times some luck."""
    draws = Draws(seed, "popularity")
    return [
        artist.scene.size * (artist.position + 2) ** -0.8 * math.exp(draws.normal(0, 0.25))
        for artist in artists
    ]


def draw_tastes(scenes, draws):
    """One to three scenes with weights; a second one is often near the first."""
    number = draws.weighted([1, 2, 3], [0.30, 0.42, 0.28])
    tastes = {}
    while len(tastes) < number:
        weights = [scene.size for scene in scenes]
        if tastes and draws.chance(0.5):
            first = scenes[next(iter(tastes))]
            weights = [
                w if closeness(first, scene) > ELSEWHERE else 0
                for w, scene in zip(weights, scenes)
            ]
        index = draws.weighted(range(len(scenes)), weights)
        tastes.setdefault(index, 0.4 + draws.uniform())
    return [(scenes[index], weight) for index, weight in tastes.items()]


def simulate_listening(artists, scenes, num_users, seed):
    """[users] of [(artist index, plays)], at most 50 each, in no order."""
    popularity = popularities(artists, seed)
    listening = []
    for user in range(num_users):
        draws = Draws(seed, f"listener {user}")
        tastes = draw_tastes(scenes, draws)
        pull = {
            scene.name: sum(weight * closeness(taste, scene) for taste, weight in tastes)
            for scene in scenes
        }
        # The largest of log(weight) + Gumbel noise are a draw without replacement.
        ranked = sorted(
            (-(math.log(popularity[a] * pull[artist.scene.name]) + draws.gumbel()), a)
            for a, artist in enumerate(artists)
        )
        if draws.chance(0.03):
            length = 1 + draws.below(2)
        else:
            length = max(3, min(50, round(math.exp(draws.normal(3.45, 0.55)))))
        keenness = draws.normal(5.2, 0.8)
        rows = []
        for _, a in draws.shuffled(ranked[:length]):
            liking = 0.5 * math.log(pull[artists[a].scene.name])
            rows.append((a, max(1, round(math.exp(draws.normal(keenness + liking, 0.9))))))
        listening.append(rows)
    return listening


GENERAL_TAGS = ["favorites", "awesome", "seen live", "love", "beautiful", "my music"]


def simulate_tagging(artists, listening, seed):
    """[(user index, artist index, tag, month, year)]: some listeners tag some of their artists."""
    rows = []
    for user, heard in enumerate(listening):
        draws = Draws(seed, f"tagger {user}")
        if not draws.chance(0.55):
            continue
        zeal = 0.1 + 0.5 * draws.uniform()
        for a, _ in heard:
            if not draws.chance(zeal):
                continue
            scene = artists[a].scene
            vocabulary = [scene.name, *scene.tags]
            weights = [1 / (place + 1) for place in range(len(vocabulary))]
            chosen = {draws.weighted(vocabulary, weights) for _ in range(1 + draws.below(3))}
            if draws.chance(0.08):
                chosen.add(draws.choice(GENERAL_TAGS))
            month, year = 1 + draws.below(12), 2006 + draws.below(6)
            rows += [(user, a, tag, month, year) for tag in sorted(chosen)]
    return rows


# Audio feature -> (spread between artists of a scene, between tracks of an artist).
SPREADS = {
    "energy": (0.08, 0.09),
    "danceability": (0.06, 0.08),
    "acousticness": (0.08, 0.10),
    "instrumentalness": (0.08, 0.08),
    "speechiness": (0.02, 0.02),
    "valence": (0.10, 0.13),
    "liveness": (0.04, 0.08),
    "tempo": (7, 18),
    "loudness": (1.2, 1.5),
}


def bounded(feature, value):
    if feature == "tempo":
        return round(min(max(value, 50), 210), 3)
    if feature == "loudness":
        return round(min(value, 0.5), 3)
    floor = 0.02 if feature in ("speechiness", "danceability", "valence", "liveness") else 0.0
    return round(min(max(value, floor), 0.99), 4)


def simulate_tracks(artists, seed):
    """[artists] of [track], a dict of the table's columns but for those that name something."""
    popularity = popularities(artists, seed)
    tracks = []
    for a, artist in enumerate(artists):
        draws = Draws(seed, f"tracks of {artist.name}")
        sound = artist.scene.sound
        own = {f: draws.normal(sound[f], between) for f, (between, _) in SPREADS.items()}
        fame = 60 + 14 * math.log(popularity[a])
        rows = []
        for _ in range(3 + draws.below(6)):
            track = {
                f: bounded(f, draws.normal(own[f], within)) for f, (_, within) in SPREADS.items()
            }
            track["popularity"] = max(0, min(100, round(draws.normal(fame, 8))))
            track["duration_ms"] = max(40_000, round(draws.normal(235_000, 50_000)))
            track["explicit"] = draws.chance(min(0.6, 2 * max(0.0, own["speechiness"] - 0.06)))
            track["key"] = draws.below(12)
            track["mode"] = int(draws.chance(0.63))
            track["time_signature"] = draws.weighted([4, 3, 5, 1], [0.91, 0.07, 0.015, 0.005])
            rows.append(track)
        tracks.append(rows)
    return tracks
