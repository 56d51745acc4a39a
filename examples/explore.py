# %% [markdown]
# # What is in dataset.h5 and model.h5, from Python
#
# Runs as a script, `python3 explore.py dataset.h5 model.h5 [USER_ID ...]`, and cell by cell in editors that
# know `# %%`. Needs h5py, numpy and scipy; plots need matplotlib, an AnnData object anndata.

# %%
import sys

import h5py
import numpy as np
import scipy.sparse

DATASET, MODEL = sys.argv[1:3] if len(sys.argv) > 2 else ("dataset.h5", "model.h5")


def csr(group):
    """A matrix as scipy knows it: rows are users or artists."""
    return scipy.sparse.csr_matrix((group["data"][:], group["indices"][:], group["indptr"][:]),
                                   shape=tuple(group.attrs["shape"]))


# %% [markdown]
# ## The data set: who listened to whom, and what is known of the artists

# %%
with h5py.File(DATASET) as file:
    train, valid, test = (csr(file[part]) for part in ("train", "valid", "test"))
    features, tags = csr(file["features"]), csr(file["tags"])
    feature_names = file["features/name"].asstr()[:]
    tag_names = file["tags/name"].asstr()[:]
    genres = file["artists/genre"].asstr()[:]

users, artists = train.shape
listeners = np.diff(train.tocsc().indptr)
print(f"{users} users, {artists} artists; interactions: {train.nnz} train, {valid.nnz} valid, "
      f"{test.nnz} test; {100 * train.nnz / users / artists:.2f} % of the matrix")
print("most frequent tags:",
      ", ".join(tag_names[np.argsort(-tags.sum(axis=0).A1, kind="stable")[:8]]))

# %% [markdown]
# ## The model: a vector and a bias for every artist and user

# %%
with h5py.File(MODEL) as file:
    artist_id, name = file["artists/id"][:], file["artists/name"].asstr()[:]
    artist_factors, artist_bias = file["artist_factors"][:], file["artist_bias"][:]
    user_id, user_factors = file["users/id"][:], file["user_factors"][:]
    params = dict(file["params"].attrs)
    metrics = dict(file["metrics"].attrs)
print("trained with", ", ".join(f"{key} = {params[key]}" for key in ("loss", "dim", "epochs")))
print("metrics:", ", ".join(f"{key} = {value}" for key, value in metrics.items()))


# %% [markdown]
# ## Recommending
#
# A score is the user's vector times the artist's, plus the artist's bias; what the user is known to have
# heard is left out. That is `mrec-recommend --dataset dataset.h5 --model model.h5 --user ID`.

# %%
def recommend(user, k=10):
    """[(artist index, score)] for the index of a user, the best first."""
    scores = artist_factors @ user_factors[user] + artist_bias
    heard = np.concatenate([part[user].indices for part in (train, valid)])
    scores[heard] = -np.inf
    best = np.argsort(-scores, kind="stable")[:k]
    return [(artist, float(scores[artist])) for artist in best]


for number in [int(text) for text in sys.argv[3:]] or user_id[:1]:
    user = int(np.flatnonzero(user_id == number)[0])
    played = train[user]
    favourites = played.indices[np.argsort(-played.data, kind="stable")[:5]]
    print(f"user {number} has heard", ", ".join(name[favourites]), "...")
    for position, (artist, score) in enumerate(recommend(user), 1):
        print(number, position, artist_id[artist], name[artist], f"{score:.4f}", sep="\t")

# %% [markdown]
# ## Neighbours: artists whose vectors point the same way

# %%
directions = artist_factors / np.maximum(np.linalg.norm(artist_factors, axis=1, keepdims=True), 1e-12)
for artist in np.argsort(-listeners, kind="stable")[:3]:
    near = np.argsort(-(directions @ directions[artist]), kind="stable")[1:6]
    print(f"near {name[artist]}:", ", ".join(name[near]))

# %% [markdown]
# ## AnnData: artists as observations, features as variables, for scanpy and the like

# %%
try:
    import anndata
except ImportError:
    print("no anndata: python3-anndata or `pip install anndata` gives an AnnData object here")
else:
    data = anndata.AnnData(features)
    data.obs_names, data.var_names = artist_id.astype(str), feature_names
    data.obs["name"], data.obs["genre"], data.obs["listeners"] = name, genres, listeners
    data.obsm["X_mrec"] = artist_factors
    print(data)

# %% [markdown]
# ## Plots: the long tail, and artists on the first two axes of their vectors

# %%
try:
    import matplotlib
except ImportError:
    print("no matplotlib: python3-matplotlib or `pip install matplotlib` gives plots here")
else:
    matplotlib.use("Agg")  # into a file; leave this line out in a notebook
    from matplotlib import pyplot

    figure, (tail, plane) = pyplot.subplots(1, 2, figsize=(11, 4.5))
    tail.loglog(1 + np.arange(artists), np.sort(listeners)[::-1])
    tail.set(xlabel="artists, the most popular first", ylabel="listeners in train")
    centred = artist_factors - artist_factors.mean(axis=0)
    axes = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    labels, counts = np.unique(genres[genres != ""], return_counts=True)
    plane.scatter(*axes.T, s=4, color="lightgray")
    for label in labels[np.argsort(-counts)[:6]]:
        plane.scatter(*axes[genres == label].T, s=10, label=label)
    plane.set(xlabel="first axis", ylabel="second axis")
    plane.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig("explore.png", dpi=120)
    print("wrote explore.png")
