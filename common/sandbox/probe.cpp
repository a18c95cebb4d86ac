// SPDX-License-Identifier: Apache-2.0
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/sandbox/sandbox.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>

namespace cubeflash {

namespace {

constexpr milliseconds kDeadline{5'000};

// bubblewrap's words, as far as they are there: at most one pipe's worth, of a child that has
// ended.
std::string read_rest(int fd) {
  std::array<char, 4096> buffer{};
  pollfd wait{fd, POLLIN, 0};
  if (::poll(&wait, 1, 0) <= 0) return {};
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  return n > 0 ? std::string(trim({buffer.data(), static_cast<std::size_t>(n)})) : std::string();
}

std::string explain(const ExitStatus& status, const std::string& words) {
  const auto says = [&](std::string_view part) { return words.find(part) != std::string::npos; };
  const auto said = words.empty() ? status.describe() : words;
  if ((says("creat") && says("namespace")) || says("uid map"))
    return fmt::format(
        "user namespaces are not allowed here ({}); see the sysctls "
        "kernel.unprivileged_userns_clone, "
        "user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns, or the "
        "container's seccomp profile",
        said);
  if (says("mount") && says("proc"))
    return fmt::format(
        "/proc cannot be mounted in a new namespace here, as in most containers ({})", said);
  return fmt::format("bubblewrap does not work here: {}", said);
}

} // namespace

SandboxProbe probe_sandbox(std::optional<uid_t> uid) {
  if (environment_variable("CFLASH_SANDBOX") == "off")
    return {false, "switched off by CFLASH_SANDBOX=off"};
  if (!find_program("bwrap"))
    return {false, "bubblewrap is not installed (apt install bubblewrap)"};
  SandboxSpec spec;
  spec.env = {"PATH=" + sandbox_path()};
  spec.argv = {"true"};
  spec.die_with_parent = true;
  try {
    auto words = Pipe::create();
    Confinement confinement;
    confinement.uid = uid;
    auto child = spawn_confined(sandbox_command(spec),
                                {.in = -1, .out = -1, .err = words.write.get(), .more = {}},
                                confinement);
    words.write.reset();
    const auto status = child.wait_for(kDeadline);
    if (!status) return {false, "making a sandbox took longer than 5 s"};
    if (status->ok()) return {true, {}};
    return {false, explain(*status, read_rest(words.read.get()))};
  } catch (const Error& error) {
    return {false, fmt::format("bubblewrap does not start: {}", error.what())};
  }
}

} // namespace cubeflash
