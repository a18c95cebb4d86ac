// SPDX-License-Identifier: Apache-2.0
// Removes images that nothing uses, never under the feet of a deploy: a deploy holds the door while
// it goes from looking its image up to having recorded its use.
#pragma once

#include "common/net/asio.hpp"
#include "daemon/images/image_store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <set>
#include <string>

namespace cubeflash::daemon {

class ImageCollector {
 public:
  // `used` gives the digests in use; called on the control thread.
  ImageCollector(ImageStore& images,
                 asio::any_io_executor control,
                 asio::any_io_executor pool,
                 std::function<std::set<std::string>()> used);

  // While one lives, nothing is collected. Waits for a collection that runs.
  class Hold {
   public:
    explicit Hold(ImageCollector& collector) : collector_(collector) { ++collector_.holds_; }

    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    ~Hold() { --collector_.holds_; }

   private:
    ImageCollector& collector_;
  };

  // Await before making a Hold.
  awaitable<void> wait_idle();

  // Collects now, unless a deploy holds the door or another collection runs: the next call makes up
  // for it.
  awaitable<void> collect();

 private:
  ImageStore& images_;
  asio::any_io_executor pool_;
  std::function<std::set<std::string>()> used_;
  asio::steady_timer idle_; // cancelled when a collection ends
  std::size_t holds_ = 0;
  bool collecting_ = false;
};

} // namespace cubeflash::daemon
