// SPDX-License-Identifier: Apache-2.0
// The management API of a daemon, over libcurl. Every failure is an Error whose kind follows the
// HTTP status. It refuses to know how its results are shown.
#pragma once

#include "common/image/oci_layout.hpp"
#include "common/model/api.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cubeflash::cli {

struct Credentials {
  std::string token{}; // sent as a bearer when set
  std::string user{};  // else basic when set
  std::string password{};
};

struct DeployOutcome {
  unsigned status = 0; // 202 created, 200 updated
  bool updated = false;
};

struct InvokeRequest {
  FunctionName function{};
  std::string method = "POST";
  std::string path{}; // "/rest", may be empty
  std::vector<std::pair<std::string, std::string>> query{};
  std::vector<std::string> headers{}; // "Name: value"
  int body_fd = -1;                   // streamed until its end; -1: no body
};

struct LogQuery {
  FunctionName function{};
  std::optional<std::string> instance{};
  int tail = -1; // lines; -1: all
  bool follow = false;
  std::string since{}; // RFC 3339; empty: from the beginning
};

class GatewayClient {
 public:
  // `url` without a trailing slash. `timeout` is for one API call; streams have none.
  GatewayClient(std::string url,
                Credentials credentials,
                bool verify_tls = true,
                std::chrono::milliseconds timeout = std::chrono::seconds(60));

  const std::string& url() const { return url_; }

  bool healthy() const; // GET /healthz is 200 within 2 s; never throws
  SystemInfo info() const;
  std::vector<FunctionStatus> list(const std::string& space) const;
  FunctionStatus status(const FunctionName& function) const; // Error(not_found)

  // PUT, and POST when that says 404, as stock clients do (trap T3). `update` false: POST only.
  DeployOutcome deploy(const FunctionSpec& spec, bool update = true) const;
  void remove(const FunctionName& function) const;
  void scale(const FunctionName& function, std::uint64_t replicas) const;

  // Uploads what the daemon does not have yet (OCI distribution specification, "push"). Returns the
  // bytes sent.
  std::uint64_t push_image(const OciLayout& layout, const ImageReference& reference) const;

  // Streams the body in and the answer to `sink`; returns the status and headers. A status of 300
  // or more still streams.
  struct InvokeOutcome {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
  };

  using Sink = std::function<void(unsigned status, std::string_view piece)>;
  InvokeOutcome invoke(const InvokeRequest& request, const Sink& sink) const;

  // Until the stream ends, or `each` returns false.
  void logs(const LogQuery& query, const std::function<bool(const LogLine&)>& each) const;

 private:
  std::string url_;
  Credentials credentials_;
  bool verify_tls_;
  std::chrono::milliseconds timeout_;
};

} // namespace cubeflash::cli
