// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/launch.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/sandbox/sandbox.hpp"
#include "daemon/engine/local/cgroup.hpp"
#include "daemon/engine/local/leftovers.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSandboxSocketDirectory = "/run/cubeflash";
constexpr rlim_t kOpenFiles = 65536;
constexpr std::uint64_t kTmpBytes = 1ULL
                                    << 30U; // of /tmp, which is memory; counts for the memory limit

// A file of the image as the host names it.
fs::path inside(const UnpackedImage& image, const std::string& absolute) {
  return image.root / fs::path(absolute).relative_path();
}

std::vector<std::string> instance_arguments(const UnpackedImage& image) {
  auto arguments = image.config.entrypoint;
  arguments.insert(arguments.end(), image.config.cmd.begin(), image.config.cmd.end());
  if (arguments.empty())
    throw Error(ErrorKind::invalid, "the image names no entrypoint", "set ENTRYPOINT in the image");
  return arguments;
}

std::string working_directory(const UnpackedImage& image) {
  if (!image.config.working_dir.empty()) return image.config.working_dir;
  return fs::is_directory(inside(image, "/home/app")) ? "/home/app" : "/";
}

bool is_plain(const LaunchInput& input) {
  return input.record.isolation == Isolation::plain;
}

std::string listen_address(const LaunchInput& input) {
  if (!is_plain(input)) return fmt::format("unix:{}/http.sock", kSandboxSocketDirectory);
  return "unix:" + input.directory.socket().string(); // the watchdog copes with any length
}

rlimit both(rlim_t value) {
  return {value, value};
}

std::vector<std::pair<int, rlimit>> limits_of(const LaunchInput& input) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) throw SystemError(errno, "getrlimit");
  std::vector<std::pair<int, rlimit>> limits{
      {RLIMIT_CORE, both(0)},
      {RLIMIT_NOFILE, {std::min(kOpenFiles, files.rlim_max), files.rlim_max}}};
  // Not RLIMIT_AS: node and Go reserve far more addresses than they use.
  if (input.limits.memory && input.spec.memory_bytes)
    limits.emplace_back(RLIMIT_DATA, both(static_cast<rlim_t>(*input.spec.memory_bytes)));
  if (input.limits.processes) limits.emplace_back(RLIMIT_NPROC, both(input.spec.max_processes));
  return limits;
}

Command sandboxed(const LaunchInput& input) {
  SandboxSpec sandbox;
  for (const auto& [source, target] : image_mounts(input.image.root))
    sandbox.mounts.push_back({source, target, false});
  sandbox.mounts.push_back({input.directory.socket_directory(), kSandboxSocketDirectory, true});
  sandbox.working_dir = working_directory(input.image);
  sandbox.env = instance_environment(input);
  sandbox.argv = instance_arguments(input.image);
  sandbox.hostname = input.spec.function.name;
  sandbox.init_is_argv = true;
  sandbox.status_fd = kStatusFd;
  sandbox.tmp_bytes = kTmpBytes;
  return sandbox_command(sandbox);
}

Command plain(const LaunchInput& input) {
  const auto arguments = instance_arguments(input.image);
  Command command;
  command.program = arguments[0];
  if (const auto own = inside(input.image, arguments[0]); fs::exists(own))
    command.program = own.string();
  command.argv0 = plain_argv0(input.directory);
  command.args.assign(arguments.begin() + 1, arguments.end());
  command.env = instance_environment(input);
  command.cwd = inside(input.image, working_directory(input.image)).string();
  return command;
}

} // namespace

std::vector<std::string> instance_environment(const LaunchInput& input) {
  StringMap values{
      {"HOME", is_plain(input) ? inside(input.image, "/home/app").string() : "/home/app"},
      {"PATH",
       is_plain(input) ? environment_variable("PATH").value_or("/usr/bin:/bin") : sandbox_path()},
      // The gateway stops sending before it asks an instance to end: nothing to wait for.
      {"healthcheck_interval", "0s"}};
  for (const auto& entry : input.image.config.env)
    if (const auto equals = entry.find('='); equals != std::string::npos)
      values[entry.substr(0, equals)] = entry.substr(equals + 1);
  for (const auto& [name, value] : input.spec.environment)
    values[name] = value;
  values["CFLASH_LISTEN"] = listen_address(input);
  values["CFLASH_READY_FD"] = std::to_string(kReadyFd);
  values["OPENFAAS_NAME"] = input.spec.function.name;
  values["OPENFAAS_NAMESPACE"] = input.spec.function.space;
  if (is_plain(input)) values["TMPDIR"] = input.directory.temporary().string();
  const auto marker = instance_marker(input.spec.id);
  values[marker.substr(0, marker.find('='))] = input.spec.id;
  std::vector<std::string> environment;
  for (const auto& [name, value] : values)
    environment.push_back(name + "=" + value);
  return environment;
}

std::vector<std::pair<fs::path, fs::path>> image_mounts(const fs::path& root) {
  static constexpr std::array<std::string_view, 12> kSystem{
      "usr", "bin", "sbin", "etc", "proc", "dev", "sys", "tmp", "run", "opt", "var", "boot"};
  std::vector<std::pair<fs::path, fs::path>> mounts;
  for (const auto& entry : fs::directory_iterator(root)) {
    const auto name = entry.path().filename().string();
    if (std::find(kSystem.begin(), kSystem.end(), name) != kSystem.end() || name.starts_with("lib"))
      throw Error(
          ErrorKind::unsupported,
          fmt::format("the image brings its own system (/{}): it needs the docker engine", name),
          "build it with `cflash build`, or run cflashd with --engine docker");
    // A link is mounted as what it leads to, which must be of the image as well.
    const auto source = fs::weakly_canonical(entry.path());
    if (!source.string().starts_with(fs::weakly_canonical(root).string() + "/"))
      throw Error(ErrorKind::invalid, fmt::format("the image's /{} leads out of it", name));
    mounts.emplace_back(source, fs::path("/") / name);
  }
  std::sort(mounts.begin(), mounts.end());
  return mounts;
}

Launched launch(const LaunchInput& input) {
  const Command command = is_plain(input) ? plain(input) : sandboxed(input);
  // The reader first: what a process leaves in a pipe that nobody else has open is lost with it.
  Fd reader = input.directory.open_log();
  const Fd log = input.directory.open_log_for_writing();
  Pipe ready = Pipe::create();
  Stdio stdio{-1, log.get(), log.get(), {{ready.write.get(), kReadyFd}}};
  Fd status;
  if (!is_plain(input)) {
    status = input.directory.open_status();
    stdio.more.emplace_back(status.get(), kStatusFd);
  }
  const auto joining = Cgroup(input.record.cgroups).open_joining();
  Confinement confinement;
  for (const auto& file : joining)
    confinement.cgroup_procs.push_back(file.get());
  confinement.limits = limits_of(input);
  confinement.uid = input.record.uid;
  return {spawn_confined(command, stdio, confinement), std::move(reader), std::move(ready.read)};
}

} // namespace cubeflash::daemon
