// SPDX-License-Identifier: Apache-2.0
#include "cli/build/step_log.hpp"
#include "tests/build/build_project.hpp"

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

TEST_CASE("step log: the file is bounded and says so; the last lines go on") {
  const TemporaryDirectory place(fs::temp_directory_path());
  StepLog log(place.path() / "logs/x.log", 100);
  log.begin_step("make all");
  for (int i = 0; i < 100; ++i)
    log.write("line " + std::to_string(i) + "\n");
  const auto text = read_file(log.file());
  CHECK(text.starts_with("$ make all\nline 0\n"));
  CHECK(text.size() < 200);
  CHECK(mentions(text, "[the log is full"));
  CHECK(log.last_lines(2) == "line 98\nline 99");
}

TEST_CASE("step log: last lines are plain text, of the last step only, and not endless") {
  const TemporaryDirectory place(fs::temp_directory_path());
  StepLog log(place.path() / "x.log");
  log.write("old\n");
  log.begin_step("two");
  log.write("\x1b[31mred\x1b[0m\a\nprogress 1%\rprogress 100%\r\n\n");
  CHECK(log.last_lines(20) == "red\nprogress 100%");
  log.write(std::string(100'000, 'x'));
  CHECK(log.last_lines(20).size() < 1'000);
}
