// SPDX-License-Identifier: Apache-2.0
// libarchive, wrapped once: reproducible layers are written and untrusted archives are unpacked
// here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace cubeflash {

struct ExtractLimits {
  std::uint64_t max_bytes = 4ULL << 30U; // unpacked
  std::uint64_t max_entries = 500'000;
};

// Unpacks a tar (gzip, zstd, xz or plain) or zip into an existing directory. Refuses, naming the
// entry: `..`, absolute paths and links, links that lead out, devices, fifos and sockets. Ownership
// and set-id bits are not restored; every file is at least readable, every directory traversable,
// by its owner. Throws Error(invalid | too_large) or SystemError.
void extract_archive(const std::filesystem::path& archive,
                     const std::filesystem::path& into,
                     const ExtractLimits& limits = {});

// What a layer holds: path in the image (relative, '/'-separated) -> file, symlink or directory on
// disk. A directory maps itself only, not its content.
using LayerEntries = std::map<std::string, std::filesystem::path>;

struct WrittenLayer {
  std::string digest;  // of the compressed file
  std::string diff_id; // of the tar inside
  std::uint64_t size = 0;
};

// Writes a gzipped tar that depends on the entries' names, content, executable bit and link targets
// only: sorted, times 0, owner 0:0, modes 0755/0644. Throws SystemError, and Error(invalid) for
// devices, sockets and fifos.
WrittenLayer write_layer(const LayerEntries& entries, const std::filesystem::path& file);

} // namespace cubeflash
