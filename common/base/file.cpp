// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace cubeflash {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path, std::size_t max_bytes) {
  const Fd fd = open_file(path, O_RDONLY);
  std::string content;
  std::array<char, 65536>
      buffer; // NOLINT(cppcoreguidelines-pro-type-member-init) - read() fills it
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "reading {}", path.string());
    if (n == 0) return content;
    if (content.size() + static_cast<std::size_t>(n) > max_bytes)
      throw Error(ErrorKind::too_large,
                  fmt::format("{} is larger than {} bytes", path.string(), max_bytes));
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

void write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "writing");
    data.remove_prefix(static_cast<std::size_t>(n));
  }
}

void write_file_atomic(const fs::path& path, std::string_view content, unsigned mode) {
  std::string beside = path.string() + ".XXXXXX";
  Fd fd(::mkostemp(beside.data(), O_CLOEXEC));
  if (!fd) throw SystemError(errno, "writing {}", path.string());
  try {
    with_context(path.string(), [&] { write_all(fd.get(), content); });
    if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0)
      throw SystemError(errno, "writing {}", path.string());
    if (::rename(beside.c_str(), path.c_str()) != 0)
      throw SystemError(errno, "replacing {}", path.string());
  } catch (...) {
    ::unlink(beside.c_str());
    throw;
  }
  const auto parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Fd directory = open_file(parent, O_RDONLY | O_DIRECTORY);
  if (::fsync(directory.get()) != 0) throw SystemError(errno, "syncing {}", parent.string());
}

TemporaryDirectory::TemporaryDirectory(const fs::path& parent, std::string_view prefix) {
  std::string name = (parent / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr)
    throw SystemError(errno, "creating a directory in {}", parent.string());
  path_ = name;
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored; // nothing useful can be done, and a destructor must not throw
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

fs::path TemporaryDirectory::release() noexcept {
  return std::exchange(path_, {});
}

} // namespace cubeflash
