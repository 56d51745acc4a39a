#pragma once

#include <string>
#include <vector>

#include "eval/summary.h"

namespace mrec {

// A tenth of the users or artists, and how a scorer does in it.
struct Group {
  std::string name;  // "1" ... "10", and "new" for artists that nobody has in train
  int size = 0;      // users, or held-out pairs
  double value = 0;  // 0 in an empty group
  double low = 0;    // 95 % interval, by the standard error over users
  double high = 0;
};

// All by a task of all users on one rank (first_user 0), with facts and history.

// Mean NDCG at the first k in tenths of the evaluated users, the least active first: by their plays
// in train. `plays` [users].
std::vector<Group> by_activity(const EvalTask& task, const UserValues& values,
                               const std::vector<double>& plays);

// Recall at the first k in tenths of the artists, the least popular first: the share of the
// held-out pairs of the group that lists hold. Every tenth has a tenth of the interactions in
// train.
std::vector<Group> by_popularity(const EvalTask& task, const UserValues& values);

// The mean shares of the genres [genres] in what users have heard and in their lists of the first
// k, over the users for whom both are known.
struct GenreMeans {
  std::vector<double> history;
  std::vector<double> list;
};
GenreMeans genre_means(const EvalTask& task, const UserValues& values);

}  // namespace mrec
