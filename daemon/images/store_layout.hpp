// SPDX-License-Identifier: Apache-2.0
// Which file of the store holds what. It refuses to know when files are made or removed.
#pragma once

#include "common/image/oci_layout.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash::daemon {

inline constexpr std::size_t kMaxDocumentBytes = 4U << 20U; // a manifest or a configuration
inline constexpr std::string_view kUploadPrefix = "upload-";
inline constexpr std::string_view kPartialRoot =
    ".tmp-"; // in names of roots that are being made or removed

std::filesystem::path blobs_of(const std::filesystem::path& store);
std::filesystem::path tags_of(const std::filesystem::path& store);
std::filesystem::path roots_of(const std::filesystem::path& store);
std::filesystem::path boots_of(const std::filesystem::path& store);

// A root is used only in the boot in which it was unpacked: nothing in it is synced, so a power cut
// may leave names without content. Syncing instead would make a first start wait for all that the
// disk has to write for others.
void mark_root(const std::filesystem::path& store, const std::string& hex);
bool is_root_usable(const std::filesystem::path& store, const std::string& hex);
void unmark_root(const std::filesystem::path& store, const std::string& hex) noexcept;

// Throws Error(invalid) when it is no digest: no path is made of anything else.
std::string hex_of(std::string_view digest);
std::filesystem::path blob_file(const std::filesystem::path& store, std::string_view digest);

// Removes a root, or what is left of one, by its name in roots/. It first stops looking whole, then
// it goes: a kill in between leaves something that is collected later. Nothing there is fine.
void discard_root(const std::filesystem::path& store, const std::string& name);

// The file that says what a reference means: by digest when it has one, else by tag.
std::filesystem::path tag_file(const std::filesystem::path& store, const ImageReference& reference);
std::string tag_text(const ImageReference& reference, std::string_view digest);

// The digest in a tag's file; nullopt when the file is not there or is damaged.
std::optional<std::string> read_tag(const std::filesystem::path& file);

// Bytes of a plain file; nullopt when there is none.
std::optional<std::uint64_t> file_size_of(const std::filesystem::path& file);

// Since the last change; zero for a file that is gone or from the future.
std::chrono::seconds age_of(const std::filesystem::path& file);

// Makes it young again, so that what is being relied on is not collected. A file that is gone is
// not an error.
void touch(const std::filesystem::path& file) noexcept;

} // namespace cubeflash::daemon
