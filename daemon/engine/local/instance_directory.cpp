// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/instance_directory.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

void make_directory(const fs::path& path, unsigned mode, std::optional<uid_t> uid = {}) {
  if (::mkdir(path.c_str(), mode) != 0) throw SystemError(errno, "creating {}", path.string());
  // mkdir's mode is cut by the umask.
  if (::chmod(path.c_str(), mode) != 0 || (uid && ::chown(path.c_str(), *uid, *uid) != 0))
    throw SystemError(errno, "preparing {}", path.string());
}

} // namespace

void InstanceDirectory::create(std::optional<uid_t> uid) const {
  make_directory(path_, 0711);
  make_directory(socket_directory(), 0700, uid);
  make_directory(temporary(), 0700, uid);
  if (::mkfifo(log().c_str(), 0600) != 0) throw SystemError(errno, "creating {}", log().string());
  // Owned by the instance: a program in it may open /dev/stdout by name.
  if (uid && ::chown(log().c_str(), *uid, *uid) != 0)
    throw SystemError(errno, "preparing {}", log().string());
}

void InstanceDirectory::write_record(const InstanceRecord& record) const {
  const auto beside = path_ / "record.json.new";
  {
    const Fd fd = open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    with_context(beside.string(), [&] { write_all(fd.get(), to_json_text(record)); });
  }
  if (::rename(beside.c_str(), (path_ / "record.json").c_str()) != 0)
    throw SystemError(errno, "writing the record in {}", path_.string());
}

std::optional<InstanceRecord> InstanceDirectory::read_record() const {
  try {
    auto record = parse_instance_record(read_file(path_ / "record.json", 1U << 20U));
    if (record.id == path_.filename()) return record;
    log_warning("instance record names another instance directory={}", path_.string());
  } catch (const SystemError& error) {
    if (error.code() != ENOENT) log_warning("{}", error.what());
  } catch (const Error& error) {
    log_warning("{} directory={}", error.what(), path_.string());
  }
  return std::nullopt;
}

SandboxStatus InstanceDirectory::read_status() const {
  SandboxStatus status;
  std::string text;
  try {
    text = read_file(path_ / "status", 1U << 20U);
  } catch (const Error&) {
    return status; // plain instances have none
  }
  for (const auto& line : split(text, '\n')) {
    const auto document = nlohmann::json::parse(line, nullptr, false);
    if (!document.is_object()) continue; // half written, or the end
    // The first of each counts.
    if (!status.child_pid && document.contains("child-pid") &&
        document["child-pid"].is_number_integer())
      status.child_pid = document["child-pid"].get<pid_t>();
    if (!status.exit_code && document.contains("exit-code") &&
        document["exit-code"].is_number_integer())
      status.exit_code = document["exit-code"].get<int>();
  }
  return status;
}

Fd InstanceDirectory::open_status() const {
  return open_file(path_ / "status", O_WRONLY | O_CREAT | O_APPEND, 0600);
}

Fd InstanceDirectory::open_log() const {
  Fd fd = open_file(log(), O_RDWR | O_NONBLOCK);
  // Room for output while the daemon is busy or away. An ordinary account's pipes share one
  // allowance (pipe(7)).
  const int bytes = ::geteuid() == 0 ? 1 << 20 : 1 << 18;
  if (::fcntl(fd.get(), F_SETPIPE_SZ, bytes) < 0)
    log_debug("the output pipe keeps its default size instance={}", path_.filename().string());
  return fd;
}

Fd InstanceDirectory::open_log_for_writing() const {
  return open_file(log(), O_RDWR);
}

bool InstanceDirectory::is_log_held() const {
  // fifo(7): opening for writing without a reader fails with ENXIO; whoever has it open for both is
  // a reader.
  const Fd fd(::open(log().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  return static_cast<bool>(fd);
}

void InstanceDirectory::remove() const {
  std::error_code failure;
  fs::remove_all(path_, failure); // does not follow symbolic links
  if (failure) throw SystemError(failure.value(), "removing {}", path_.string());
}

fs::path instances_directory(const fs::path& home) {
  return home / "run" / "instances";
}

std::vector<InstanceDirectory> list_instance_directories(const fs::path& home) {
  std::vector<InstanceDirectory> found;
  std::error_code failure;
  for (fs::directory_iterator entry(instances_directory(home), failure), end;
       !failure && entry != end;
       entry.increment(failure))
    if (entry->is_directory() && !entry->is_symlink()) found.emplace_back(entry->path());
  return found;
}

std::optional<fs::path> first_closed_directory(const fs::path& path) {
  fs::path prefix;
  for (const auto& part : fs::absolute(path).lexically_normal()) {
    prefix /= part;

    struct stat status {};

    if (::stat(prefix.c_str(), &status) != 0) return prefix;
    if (S_ISDIR(status.st_mode) && (status.st_mode & S_IXOTH) == 0) return prefix;
  }
  return std::nullopt;
}

} // namespace cubeflash::daemon
