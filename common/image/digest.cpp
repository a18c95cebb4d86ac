// SPDX-License-Identifier: Apache-2.0
#include "common/image/digest.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"

#include <openssl/evp.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace cubeflash {

namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::size_t kHexDigits = 64;
constexpr std::size_t kHashBlock = 256U << 10U;

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text.push_back(kDigits[bytes[i] >> 4U]);
    text.push_back(kDigits[bytes[i] & 15U]);
  }
  return text;
}

void check(int result) {
  if (result != 1) throw Error(ErrorKind::failed, "computing a SHA-256 failed");
}

} // namespace

struct Hasher::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, Free> context{::EVP_MD_CTX_new()};
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  check(state_->context ? 1 : 0);
  check(::EVP_DigestInit_ex(state_->context.get(), ::EVP_sha256(), nullptr));
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view data) {
  check(::EVP_DigestUpdate(state_->context.get(), data.data(), data.size()));
}

std::string Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  check(::EVP_DigestFinal_ex(state_->context.get(), bytes.data(), &size));
  return std::string(kPrefix) + to_hex(bytes.data(), size);
}

std::string digest_of(std::string_view data) {
  Hasher hasher;
  hasher.update(data);
  return hasher.finish();
}

std::string digest_of_file(const std::filesystem::path& path) {
  const Fd fd = open_file(path, O_RDONLY);
  Hasher hasher;
  std::vector<char> buffer(kHashBlock);
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "reading {}", path.string());
    if (n == 0) return hasher.finish();
    hasher.update({buffer.data(), static_cast<std::size_t>(n)});
  }
}

bool is_digest(std::string_view text) {
  if (!text.starts_with(kPrefix)) return false;
  text.remove_prefix(kPrefix.size());
  return text.size() == kHexDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

} // namespace cubeflash
