#pragma once

#include <atomic>
#include <cmath>
#include <cstddef>
#include <type_traits>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/prefetch.h"

// Arithmetic on embedding rows: the only code that touches raced memory.
//
// Rows may be shared by ranks that update them without locks (Hogwild: Niu et al., NIPS 2011).
// Ranks are processes, so the C++ standard says nothing of it; on the machines we know, a plain
// 4-byte load or store is whole, and a lost update is a step not taken. reload() keeps the compiler
// from holding on to what it has read. With MREC_STRICT every access is a relaxed atomic one, which
// is defined among threads, too, and four times slower.
//
// This header is compiled several times, for vectors of 16, 32 and 64 bytes (kernels/*.cpp): each
// time into another namespace, so that the linker never takes one for the other. All rows are
// whole cache lines of 16 floats, and every operation, also the order of sums, is laid down for 16
// lanes: the results are the same bits whatever the vectors are.
#ifndef MREC_LEVEL
#define MREC_LEVEL build
#endif

namespace mrec {
inline namespace MREC_LEVEL {
namespace row {

inline constexpr int kLanes = 16;

#if defined(__AVX512F__)
inline constexpr int kBytes = 64;
#elif defined(__AVX__)
inline constexpr int kBytes = 32;
#else
inline constexpr int kBytes = 16;
#endif
using Vec [[gnu::vector_size(kBytes), gnu::may_alias]] = float;
inline constexpr int kWidth = kBytes / 4;
inline constexpr int kParts = kLanes / kWidth;

// 16 floats.
struct Lanes {
  Vec part[kParts];

  friend Lanes operator+(const Lanes& a, const Lanes& b) {
    Lanes sum;
    for (int i = 0; i < kParts; ++i) sum.part[i] = a.part[i] + b.part[i];
    return sum;
  }
  friend Lanes operator-(const Lanes& a, const Lanes& b) {
    Lanes difference;
    for (int i = 0; i < kParts; ++i) difference.part[i] = a.part[i] - b.part[i];
    return difference;
  }
  friend Lanes operator*(const Lanes& a, const Lanes& b) {
    Lanes product;
    for (int i = 0; i < kParts; ++i) product.part[i] = a.part[i] * b.part[i];
    return product;
  }
  friend Lanes operator*(float a, const Lanes& b) {
    Lanes product;
    for (int i = 0; i < kParts; ++i) product.part[i] = a * b.part[i];
    return product;
  }
  friend Lanes operator+(const Lanes& a, float b) {
    Lanes sum;
    for (int i = 0; i < kParts; ++i) sum.part[i] = a.part[i] + b;
    return sum;
  }
  friend Lanes operator/(const Lanes& a, const Lanes& b) {
    Lanes ratio;
    for (int i = 0; i < kParts; ++i) ratio.part[i] = a.part[i] / b.part[i];
    return ratio;
  }
  friend Lanes operator/(float a, const Lanes& b) {
    Lanes ratio;
    for (int i = 0; i < kParts; ++i) ratio.part[i] = a / b.part[i];
    return ratio;
  }
};

inline Vec root(Vec x) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_maskz_sqrt_ps(0xFFFF, reinterpret_cast<__m512>(x)));
#elif defined(__AVX__)
  return reinterpret_cast<Vec>(_mm256_sqrt_ps(reinterpret_cast<__m256>(x)));
#elif defined(__x86_64__)
  return reinterpret_cast<Vec>(_mm_sqrt_ps(reinterpret_cast<__m128>(x)));
#else
  for (int i = 0; i < kWidth; ++i) x[i] = std::sqrt(x[i]);
  return x;
#endif
}

inline Lanes root(const Lanes& x) {
  Lanes roots;
  for (int i = 0; i < kParts; ++i) roots.part[i] = root(x.part[i]);
  return roots;
}

#if defined(__x86_64__)
// The lanes, halves added until four are left.
[[gnu::always_inline]] inline __m128 fold_to_four(const Lanes& x) {
#if defined(__AVX512F__)
  const Vec all = x.part[0];
  const __m256 eight = __builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7) +
                       __builtin_shufflevector(all, all, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
#elif defined(__AVX__)
  const auto eight = reinterpret_cast<__m256>(x.part[0] + x.part[1]);
  return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
#else
  return reinterpret_cast<__m128>((x.part[0] + x.part[2]) + (x.part[1] + x.part[3]));
#endif
}
#endif

// Sum of the lanes: halves are added until one is left.
[[gnu::always_inline]] inline float fold(const Lanes& x) {
#if defined(__x86_64__)
  const __m128 four = fold_to_four(x);
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
#else
  float lanes[kLanes];
  for (int i = 0; i < kLanes; ++i) lanes[i] = x.part[i / kWidth][i % kWidth];
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
#endif
}

// Four floats, the same operations on each.
using Four [[gnu::vector_size(16), gnu::may_alias]] = float;

// fold() of four, the same bits for a third of the additions.
[[gnu::always_inline]] inline Four fold_four(const Lanes (&x)[4]) {
#if defined(__x86_64__)
  const __m128 a = fold_to_four(x[0]);
  const __m128 b = fold_to_four(x[1]);
  const __m128 c = fold_to_four(x[2]);
  const __m128 d = fold_to_four(x[3]);
  const __m128 ab = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
  const __m128 cd = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
  return reinterpret_cast<Four>(_mm_add_ps(_mm_shuffle_ps(ab, cd, _MM_SHUFFLE(2, 0, 2, 0)),
                                           _mm_shuffle_ps(ab, cd, _MM_SHUFFLE(3, 1, 3, 1))));
#else
  return {fold(x[0]), fold(x[1]), fold(x[2]), fold(x[3])};
#endif
}

// Bit i: x[i] > 0, or not a number: a model that diverged must not pass for one with nothing to
// learn.
[[gnu::always_inline]] inline unsigned positive(Four x) {
#if defined(__x86_64__)
  return static_cast<unsigned>(
      _mm_movemask_ps(_mm_cmpnle_ps(reinterpret_cast<__m128>(x), _mm_setzero_ps())));
#else
  unsigned bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits |= x[i] <= 0 ? 0 : 1U << i;
  return bits;
#endif
}

// Access. A row starts on a cache line.
#ifdef MREC_STRICT
inline float load_one(const float* from) {
  return std::atomic_ref<float>(*const_cast<float*>(from)).load(std::memory_order_relaxed);
}
inline void store_one(float* to, float x) {
  std::atomic_ref<float>(*to).store(x, std::memory_order_relaxed);
}
inline Lanes row_load(const float* from) {
  Lanes x{};
  for (int i = 0; i < kLanes; ++i) x.part[i / kWidth][i % kWidth] = load_one(from + i);
  return x;
}
inline void row_store(float* to, const Lanes& x) {
  for (int i = 0; i < kLanes; ++i) store_one(to + i, x.part[i / kWidth][i % kWidth]);
}
#else
inline float load_one(const float* from) { return *from; }
inline void store_one(float* to, float x) { *to = x; }
inline Lanes row_load(const float* from) {
  Lanes x;
  for (int i = 0; i < kParts; ++i) x.part[i] = reinterpret_cast<const Vec*>(from)[i];
  return x;
}
inline void row_store(float* to, const Lanes& x) {
  for (int i = 0; i < kParts; ++i) reinterpret_cast<Vec*>(to)[i] = x.part[i];
}
#endif

// What was read before has to be read again.
inline void reload() { asm volatile("" : : : "memory"); }

// work(size) for a size above 0, compiled for the size of most models as a constant, too: its loops
// are unrolled.
template <typename Work>
[[gnu::always_inline]] inline auto with_size(int size, const Work& work) {
  if (size == 64) return work(std::integral_constant<int, 64>{});
  return work(size);
}

// Sizes are multiples of 16.
inline void copy(const float* from, float* to, int size) {
  for (int c = 0; c < size; c += kLanes) row_store(to + c, row_load(from + c));
}

inline void clear(float* to, int size) {
  for (int c = 0; c < size; c += kLanes) row_store(to + c, Lanes{});
}

[[gnu::always_inline]] inline float dot(const float* a, const float* b, int size) {
  return with_size(
      size, [&](auto known) __attribute__((always_inline)) {
        Lanes sum = row_load(a) * row_load(b);
        for (int c = kLanes; c < known; c += kLanes) sum = sum + row_load(a + c) * row_load(b + c);
        return fold(sum);
      });
}

// dot() of two or four rows with the same other one, which is read once.
template <int Count>
[[gnu::always_inline]] inline Four dots(const float* const (&a)[Count], const float* b, int size) {
  return with_size(
      size, [&](auto known) __attribute__((always_inline)) {
        Lanes sums[Count];
        const Lanes first = row_load(b);
        for (int i = 0; i < Count; ++i) sums[i] = row_load(a[i]) * first;
        for (int c = kLanes; c < known; c += kLanes) {
          const Lanes other = row_load(b + c);
          for (int i = 0; i < Count; ++i) sums[i] = sums[i] + row_load(a[i] + c) * other;
        }
        if constexpr (Count == 4) {
          return fold_four(sums);
        } else {
          return Four{fold(sums[0]), fold(sums[1])};
        }
      });
}

// (a - b) . p
[[gnu::always_inline]] inline float dot_difference(const float* a, const float* b, const float* p,
                                                   int size) {
  Lanes sum{};
  for (int c = 0; c < size; c += kLanes) {
    sum = sum + (row_load(a + c) - row_load(b + c)) * row_load(p + c);
  }
  return fold(sum);
}

// to += factor * from
inline void add(float factor, const float* from, float* to, int size) {
  for (int c = 0; c < size; c += kLanes) {
    row_store(to + c, row_load(to + c) + factor * row_load(from + c));
  }
}

[[gnu::always_inline]] inline void fetch(const float* from, int size) {
  with_size(
      size, [&](auto known) __attribute__((always_inline)) {
        for (int c = 0; c < known; c += kLanes) prefetch_line(from + c);
      });
}

// Optimizers move rows of values along factor * direction, where `direction` is minus the gradient:
// a Step does so for 16 values at a time, and finish() returns the mean learning rate of the first
// `dim` of `size`, behind which there is padding with direction 0. `squares` is the sum of the
// squares of the direction. step_one() is the same for a single value.

// Adagrad (Duchi, Hazan, Singer 2011) as LightFM has it: accumulators start at 1, and a step uses
// the accumulator from before it.
struct Adagrad {
  float learning_rate;

  class Step {
   public:
    Step(const Adagrad& adagrad, float factor, float* values, float* state, std::size_t /*gap*/)
        : learning_rate_(adagrad.learning_rate), factor_(factor), values_(values), state_(state) {}

    void operator()(int c, const Lanes& direction) {
      const Lanes g = factor_ * direction;
      const Lanes squares = row_load(state_ + c);
      const Lanes rate = learning_rate_ / root(squares);
      rates_ = rates_ + rate;
      row_store(values_ + c, row_load(values_ + c) + rate * g);
      row_store(state_ + c, squares + g * g);
    }

    float finish(float /*squares*/, int size, int dim) const {
      return (fold(rates_) - static_cast<float>(size - dim) * learning_rate_) /
             static_cast<float>(dim);
    }

   private:
    float learning_rate_;
    float factor_;
    float* values_;
    float* state_;
    Lanes rates_{};
  };

  void step_one(float g, float* value, float* state, std::size_t /*gap*/) const {
    const float squares = load_one(state);
    store_one(value, load_one(value) + learning_rate / std::sqrt(squares) * g);
    store_one(state, squares + g * g);
  }
};

// Adagrad with one accumulator for a whole row, of the mean of the squares: half the memory.
struct RowAdagrad {
  float learning_rate;

  class Step {
   public:
    Step(const RowAdagrad& adagrad, float factor, float* values, float* state, std::size_t /*gap*/)
        : factor_(factor),
          values_(values),
          state_(state),
          squares_(load_one(state)),
          rate_(adagrad.learning_rate / std::sqrt(squares_)),
          pace_(rate_ * factor) {}

    void operator()(int c, const Lanes& direction) const {
      row_store(values_ + c, row_load(values_ + c) + pace_ * direction);
    }

    float finish(float squares, int /*size*/, int dim) const {
      store_one(state_, squares_ + factor_ * factor_ * squares / static_cast<float>(dim));
      return rate_;
    }

   private:
    float factor_;
    float* values_;
    float* state_;
    float squares_;
    float rate_;
    float pace_;
  };

  void step_one(float g, float* value, float* state, std::size_t gap) const {
    Adagrad{learning_rate}.step_one(g, value, state, gap);
  }
};

// Adadelta (Zeiler 2012). Two states, `gap` floats apart: the running averages of squared gradients
// and of squared steps.
struct Adadelta {
  float rho;
  float epsilon;

  class Step {
   public:
    Step(const Adadelta& adadelta, float factor, float* values, float* state, std::size_t gap)
        : rho_(adadelta.rho),
          epsilon_(adadelta.epsilon),
          factor_(factor),
          values_(values),
          state_(state),
          steps_(state + gap) {}

    void operator()(int c, const Lanes& direction) {
      const Lanes g = factor_ * direction;
      const Lanes squares = rho_ * row_load(state_ + c) + (1 - rho_) * g * g;
      const Lanes steps = row_load(steps_ + c);
      const Lanes rate = root(steps + epsilon_) / root(squares + epsilon_);
      const Lanes move = rate * g;
      rates_ = rates_ + rate;
      row_store(values_ + c, row_load(values_ + c) + move);
      row_store(state_ + c, squares);
      row_store(steps_ + c, rho_ * steps + (1 - rho_) * move * move);
    }

    float finish(float /*squares*/, int size, int dim) const {
      return (fold(rates_) - static_cast<float>(size - dim)) / static_cast<float>(dim);
    }

   private:
    float rho_;
    float epsilon_;
    float factor_;
    float* values_;
    float* state_;
    float* steps_;
    Lanes rates_{};
  };

  void step_one(float g, float* value, float* state, std::size_t gap) const {
    const float squares = rho * load_one(state) + (1 - rho) * g * g;
    const float steps = load_one(state + gap);
    const float move = std::sqrt(steps + epsilon) / std::sqrt(squares + epsilon) * g;
    store_one(value, load_one(value) + move);
    store_one(state, squares);
    store_one(state + gap, rho * steps + (1 - rho) * move * move);
  }
};

// A whole step of a row along `direction` [size].
template <typename Step>
float step(Step step, const float* direction, int size, int dim) {
  Lanes squares{};
  for (int c = 0; c < size; c += kLanes) {
    const Lanes d = row_load(direction + c);
    squares = squares + d * d;
    step(c, d);
  }
  return step.finish(fold(squares), size, dim);
}

}  // namespace row
}  // namespace MREC_LEVEL
}  // namespace mrec
