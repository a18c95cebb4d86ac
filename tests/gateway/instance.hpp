// SPDX-License-Identifier: Apache-2.0
// A real server that stands for an instance: a unix socket or a TCP port, a thread for each
// connection, a script for what it does with a request.
#pragma once

#include "daemon/engine/engine.hpp"
#include "tests/gateway/wire.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cubeflash::test {

// A text that a test changes while scripts read it.
class Text {
 public:
  void operator=(std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
  }

  std::string get() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// Called for every request whose head has been read. False: close the connection.
using Script = std::function<bool(Wire& wire, Message& request)>;

class Instance {
 public:
  // On a unix socket at `path`, or on a TCP port when it is empty.
  Instance(Script script, std::string path = {});
  ~Instance();

  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const daemon::Endpoint& endpoint() const { return endpoint_; }

  int requests() const { return requests_.load(); }

  int connections() const { return connections_.load(); }

  void stop(); // closes everything; its address refuses from now on

 private:
  void accept_loop();
  void serve(int socket);

  Script script_;
  daemon::Endpoint endpoint_;
  Fd listener_;
  std::atomic<int> requests_{0};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<int> open_; // to be shut down by stop(); owned by their threads
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// "HTTP/1.1 200 OK" with a length.
std::string ok(std::string_view body, std::string_view more_headers = {});

// Answers with the request: its first line, its headers, an empty line and its body.
bool echo(Wire& wire, Message& request);

} // namespace cubeflash::test
