// main of the tests that run under mpirun: only the root prints results, and a test that fails on
// one rank fails on all. In tests use EXPECT before a collective call: an ASSERT that leaves on one
// rank makes the others wait.
#include <gtest/gtest.h>

#include <cstdio>

#include "parallel/communicator.h"

namespace {

class RankPrinter : public testing::EmptyTestEventListener {
 public:
  explicit RankPrinter(int rank) : rank_(rank) {}
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed()) return;
    std::fprintf(stderr, "[rank %d] %s:%d: %s\n", rank_,
                 part.file_name() == nullptr ? "?" : part.file_name(), part.line_number(),
                 part.summary());
  }

 private:
  int rank_;
};

class Vote : public testing::EmptyTestEventListener {
 public:
  explicit Vote(const mrec::Communicator& world) : world_(world) {}
  void OnTestEnd(const testing::TestInfo& test) override {
    const bool failed = test.result()->Failed();
    if (world_.max(failed ? 1 : 0) != 0 && !failed) ADD_FAILURE() << "failed on another rank";
  }

 private:
  const mrec::Communicator& world_;
};

}  // namespace

int main(int argc, char** argv) {
  const mrec::MpiSession session;
  const mrec::Communicator world = mrec::Communicator::world();
  testing::InitGoogleTest(&argc, argv);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (!world.is_root()) {
    delete listeners.Release(listeners.default_result_printer());
    delete listeners.Release(listeners.default_xml_generator());
    listeners.Append(new RankPrinter(world.rank()));
  }
  listeners.Append(new Vote(world));
  return world.max(RUN_ALL_TESTS());
}
