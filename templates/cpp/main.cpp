// SPDX-License-Identifier: Apache-2.0
// One request: the body on stdin, the answer of the handler on stdout.
#include <exception>
#include <iostream>

void handle(std::istream& in, std::ostream& out); // in function/

int main() {
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  try {
    handle(std::cin, std::cout);
    std::cout.flush();
  } catch (const std::exception& error) {
    std::cout.flush();
    std::cerr << error.what() << '\n';
    return 1;
  }
  if (!std::cout) {
    std::cerr << "writing the response failed\n";
    return 1;
  }
  return 0;
}
