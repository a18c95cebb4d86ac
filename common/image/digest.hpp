// SPDX-License-Identifier: Apache-2.0
// Content addresses: "sha256:<64 hex>", as the OCI image specification writes them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace cubeflash {

// Accumulates a SHA-256.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::string_view data);

  // "sha256:<hex>"; the hasher is spent.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string digest_of(std::string_view data);
std::string digest_of_file(const std::filesystem::path& path);

// Whether it has the form "sha256:" and 64 lower-case hex digits; guards every path made of a
// digest.
bool is_digest(std::string_view text);

} // namespace cubeflash
