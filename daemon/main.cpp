// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "daemon/app.hpp"

#include <iostream>

int main(int argc, char** argv) try {
  int exit_code = 0;
  const auto config = cubeflash::daemon::parse_command_line(argc, argv, exit_code);
  return config ? cubeflash::daemon::run(*config) : exit_code;

} catch (const cubeflash::Error& error) {

  std::cerr << "cflashd: " << error.what() << '\n';
  if (!error.hint().empty()) std::cerr << "  " << error.hint() << '\n';
  return error.kind() == cubeflash::ErrorKind::usage ? 2 : 1;

} catch (const std::exception& error) {

  std::cerr << "cflashd: " << error.what() << '\n';
  return 1;
}
