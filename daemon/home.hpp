// SPDX-License-Identifier: Apache-2.0
// The daemon's directory: who owns it, where things are in it, the admin token.
#pragma once

#include "common/base/fd.hpp"

#include <filesystem>
#include <string>

namespace cubeflash::daemon {

class Home {
 public:
  // Creates what is missing and takes the lock. Throws Error(conflict) naming the other daemon's
  // pid when one runs here.
  explicit Home(std::filesystem::path directory);

  // Removes the pid file; the lock goes with the descriptor, also on kill -9.
  ~Home();

  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const std::filesystem::path& directory() const { return directory_; }

  std::filesystem::path state_file() const { return directory_ / "state.db"; }

  std::filesystem::path images() const { return directory_ / "images"; }

  std::filesystem::path logs() const { return directory_ / "logs"; }

  // The token in `admin-token` (0600), made on first use.
  std::string admin_token() const;

  // `daemon.pid`, two lines: the pid and the URL. `cflash` finds the account's daemon by it.
  void announce(const std::string& url);

 private:
  std::filesystem::path directory_;
  Fd lock_;
  bool announced_ = false;
};

} // namespace cubeflash::daemon
