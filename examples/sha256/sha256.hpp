// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of a stream of bytes. It refuses to know where they come from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

class Sha256 {
 public:
  void update(const char* data, std::size_t size);

  // Pads, and returns the digest as 64 hexadecimal digits. The object is spent afterwards.
  std::string finish();

 private:
  void compress(const unsigned char* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667,
                                      0xbb67ae85,
                                      0x3c6ef372,
                                      0xa54ff53a,
                                      0x510e527f,
                                      0x9b05688c,
                                      0x1f83d9ab,
                                      0x5be0cd19};
  std::array<unsigned char, 64> block_{}; // the bytes of an unfinished block
  std::size_t filled_ = 0;
  std::uint64_t bytes_ = 0;
};
