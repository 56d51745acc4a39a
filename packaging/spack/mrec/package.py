# Spack recipe. In a checkout of mrec:
#   spack repo create mrec-repo && cp -r packaging/spack/mrec mrec-repo/packages/ && spack repo add mrec-repo
#   spack dev-build mrec@main
from spack.package import *


class Mrec(CMakePackage):
    """A musician recommender: factor models trained by MPI ranks together."""

    license("MIT")

    version("main")  # from the working tree, by `spack dev-build`

    variant("jobs", default=True, description="the batch jobs, which need MPI")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.23:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("python@3.9:", type="build")  # manual pages and completion
    depends_on("mpi@3.1:", when="+jobs")
    depends_on("hdf5@1.10: ~mpi")  # serial: one rank writes, and the server must not need MPI
    depends_on("eigen@3.4:3")
    depends_on("boost@1.74: +program_options")
    depends_on("nlohmann-json@3.11:")
    depends_on("openssl")
    depends_on("icu4c")
    depends_on("tomlplusplus@3.3:")
    depends_on("spectra@1.0:")

    conflicts("%gcc@:11", msg="C++20 as GCC 12 has it")

    generator("ninja")

    def cmake_args(self):
        return [
            self.define_from_variant("MREC_BUILD_JOBS", "jobs"),
            self.define("MREC_BUILD_SERVER", False),  # Spack has no Pistache
            self.define("MREC_BUILD_TESTS", False),
            self.define("MREC_ARCH", ""),  # Spack's compiler wrapper adds -march of the target
        ]
