// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/stack_filter.hpp"

#include "stack_text.hpp"
#include <chrono>

using namespace cubeflash;
using namespace cubeflash::tests;

namespace {

cli::StackFile four() {
  return parse(
      kProvider +
      "functions: {api: {image: x}, api-v2: {image: x}, mail: {image: x}, my-api: {image: x}}\n");
}

std::string filtered(const std::string& filter, const std::string& regex) {
  auto stack = four();
  cli::filter_functions(stack, filter, regex);
  std::string names;
  for (const auto& function : stack.functions)
    names += function.name + " ";
  return names;
}

} // namespace

TEST_CASE("filter: only the star is special, and it matches the whole name") {
  CHECK(filtered("", "") == "api api-v2 mail my-api ");
  CHECK(filtered("api", "") == "api ");
  CHECK(filtered("api*", "") == "api api-v2 ");
  CHECK(filtered("*api*", "") == "api api-v2 my-api ");
  CHECK(filtered("*", "") == "api api-v2 mail my-api ");
  CHECK_THROWS_AS(filtered("ap?", ""), Error);
}

TEST_CASE("regex: matches anywhere in the name") {
  CHECK(filtered("", "api") == "api api-v2 my-api ");
  CHECK(filtered("", "^api$") == "api ");
  CHECK(filtered("", "v[0-9]+$|mail") == "api-v2 mail ");
}

TEST_CASE("filter: both at once is a mistake of the command line") {
  CHECK(error_of([] { filtered("a", "b"); }).kind() == ErrorKind::usage);
}

TEST_CASE(
    "regex: one that is not valid, refers back or is too long is a mistake of the command line") {
  for (const std::string& regex :
       std::vector<std::string>{"(", "[a", "*a", "a{2", "(a)\\1", std::string(300, 'a')}) {
    CAPTURE(regex);
    CHECK(error_of([&] { filtered("", regex); }).kind() == ErrorKind::usage);
  }
}

TEST_CASE("filter: nothing left is an error that names what there is") {
  const auto error = error_of([] { filtered("mial", ""); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(std::string(error.what()) ==
        "no function of stack.yml matches --filter mial; did you mean \"mail\"?");
  CHECK(error.hint() == "the file has: api, api-v2, mail, my-api");
  CHECK(error_of([] { filtered("", "zzz"); }).kind() == ErrorKind::not_found);
}

TEST_CASE("regex: no pattern takes exponential time") {
  auto stack = parse(kProvider + "functions: {" + std::string(63, 'a') + ": {image: x}}\n");
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(cli::filter_functions(stack, "", "^(a|a)*(a|a)*b$"), Error);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
