#include "model/loss.h"

#include "base/error.h"
#include "model/losses/bpr.h"
#include "model/losses/logistic.h"
#include "model/losses/warp.h"
#include "model/losses/warp_kos.h"

namespace mrec {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Loss> (*make)(const TrainParams&);
};

template <typename AnyLoss>
std::unique_ptr<Loss> make(const TrainParams& params) {
  return std::make_unique<AnyLoss>(params);
}

constexpr Entry kLosses[] = {
    {"warp", make<Warp>},
    {"bpr", make<Bpr>},
    {"warp-kos", make<WarpKos>},
    {"logistic", make<Logistic>},
};

}  // namespace

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kLosses) names.emplace_back(entry.name);
  return names;
}

std::unique_ptr<Loss> make_loss(const TrainParams& params) {
  for (const Entry& entry : kLosses) {
    if (params.loss == entry.name) return entry.make(params);
  }
  throw InputError("loss '" + params.loss + "' is unknown");
}

}  // namespace mrec
