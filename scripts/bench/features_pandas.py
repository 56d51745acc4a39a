"""The statistics of mrec-bench-features summarize, by pandas. Prints wall and CPU seconds.

usage: features_pandas.py TRACKS.csv [STATISTICS.csv]
"""
import sys
import time

import numpy as np
import pandas as pd

COLUMNS = ["popularity", "duration_ms", "explicit", "danceability", "energy", "key", "loudness",
           "mode", "speechiness", "acousticness", "instrumentalness", "liveness", "valence",
           "tempo", "time_signature", "year"]


def summarize(path):
    tracks = pd.read_csv(path, usecols=["track_id", "artists"] + COLUMNS,
                         dtype={name: np.float32 for name in COLUMNS})
    tracks = tracks.drop_duplicates(["track_id", "artists"])
    tracks["artists"] = tracks["artists"].str.split(";")
    tracks = tracks.explode("artists", ignore_index=True)
    tracks = tracks.drop_duplicates(["track_id", "artists"])
    codes, names = pd.factorize(tracks["artists"])
    values = tracks[COLUMNS].astype(np.float64)
    groups = values.groupby(codes, sort=False)
    weights = 1 + values["popularity"].fillna(0)
    weighted = values.mul(weights, axis=0).groupby(codes, sort=False).sum()
    total = values.notna().mul(weights, axis=0).groupby(codes, sort=False).sum()
    quantiles = groups.quantile([0.25, 0.5, 0.75])
    return names, {
        "mean": groups.mean(),
        "std": groups.std(ddof=0),
        "min": groups.min(),
        "max": groups.max(),
        "count": groups.count(),
        "q25": quantiles.xs(0.25, level=1),
        "median": quantiles.xs(0.5, level=1),
        "q75": quantiles.xs(0.75, level=1),
        "weighted": weighted / total,
    }


def main():
    begin, begin_cpu = time.perf_counter(), time.process_time()
    names, statistics = summarize(sys.argv[1])
    print(f"{time.perf_counter() - begin:.3f} {time.process_time() - begin_cpu:.3f} "
          f"{len(names)} artists")
    if len(sys.argv) > 2:
        table = pd.concat([statistics[name].stack(dropna=False) for name in statistics], axis=1,
                          keys=statistics)
        table.index.names = ["artist", "column"]
        table = table.reset_index()
        table["artist"] = names[table["artist"]]
        table.to_csv(sys.argv[2], index=False)


if __name__ == "__main__":
    main()
