// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"
#include "common/base/version.hpp"
#include "common/net/blocking.hpp"
#include "daemon/api/api.hpp"
#include "daemon/api/functions_api.hpp"
#include "daemon/api/images_api.hpp"
#include "daemon/api/logs_api.hpp"
#include "daemon/api/system_api.hpp"
#include "daemon/control/control_plane.hpp"
#include "daemon/engine/local/local_engine.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/home.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <optional>

namespace cubeflash::daemon {

namespace {

constexpr unsigned kWorkers = 4; // unpacking and hashing; SQLite has a thread of its own

// Each connection and each instance costs descriptors; the default soft limit of 1024 is for
// select(2).
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string url_of(const Config& config, std::uint16_t port) {
  const bool v6 = config.host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", config.host, v6 ? "]" : "", port);
}

// Who started the daemon may wait for this line instead of asking again and again.
void tell_ready() {
  const auto text = environment_variable("CFLASH_READY_FD");
  const auto number = text ? parse_integer<int>(*text) : std::nullopt;
  if (!number || *number < 3) return;
  const Fd ready(*number);
  write_all(ready.get(), "\n");
}

// Every part in the order in which it needs the others; the destructors' order is the shutdown's.
class App {
 public:
  explicit App(const Config& config)
      : config_(config), home_(config.home), store_(home_.state_file()), images_(home_.images()),
        logs_(home_.logs()), engine_(images_, engine_options()),
        gateway_(gateway_options(), control_.get_executor(), handler()), plane_(control_parts()),
        signals_(control_, SIGTERM, SIGINT), tasks_(control_.get_executor()) {
    Router router;
    add_functions_api(router, plane_);
    add_images_api(router, images_, pool_.get_executor());
    add_logs_api(router, plane_, logs_);
    add_system_api(router, std::string(engine_.name()));
    api_.emplace(Authenticator(home_.admin_token()), std::move(router));
  }

  void run() {
    tasks_.start(serve(), "serving");
    control_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  LocalEngineOptions engine_options();
  GatewayOptions gateway_options() const;
  ControlParts control_parts();

  RequestHandler handler() {
    return [this](Request request) { return api_->handle(std::move(request)); };
  }

  awaitable<void> serve() {
    try {
      co_await plane_.start();
      gateway_.start();
      const std::string url = url_of(config_, gateway_.port());
      home_.announce(url);
      log_info("cflashd {} listening on {} home={}", kVersion, url, home_.directory().string());
      tell_ready();
      const auto [ec, signal] = co_await signals_.async_wait(as_tuple);
      tasks_.start(give_up_on_second_signal(), "waiting for a second signal");
      log_info("signal {}: finishing running calls", signal);
      co_await run_blocking(pool_.get_executor(), [this] { gateway_.drain(); });
      co_await plane_.stop_all();
      log_info("stopped");
    } catch (...) {
      failure_ = std::current_exception();
    }
    engine_.release();
    control_.stop();
  }

  // Instances go on; the next daemon takes them over.
  awaitable<void> give_up_on_second_signal() {
    const auto [ec, signal] = co_await signals_.async_wait(as_tuple);
    if (ec) co_return;
    log_warning("signal {} again: ending at once", signal);
    std::_Exit(128 + signal);
  }

  const Config config_;
  Home home_;
  asio::io_context control_{1};
  asio::thread_pool store_pool_{1};
  asio::thread_pool pool_{kWorkers};
  FunctionStore store_;
  ImageStore images_;
  LogStore logs_;
  LocalEngine engine_;
  std::optional<Api> api_;
  Gateway gateway_;
  ControlPlane plane_;
  asio::signal_set signals_;
  TaskGroup tasks_;
  std::exception_ptr failure_;
};

LocalEngineOptions App::engine_options() {
  LocalEngineOptions options;
  options.home = home_.directory();
  options.control = control_.get_executor();
  options.workers = pool_.get_executor();
  return options;
}

GatewayOptions App::gateway_options() const {
  GatewayOptions options;
  options.host = config_.host;
  options.port = config_.port;
  options.threads = config_.threads;
  return options;
}

ControlParts App::control_parts() {
  return ControlParts{.engine = engine_,
                      .store = store_,
                      .images = images_,
                      .logs = logs_,
                      .control = control_.get_executor(),
                      .store_pool = store_pool_.get_executor(),
                      .pool = pool_.get_executor(),
                      .data_threads = gateway_.threads(),
                      .publish = [this](auto table) { gateway_.publish(std::move(table)); },
                      .make_queue = [this] { return gateway_.make_wait_queue(); }};
}

} // namespace

int run(const Config& config) {
  std::signal(SIGPIPE, SIG_IGN);
  if (config.debug) set_log_level(LogLevel::debug);
  raise_descriptor_limit();
  App(config).run();
  return 0;
}

} // namespace cubeflash::daemon
