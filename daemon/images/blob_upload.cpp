// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "daemon/images/image_store.hpp"
#include "daemon/images/store_layout.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace cubeflash::daemon {

BlobUpload::BlobUpload(std::filesystem::path blobs, std::uint64_t max_bytes)
    : blobs_(std::move(blobs)), max_bytes_(max_bytes) {
  auto name = (blobs_ / fmt::format("{}XXXXXX", kUploadPrefix)).string();
  fd_ = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd_) throw SystemError(errno, "creating a file in {}", blobs_.string());
  temporary_ = name;
}

BlobUpload::~BlobUpload() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void BlobUpload::append(std::string_view data) {
  if (data.size() > max_bytes_ - size_)
    throw Error(ErrorKind::too_large, fmt::format("the blob is larger than {} bytes", max_bytes_));
  hasher_.update(data);
  size_ += data.size();
  try {
    write_all(fd_.get(), data);
  } catch (const SystemError& error) {
    throw SystemError(error.code(), "writing {}", temporary_.string());
  }
}

void BlobUpload::commit(std::string_view digest) {
  const auto target = blobs_ / hex_of(digest);
  const auto actual = hasher_.finish();
  if (actual != digest)
    throw Error(
        ErrorKind::invalid,
        fmt::format(
            "digest mismatch: announced {}, received {} ({} bytes)", digest, actual, size_));
  if (::fchmod(fd_.get(), 0644) != 0 || ::fsync(fd_.get()) != 0)
    throw SystemError(errno, "writing {}", temporary_.string());
  // Over a blob that is there already: the same bytes, and young again.
  if (::rename(temporary_.c_str(), target.c_str()) != 0)
    throw SystemError(errno, "storing {}", target.string());
  temporary_.clear();
  const Fd directory = open_file(blobs_, O_RDONLY | O_DIRECTORY);
  if (::fsync(directory.get()) != 0) throw SystemError(errno, "syncing {}", blobs_.string());
}

} // namespace cubeflash::daemon
