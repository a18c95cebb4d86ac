// SPDX-License-Identifier: Apache-2.0
#include "daemon/home.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kTokenBytes = 32;

// Instances run under other users and must reach their own files below the home: traversable, but
// not listable.
constexpr mode_t kHomeMode = 0711;

Fd take_lock(const fs::path& directory) {
  Fd lock = open_file(directory / "lock", O_RDWR | O_CREAT);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw SystemError(errno, "locking {}", directory.string());
    const std::string holder = read_file(directory / "lock", 4096);
    throw Error(
        ErrorKind::conflict,
        fmt::format("another cflashd (pid {}) runs on {}", trim(holder), directory.string()),
        "stop it with: cflash daemon stop, or give this one a --home of its own");
  }
  if (::ftruncate(lock.get(), 0) != 0)
    throw SystemError(errno, "writing {}/lock", directory.string());
  write_all(lock.get(), fmt::format("{}\n", ::getpid()));
  return lock;
}

} // namespace

Home::Home(fs::path directory) : directory_(std::move(directory)) {
  std::error_code failure;
  fs::create_directories(directory_, failure);
  if (failure) throw SystemError(failure.value(), "creating {}", directory_.string());
  directory_ = fs::canonical(directory_);
  if (::chmod(directory_.c_str(), kHomeMode) != 0)
    throw SystemError(errno, "preparing {}", directory_.string());
  lock_ = take_lock(directory_);
}

Home::~Home() {
  std::error_code ignored; // the next start replaces it
  if (announced_) fs::remove(directory_ / "daemon.pid", ignored);
}

std::string Home::admin_token() const {
  const fs::path file = directory_ / "admin-token";
  if (fs::exists(file)) {
    const std::string text = read_file(file, 4096);
    const std::string token(trim(text));
    if (token.size() < 16)
      throw Error(ErrorKind::invalid,
                  fmt::format("{} holds no usable token", file.string()),
                  "remove the file: a new one is made at the next start");
    return token;
  }
  const std::string token = random_hex(kTokenBytes);
  write_file_atomic(file, token + '\n', 0600);
  return token;
}

void Home::announce(const std::string& url) {
  write_file_atomic(directory_ / "daemon.pid", fmt::format("{}\n{}\n", ::getpid(), url), 0644);
  announced_ = true;
}

} // namespace cubeflash::daemon
