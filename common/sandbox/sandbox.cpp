// SPDX-License-Identifier: Apache-2.0
#include "common/sandbox/sandbox.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/sandbox/system_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cubeflash {

namespace {

// Who the process is inside when the caller is root. Its files then do not look like root's, and
// programs that refuse to run as root run.
constexpr uid_t kPlainUser = 1000;

// What the dynamic loader and the C library obey. In bubblewrap's own environment these would act
// on bubblewrap, that is, outside of the sandbox: LD_PRELOAD from a function's environment would be
// a way out of it. See ld.so(8), "secure execution mode".
bool acts_on_loader(std::string_view entry) {
  static constexpr std::array<std::string_view, 14> kNames{"GCONV_PATH",
                                                           "GETCONF_DIR",
                                                           "GLIBC_TUNABLES",
                                                           "HOSTALIASES",
                                                           "LOCALDOMAIN",
                                                           "LOCPATH",
                                                           "MALLOC_ARENA_MAX",
                                                           "MALLOC_TRACE",
                                                           "NIS_PATH",
                                                           "NLSPATH",
                                                           "RESOLV_HOST_CONF",
                                                           "RES_OPTIONS",
                                                           "TMPDIR",
                                                           "TZDIR"};
  const auto name = entry.substr(0, entry.find('='));
  return name.starts_with("LD_") || name.starts_with("MALLOC_") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// The environment goes through the process's own, where other accounts cannot read it, and not
// through arguments, which everybody can.
void add_environment(const std::vector<std::string>& env, Command& command) {
  command.env.emplace();
  for (const auto& entry : env) {
    if (!acts_on_loader(entry)) {
      command.env->push_back(entry);
      continue;
    }
    const auto equals = entry.find('=');
    if (equals == std::string::npos) continue;
    command.args.insert(command.args.end(),
                        {"--setenv", entry.substr(0, equals), entry.substr(equals + 1)});
  }
}

void add_tmpfs(std::vector<std::string>& args,
               const std::string& target,
               std::optional<std::uint64_t> bytes) {
  args.insert(args.end(), {"--perms", "1777"});
  if (bytes) args.insert(args.end(), {"--size", std::to_string(*bytes)});
  args.insert(args.end(), {"--tmpfs", target});
}

void add_namespaces(const SandboxSpec& spec, std::vector<std::string>& args) {
  const auto uid = ::geteuid() == 0 ? kPlainUser : ::geteuid();
  const auto gid = ::geteuid() == 0 ? kPlainUser : ::getegid();
  args.insert(args.end(),
              {"--unshare-user",
               "--unshare-pid",
               "--unshare-ipc",
               "--unshare-uts",
               "--unshare-cgroup-try",
               "--uid",
               std::to_string(uid),
               "--gid",
               std::to_string(gid),
               "--hostname",
               spec.hostname,
               "--cap-drop",
               "ALL",
               "--new-session"});
  if (spec.init_is_argv) args.emplace_back("--as-pid-1");
  if (spec.die_with_parent) args.emplace_back("--die-with-parent");
  if (spec.status_fd >= 0)
    args.insert(args.end(), {"--json-status-fd", std::to_string(spec.status_fd)});
}

void add_file_system(const SandboxSpec& spec, std::vector<std::string>& args) {
  add_system_view(args);
  args.insert(args.end(), {"--proc", "/proc", "--dev", "/dev"});
  add_tmpfs(args, "/dev/shm", spec.tmp_bytes);
  add_tmpfs(args, "/tmp", spec.tmp_bytes);
  // One private directory under both names, so that one limit holds for both.
  args.insert(
      args.end(),
      {"--dir", "/run", "--symlink", "../run", "/var/run", "--symlink", "../tmp", "/var/tmp"});
  for (const auto& mount : spec.mounts) {
    if (!mount.target.is_absolute())
      throw Error(ErrorKind::invalid,
                  fmt::format("mount target {} is not absolute", mount.target.string()));
    args.insert(
        args.end(),
        {mount.writable ? "--bind" : "--ro-bind", mount.source.string(), mount.target.string()});
  }
  // Last: mounting may have to create directories in them.
  args.insert(args.end(), {"--remount-ro", "/dev", "--remount-ro", "/"});
}

} // namespace

Command sandbox_command(const SandboxSpec& spec) {
  const auto program = find_program("bwrap");
  if (!program)
    throw Error(ErrorKind::unavailable, "bubblewrap is not installed", "apt install bubblewrap");
  Command command;
  command.program = program->string();
  add_namespaces(spec, command.args);
  add_file_system(spec, command.args);
  add_environment(spec.env, command);
  command.args.insert(command.args.end(), {"--chdir", spec.working_dir, "--"});
  command.args.insert(command.args.end(), spec.argv.begin(), spec.argv.end());
  return command;
}

} // namespace cubeflash
