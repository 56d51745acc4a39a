#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "features/step.h"

namespace mrec::features {

// Popularity (0..100) of an artist's tracks that have none: its listeners, min-max scaled.
std::vector<float> assumed_popularity(const Knowledge& knowledge);

// Numbers of the tracks of an artist: <column>, <column>_std, _min, _max, _count, _q25 and so on.
// explicit and mode take the more frequent value; an artist without tracks has none.
class TrackStatistics : public Step {
 public:
  explicit TrackStatistics(const char* rule) : tracks_(rule) {}
  Fields fields() override;
  void apply(Table& table, const Knowledge& knowledge) const override;
  [[nodiscard]] Wanted wanted() const override;

 private:
  std::string tracks_;
  std::vector<std::string> statistics_{"mean", "std"};
  std::vector<std::string> columns_;
  double max_missing_ = 0.8;
};

// The key of the tracks: a point on the circle of the twelve keys, or the share of each.
class Key : public Step {
 public:
  Fields fields() override {
    return {{.name = "encoding",
             .value = &encoding_,
             .help = "key_sin and key_cos, or a share of tracks for each of the twelve keys",
             .choices = {"circular", "categorical"}}};
  }
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::string encoding_ = "circular";
};

// mode_major, mode_minor: shares of the tracks in a major and in a minor key.
class Mode : public Step {
 public:
  void apply(Table& table, const Knowledge& knowledge) const override;
};

// decade_1990 and so on: shares of the tracks whose year is known.
class Decade : public Step {
 public:
  void apply(Table& table, const Knowledge& knowledge) const override;
};

// explicit_share: the share of explicit tracks.
class ExplicitShare : public Step {
 public:
  void apply(Table& table, const Knowledge& knowledge) const override;
};

// num_tracks, and has_tracks (0 or 1), so that a model can tell what was imputed.
class NumTracks : public Step {
 public:
  void apply(Table& table, const Knowledge& knowledge) const override;
};

// listeners: how many users have the artist in train. Held-out plays must not count: what they say
// is what is to be predicted.
class Listeners : public Step {
 public:
  void apply(Table& table, const Knowledge& knowledge) const override;
};

}  // namespace mrec::features
