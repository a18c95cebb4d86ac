// SPDX-License-Identifier: Apache-2.0
// The fuzz targets over the corpus of real-looking files and a bounded number of mutations of them,
// so that every test run has them and not only a fuzzing machine. The seed is fixed: a finding can
// be repeated.
#include "common/base/file.hpp"
#include "tests/fuzz/targets.hpp"

#include "stack_text.hpp"
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

using namespace cubeflash;

namespace fs = std::filesystem;

namespace {

constexpr int kMutationsPerSeed = 400;
// No input of these sizes may take longer, sanitizers and a busy machine included.
constexpr std::chrono::seconds kSlow{5};

std::vector<std::string> stack_seeds() {
  const char* source = std::getenv("CFLASH_SOURCE"); // NOLINT(concurrency-mt-unsafe) - one thread
  REQUIRE_MESSAGE(source != nullptr, "CFLASH_SOURCE is not set; run through ctest");
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(source) / "tests/stack/files"))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths)
    seeds.push_back(read_file(path));
  return seeds;
}

std::vector<std::string> substitution_seeds() {
  return {"${A}",
          "${N:-${A}}",
          "${A##*/}",
          "${A%%.*}",
          "${A//b/${U}}",
          "${U^^}${U,}",
          "${A:1:2}",
          "$${A}\\\\\\/",
          "${#A}",
          "x: ${N:-a${M:-b}c}\n"};
}

std::string
mutated(const std::string& seed, const std::vector<std::string>& seeds, std::mt19937& random) {
  static const std::vector<std::string> pieces{
      "[",   "]",  "{",    "}",     ":",      ": ", "- ", "\n",   "\n  ",
      "&a ", "*a", "<<: ", "!",     "!!str ", "|",  ">-", "\"",   "'",
      "#",   "? ", "%",    "---\n", "...\n",  "\t", "\r", "\xFF", std::string(1, '\0'),
      "${",  "}",  ":-",   "##",    "//",     "*",  "~",  "name", "\xEF\xBB\xBF"};
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  std::string text = seed;
  for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
    const std::size_t at = below(text.size() + 1);
    switch (below(6)) {
    case 0:
      text.insert(at, pieces[below(pieces.size())]);
      break;
    case 1:
      text.erase(at, below(20));
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 3:
      text.insert(at, text.substr(below(text.size() + 1), below(60)));
      break;
    case 4: {
      const auto& other = seeds[below(seeds.size())];
      text.insert(at, other.substr(below(other.size() + 1), below(200)));
      break;
    }
    default:
      text.resize(at);
    }
  }
  return text;
}

void run_target(void (*target)(std::string_view), const std::vector<std::string>& seeds) {
  std::mt19937 random(20260102);
  for (const auto& seed : seeds) {
    target(seed);
    for (int i = 0; i < kMutationsPerSeed; ++i) {
      const std::string text = mutated(seed, seeds, random);
      CAPTURE(text);
      const auto start = std::chrono::steady_clock::now();
      REQUIRE_NOTHROW(target(text));
      REQUIRE(std::chrono::steady_clock::now() - start < kSlow);
    }
  }
}

} // namespace

TEST_CASE("fuzz: mutations of stack files are read or refused, nothing else") {
  run_target(tests::fuzz_stack, stack_seeds());
}

TEST_CASE("fuzz: mutations of substitutions are evaluated or refused, nothing else") {
  run_target(tests::fuzz_substitution, substitution_seeds());
  run_target(tests::fuzz_substitution, stack_seeds());
}
