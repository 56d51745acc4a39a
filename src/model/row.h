#pragma once

#include <cmath>

// Arithmetic on embedding rows: the only code that touches raced memory.
//
// Rows may be shared by ranks that update them without locks (Hogwild: Niu et al., NIPS 2011).
// Ranks are processes, so the C++ standard says nothing of it; on the machines we know, a plain
// 4-byte load or store is whole, and a lost update is a step not taken.
namespace mrec::row {

inline float dot(const float* a, const float* b, int size) {
  // Eight sums, so that the compiler may use vectors without being allowed to reorder sums.
  float sums[8] = {};
  int c = 0;
  for (; c + 8 <= size; c += 8) {
    for (int lane = 0; lane < 8; ++lane) sums[lane] += a[c + lane] * b[c + lane];
  }
  float rest = 0;
  for (; c < size; ++c) rest += a[c] * b[c];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) +
         rest;
}

// to += factor * from
inline void add(float factor, const float* from, float* to, int size) {
  for (int c = 0; c < size; ++c) to[c] += factor * from[c];
}

// Adagrad (Duchi, Hazan, Singer 2011) as LightFM has it: accumulators start at 1, and a step uses
// the accumulator from before it. `direction` is minus the gradient.
struct Adagrad {
  static constexpr int kStates = 1;
  static constexpr float kInitialState = 1;
  float learning_rate;

  // Moves values [size] along factor * direction [size]; state [size].
  void step(float factor, const float* direction, float* values, float* state, std::size_t /*gap*/,
            int size) const {
    for (int c = 0; c < size; ++c) {
      const float g = factor * direction[c];
      values[c] += learning_rate / std::sqrt(state[c]) * g;
      state[c] += g * g;
    }
  }

  [[nodiscard]] float mean_rate(const float* state, std::size_t /*gap*/, int size) const {
    float sum = 0;
    for (int c = 0; c < size; ++c) sum += learning_rate / std::sqrt(state[c]);
    return sum / static_cast<float>(size);
  }
};

// Adadelta (Zeiler 2012). Two states, `gap` floats apart: the running averages of squared gradients
// and of squared steps.
struct Adadelta {
  static constexpr int kStates = 2;
  static constexpr float kInitialState = 0;
  float rho;
  float epsilon;

  void step(float factor, const float* direction, float* values, float* state, std::size_t gap,
            int size) const {
    float* squares = state;
    float* steps = state + gap;
    for (int c = 0; c < size; ++c) {
      const float g = factor * direction[c];
      squares[c] = rho * squares[c] + (1 - rho) * g * g;
      const float move = std::sqrt(steps[c] + epsilon) / std::sqrt(squares[c] + epsilon) * g;
      steps[c] = rho * steps[c] + (1 - rho) * move * move;
      values[c] += move;
    }
  }

  [[nodiscard]] float mean_rate(const float* state, std::size_t gap, int size) const {
    float sum = 0;
    for (int c = 0; c < size; ++c) {
      sum += std::sqrt(state[gap + static_cast<std::size_t>(c)] + epsilon) /
             std::sqrt(state[c] + epsilon);
    }
    return sum / static_cast<float>(size);
  }
};

}  // namespace mrec::row
