#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tune/space.h"

namespace mrec {

// A function to be minimised, as in the published comparison of samplers (tests/tune/parity.json).
struct Objective {
  std::string name;
  Space space;
  std::function<double(const Configuration&)> value;
};

namespace objective {

constexpr const char* kOurs = R"(
dim = "int:16:128:16"
loss = ["warp", "bpr", "warp-kos", "logistic"]
learning_rate = "float:1e-3:1e-1:log"
epochs = "int:10:50:5"
alpha = "float:1e-8:1e-2:log"
)";

// What a training looks like: a penalty per loss, bowls whose places depend on each other.
inline double ours(const Configuration& x) {
  constexpr std::array<double, 4> kOffset{0, 0.06, 0.03, 0.12};
  constexpr std::array<double, 4> kCentre{0.62, 0.45, 0.55, 0.75};
  const auto loss = static_cast<std::size_t>(x[1]);
  const double x1 = (x[0] - 16) / 112;
  const double x2 = std::log10(x[2] / 1e-3) / 2;
  const double x3 = (x[3] - 10) / 40;
  const double x4 = std::log10(x[4] / 1e-8) / 6;
  const double centre = kCentre[loss] - 0.25 * (x3 - 0.5);
  return kOffset[loss] + 0.20 * std::pow(x1 - 5.0 / 7, 2) + 0.60 * std::pow(x2 - centre, 2) +
         0.08 * std::exp(-3 * x3) + 0.10 * std::pow(x4 - 0.55 - 0.30 * (x1 - 0.5), 2);
}

inline double ours_rough(const Configuration& x) {
  const double x2 = std::log10(x[2] / 1e-3) / 2;
  const double x4 = std::log10(x[4] / 1e-8) / 6;
  return ours(x) + 0.01 * (1 - std::cos(8 * M_PI * x2)) + 0.01 * (1 - std::cos(6 * M_PI * x4));
}

inline double ours_cond(const Configuration& x) {
  double f = ours(x);
  if (x[1] == 0) f += 0.05 * std::pow(std::log(x[5] / 30) / std::log(20.0), 2);
  if (x[1] == 2) f += 0.02 * std::pow((x[6] - 5) / 9, 2) + 0.02 * std::pow((x[7] - 20) / 40, 2);
  return f;
}

inline double branin(const Configuration& x) {
  const double b = 5.1 / (4 * M_PI * M_PI);
  const double c = 5 / M_PI;
  const double s = 1 / (8 * M_PI);
  return std::pow(x[1] - b * x[0] * x[0] + c * x[0] - 6, 2) + 10 * (1 - s) * std::cos(x[0]) + 10;
}

inline double hartmann6(const Configuration& x) {
  constexpr double kAlpha[4] = {1, 1.2, 3, 3.2};
  constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                               {0.05, 10, 17, 0.1, 8, 14},
                               {3, 3.5, 1.7, 10, 17, 8},
                               {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double kP[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                               {2329, 4135, 8307, 3736, 1004, 9991},
                               {2348, 1451, 3522, 2883, 3047, 6650},
                               {4047, 8828, 8732, 5743, 1091, 381}};
  double f = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 6; ++j) sum += kA[i][j] * std::pow(x[j] - 1e-4 * kP[i][j], 2);
    f -= kAlpha[i] * std::exp(-sum);
  }
  return f;
}

inline double rosen5mix(const Configuration& x) {
  constexpr double kChoices[4] = {-1, 1, 2, 0};
  const double y[5] = {x[0], x[1], x[2], x[3], kChoices[static_cast<std::size_t>(x[4])]};
  double f = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    f += 100 * std::pow(y[i + 1] - y[i] * y[i], 2) + std::pow(1 - y[i], 2);
  }
  return f;
}

inline double kernels7(const Configuration& x) {
  constexpr double kOffset[3] = {0.1, 0, 0.2};
  const double u = std::log10(x[1] / 1e-4) / 4;
  const double v = std::log(x[4]) / std::log(1024.0);
  return std::pow((x[0] - 1.3) / 8, 2) + std::pow(u - 0.4, 2) + std::pow((x[2] - 0.75) / 2, 2) +
         std::pow((x[3] - 13) / 20, 2) + std::pow(v - 0.6, 2) + std::pow((x[5] - 35) / 40, 2) +
         kOffset[static_cast<std::size_t>(x[6])];
}

}  // namespace objective

inline std::vector<Objective> objectives() {
  const auto space = [](const std::string& text) { return parse_space(text, "objectives.h"); };
  return {
      {"ours", space(objective::kOurs), objective::ours},
      {"ours_rough", space(objective::kOurs), objective::ours_rough},
      {"ours_cond", space(std::string(objective::kOurs) + R"(
max_sampled = { type = "int", low = 5, high = 100, log = true, when = { loss = "warp" } }
kos_k = { type = "int", low = 1, high = 10, when = { loss = "warp-kos" } }
kos_n = { type = "int", low = 10, high = 50, when = { loss = "warp-kos" } }
)"),
       objective::ours_cond},
      {"branin", space("x = \"float:-5:10\"\ny = \"float:0:15\""), objective::branin},
      {"hartmann6", space(R"(
a = "float:0:1"
b = "float:0:1"
c = "float:0:1"
d = "float:0:1"
e = "float:0:1"
f = "float:0:1"
)"),
       objective::hartmann6},
      {"rosen5mix", space(R"(
x0 = "float:-2:2"
x1 = "float:-2:2"
x2 = "float:-2:2"
x3 = "int:-2:2"
x4 = ["a", "b", "c", "d"]
)"),
       objective::rosen5mix},
      {"kernels7", space(R"(
f = "float:-3:5"
flog = "float:1e-4:1:log"
fstep = "float:0:2:0.25"
i = "int:0:20"
ilog = "int:1:1024:log"
istep = "int:10:50:5"
c = ["p", "q", "r"]
)"),
       objective::kernels7},
  };
}

}  // namespace mrec
