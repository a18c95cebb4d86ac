// SPDX-License-Identifier: Apache-2.0
#include "common/base/fd.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <thread>
#include <vector>

using namespace cubeflash;

namespace {

// What `action` writes to standard error; at most a pipe's capacity.
std::string captured_stderr(const std::function<void()>& action) {
  Pipe pipe = Pipe::create();
  const Fd saved(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  ::dup2(pipe.write.get(), STDERR_FILENO);
  action();
  ::dup2(saved.get(), STDERR_FILENO);
  pipe.write.reset();
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t n = 0;
  while ((n = ::read(pipe.read.get(), buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

} // namespace

TEST_CASE("log: one line with instant, level and message") {
  const auto text = captured_stderr([] { log_info("started port={}", 8080); });
  REQUIRE(text.size() > 25);
  CHECK(parse_rfc3339(text.substr(0, 24)));
  CHECK(text.substr(24) == " info  started port=8080\n");
}

TEST_CASE("log: line breaks of a message cannot make lines of their own") {
  const auto text = captured_stderr([] { log_warning("{}", "a\nb\r\nc"); });
  CHECK(text.ends_with(" warn  a\\nb\\r\\nc\n"));
}

TEST_CASE("log: lines below the level are dropped") {
  CHECK_FALSE(log_enabled(LogLevel::debug));
  CHECK(captured_stderr([] { log_debug("x"); }).empty());
  set_log_level(LogLevel::error);
  CHECK(captured_stderr([] { log_warning("x"); }).empty());
  set_log_level(LogLevel::info);
}

TEST_CASE("log: lines of several threads do not mix") {
  const auto text = captured_stderr([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 50; ++i)
          log_info("thread={} {}", t, std::string(100, 'x'));
      });
    for (auto& thread : threads)
      thread.join();
  });
  const auto lines = split(text, '\n');
  CHECK(lines.size() == 201); // the last one is empty
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    CHECK(lines[i].size() == lines[0].size());
}
