#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace mrec {

// What is known of the artists, for metrics that look at what a list is made of and not at what was
// held out. Nothing of it comes from held-out interactions.
struct ArtistFacts {
  int num_users = 0;                     // of the training part
  std::vector<float> listeners;          // [artists] among them
  std::vector<bool> is_tail;             // [artists] not of the short head
  SparseMatrix genres;                   // [artists x genres] shares; a row sums to 1, or is empty
  std::vector<std::string> genre_names;  // [genres]
};

// `train` [users x artists], all users. The short head are the fewest artists that have half of all
// interactions in train. `labels` [artists x genres]: how much of a genre an artist is, > 0.
ArtistFacts make_artist_facts(const SparseMatrix& train, const SparseMatrix& labels,
                              const std::vector<std::string>& genre_names);

// A list and what its user has heard, artists of the facts.
struct ListedUser {
  const ArtistFacts& facts;
  std::span<const int> list;
  std::span<const int> history;
};

// Not a number where undefined: an empty list, and what is said below.
// Mean number of listeners of the listed artists (Abdollahpouri, Burke, Mobasher, 2019).
double average_popularity(const ListedUser& user);
// Share of the list that is not of the short head (the same).
double tail_share(const ListedUser& user);
// Mean of -log2(listeners / users), where an artist without listeners counts as with one
// (Vargas, Castells, 2011).
double novelty(const ListedUser& user);
// Mean of 1 - cosine of the genre shares over all pairs of the list (Ziegler et al., 2005);
// undefined without two artists of known genre.
double diversity(const ListedUser& user);
// Kullback-Leibler divergence of the genres of the list from those of the history, each the mean of
// the artists' shares: sum p log(p / (0.99 q + 0.01 p)) (Steck, 2018). 0 is calibrated. Undefined
// where the genres of the whole list or history are unknown.
double miscalibration(const ListedUser& user);

struct ListMetric {
  const char* name;
  double (*value)(const ListedUser&);
  bool needs_genres;
};
// In the order of reports.
std::span<const ListMetric> list_metrics();

// Mean shares of the genres [genres] of artists; zeros when all their genres are unknown.
std::vector<double> genre_shares(const ArtistFacts& facts, std::span<const int> artists);

// How unequal amounts are: 0 all alike, near 1 all but one are 0 (Gini, 1912). 0 for no amounts.
double gini(std::span<const float> amounts);

}  // namespace mrec
