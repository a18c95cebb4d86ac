// SPDX-License-Identifier: Apache-2.0
// Every template that ships, built from its own sample handler with the real toolchain.
#include "cli/build/requirements.hpp"
#include "common/image/digest.hpp"
#include "tests/build/build_project.hpp"

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

// A project of one function, as `cflash new` would begin it.
class NewFunction {
 public:
  explicit NewFunction(const std::string& language, const fs::path& cache)
      : cache_("XDG_CACHE_HOME", cache.string()) {
    function.name = "fn";
    function.lang = language;
    function.handler = "./fn";
    function.image = "fn:latest";
    request.function = &function;
    request.project = directory_.path();
    request.language = TemplateStore(directory_.path()).find(language);
    fs::copy(request.language.directory / request.language.handler_folder,
             directory_.path() / "fn",
             fs::copy_options::recursive);
  }

  BuildResult build() const { return build_native(request, nullptr); }

  StackFunction function;
  BuildRequest request;

 private:
  TemporaryDirectory directory_{fs::temp_directory_path(), "cflash-test-"};
  ScopedVariable cache_;
};

} // namespace

TEST_CASE("templates: each builds natively, and to the same digest in another place") {
  const auto source = environment_variable("CFLASH_SOURCE");
  if (!source || !fs::exists(fs::path(*source) / "templates/python3"))
    return skip("there is no source tree");
  const TemporaryDirectory common(fs::temp_directory_path());
  put_file(common.path() / "watchdog", "not really a watchdog", true);
  const ScopedVariable watchdog("CFLASH_WATCHDOG", (common.path() / "watchdog").string());
  const ScopedVariable shipped("CFLASH_TEMPLATES", *source + "/templates");
  for (const std::string language : {"bash", "cpp", "go", "node", "python3"}) {
    SUBCASE(language.c_str()) {
      const NewFunction one(language, common.path() / "cache-one");
      try {
        find_requirements(one.request, {});
      } catch (const Error& error) {
        return skip(error.what());
      }
      const auto first = one.build();
      CHECK(is_digest(first.manifest_digest));
      CHECK(one.build().unchanged);
      const NewFunction two(language, common.path() / "cache-two");
      const auto second = two.build();
      CHECK_FALSE(second.unchanged);
      CHECK(first.manifest_digest == second.manifest_digest);
    }
  }
}
