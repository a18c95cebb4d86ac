// SPDX-License-Identifier: Apache-2.0
#include "watchdog/output.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>

namespace cubeflash::watchdog {

namespace {

Fd open_nameless_file(const std::string& directory) {
  for (const char* place : {directory.c_str(), "/tmp"}) {
    Fd file(::open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
  }
  // A read-only root without /tmp.
  Fd file(::memfd_create("cflash-output", MFD_CLOEXEC));
  if (!file) throw SystemError(errno, "making room for the output");
  return file;
}

} // namespace

void Output::append(std::string_view data) {
  if (data.size() > limit_ - size())
    throw Error(ErrorKind::too_large, fmt::format("output limit of {} bytes exceeded", limit_));
  const auto take = std::min(data.size(), kMemory - memory_.size());
  memory_ += data.substr(0, take);
  data.remove_prefix(take);
  if (!data.empty()) spill(data);
}

void Output::spill(std::string_view data) {
  if (!file_) file_ = open_nameless_file(temp_directory_);
  with_context("storing the output", [&] { write_all(file_.get(), data); });
  file_size_ += data.size();
}

} // namespace cubeflash::watchdog
