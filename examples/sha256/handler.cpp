// SPDX-License-Identifier: Apache-2.0
#include "function.hpp"
#include "sha256.hpp"
#include <stdexcept>
#include <vector>

// Answers with the SHA-256 and the size of the body, holding 64 KiB of it at a time.
void handle(std::istream& in, std::ostream& out) {
  Sha256 sha;
  std::uint64_t total = 0;
  std::vector<char> buffer(64 * 1024);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
    const auto got = static_cast<std::size_t>(in.gcount());
    sha.update(buffer.data(), got);
    total += got;
  }
  if (in.bad()) {
    throw std::runtime_error("reading the request failed");
  }
  out << sha.finish() << "  " << total << " bytes\n";
}
