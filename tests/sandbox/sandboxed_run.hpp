// SPDX-License-Identifier: Apache-2.0
// Runs something in a real sandbox, as an ordinary user even where the tests run as root.
#pragma once

#include "common/base/fd.hpp"
#include "common/base/process.hpp"
#include "common/sandbox/sandbox.hpp"

#include <unistd.h>

#include <array>
#include <optional>
#include <string>

namespace cubeflash {

inline std::optional<uid_t> test_uid() {
  return ::geteuid() == 0 ? std::optional<uid_t>(100'001) : std::nullopt;
}

inline std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(fd, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

struct SandboxedRun {
  std::optional<ExitStatus> status; // absent: it did not end in time
  std::string out;                  // stdout and stderr
  std::string report;               // bubblewrap's JSON status
};

// Output must fit into a pipe: it is read when the child has ended.
inline SandboxedRun run_sandboxed(SandboxSpec spec) {
  auto out = Pipe::create();
  auto report = Pipe::create();
  if (spec.env.empty()) spec.env = {"PATH=" + sandbox_path()};
  spec.status_fd = 3;
  Confinement confinement;
  confinement.uid = test_uid();
  auto child = spawn_confined(
      sandbox_command(spec),
      {.in = -1, .out = out.write.get(), .err = out.write.get(), .more = {{report.write.get(), 3}}},
      confinement);
  out.write.reset();
  report.write.reset();
  SandboxedRun result;
  result.status = child.wait_for(milliseconds(20'000));
  if (!result.status) return result;
  result.out = read_to_end(out.read.get());
  result.report = read_to_end(report.read.get());
  return result;
}

inline SandboxSpec shell(const std::string& script) {
  SandboxSpec spec;
  spec.argv = {"sh", "-c", script};
  return spec;
}

} // namespace cubeflash
