// planted tastes -> dataset.h5, to measure with
//   mrec-synthesize --users 100000 --artists 50000 --interactions 5000000 --out dataset.h5
#include <iostream>

#include "dataset/synthesize.h"
#include "jobs/clock.h"
#include "jobs/job.h"

namespace {

using namespace mrec;

struct Options {
  std::string out;
  SynthesizeParams params;

  Fields fields() {
    return join({{.name = "out",
                  .value = &out,
                  .help = "dataset.h5 to write",
                  .required = true,
                  .writes = true}},
                params.fields());
  }
};

void make(const Communicator& world, const Options& options) {
  // One rank can do it: the others wait.
  world.agree([&] {
    if (!world.is_root()) return;
    const SynthesizedSizes sizes =
        synthesize(options.out, options.params,
                   {{"created_at", now_utc()}, {"created_by", "mrec-synthesize " + version()}});
    std::cout << options.out << ": " << options.params.users << " users, " << options.params.artists
              << " artists, " << sizes.train << " training, " << sizes.valid << " validation, "
              << sizes.test << " test interactions\n";
  });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(
      argc, argv,
      {.name = "mrec-synthesize",
       .summary = "makes a data set whose truth is known: users with planted tastes among artists "
                  "of Zipf popularity, as large as you like, in bounded memory.\n"
                  "Writes dataset.h5 for mrec-train and mrec-evaluate.",
       .example = "mrec-synthesize --users 10000 --artists 5000 --interactions 300000 "
                  "--out synthetic.h5"},
      options.fields(), [&](const Communicator& world) { make(world, options); });
}
