#include "tune/default_space.h"

namespace mrec {
namespace {

constexpr const char* kRanking = R"(
dim = "int:16:128:16"
learning_rate = "float:0.01:0.3:log"
user_alpha = "float:1e-6:3e-3:log"
artist_alpha = "float:1e-6:3e-3:log"
)";
constexpr const char* kDraws = "max_sampled = \"int:5:500:log\"\n";
constexpr const char* kPositives = "kos_n = \"int:5:20\"\nkos_k = \"int:1:5\"\n";
constexpr const char* kNegatives = "negatives = \"int:1:20:log\"\n";

constexpr const char* kSquare = R"(
dim = "int:32:256:32"
unheard_weight = "float:0.01:0.5:log"
confidence = "float:0.05:3:log"
target_spread = "float:0:1.5"
regularization = "float:0.005:2:log"
regularization_exponent = "float:0:1"
artist_ridge = "float:0.5:4:log"
tag_weight = "float:0.05:2:log"
)";
constexpr const char* kSteps = "learning_rate = \"float:0.03:0.3:log\"\n";

}  // namespace

Space default_space(const std::string& loss, const std::string& solver) {
  std::string toml = loss == "ials" ? kSquare : kRanking;
  if (loss == "ials" && solver == "sgd") toml += kSteps;
  if (loss == "warp" || loss == "warp-kos") toml += kDraws;
  if (loss == "warp-kos") toml += kPositives;
  if (loss == "logistic") toml += kNegatives;
  return parse_space(toml, "default space of " + loss);
}

}  // namespace mrec
