#include "model/loss.h"

#include "base/error.h"
#include "model/losses/all.h"

namespace mrec {

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for_each_loss([&]<typename Loss>() { names.emplace_back(Loss::kName); });
  return names;
}

void refuse_loss(const std::string& name) { throw InputError("loss '" + name + "' is unknown"); }

}  // namespace mrec
