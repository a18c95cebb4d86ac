// SPDX-License-Identifier: Apache-2.0
// The test vectors of NIST's "SHA-256" example and of FIPS 180-2, appendix B.
#undef NDEBUG // the assertions are the test
#include "function.hpp"
#include "sha256.hpp"
#include <cassert>
#include <iostream>
#include <sstream>

static std::string answer(const std::string& body) {
  std::istringstream in(body);
  std::ostringstream out;
  handle(in, out);
  return out.str();
}

static void answers_with_the_published_digests() {
  assert(answer("") ==
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  0 bytes\n");
  assert(answer("abc") ==
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  3 bytes\n");
  assert(answer("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1  56 bytes\n");
  assert(answer("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqkl"
                "mnopqrlm"
                "nopqrsmnopqrstnopqrstu") ==
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1  112 bytes\n");
  assert(answer(std::string(1'000'000, 'a')) ==
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0  1000000 bytes\n");
}

// Every length around the block and padding borders, cut into two pieces everywhere.
static void pieces_make_no_difference() {
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string body(size, 'x');
    Sha256 whole;
    whole.update(body.data(), size);
    const std::string expected = whole.finish();
    for (std::size_t cut = 0; cut <= size; ++cut) {
      Sha256 pieces;
      pieces.update(body.data(), cut);
      pieces.update(body.data() + cut, size - cut);
      assert(pieces.finish() == expected);
    }
  }
}

int main() {
  answers_with_the_published_digests();
  pieces_make_no_difference();
  std::cout << "ok\n";
}
