// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/engine_world.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "daemon/engine/endpoint.hpp"
#include "daemon/engine/local/leftovers.hpp"
#include "daemon/engine/local/process_table.hpp"
#include "tests/engine/test_image.hpp"

#include <boost/asio/co_spawn.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLinesKept = 10'000;

// One image for all tests of this process: unpacking is the image store's business.
ImageStore& shared_images() {
  static ImageStore store(scratch_directory() / "images");
  return store;
}

const std::string& shared_digest() {
  static const std::string digest = push_test_image(shared_images());
  return digest;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536>
      buffer; // NOLINT(cppcoreguidelines-pro-type-member-init) - read() fills it
  for (;;) {
    const auto n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "reading a response");
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

} // namespace

const fs::path& scratch_directory() {
  static const TemporaryDirectory directory = [] {
    TemporaryDirectory made(fs::temp_directory_path(), "cflash-engine-");
    ::chmod(made.path().c_str(), 0711); // instances have accounts of their own
    return made;
  }();
  return directory.path();
}

void Recorder::on_log(const std::string& id,
                      const FunctionName&,
                      std::chrono::system_clock::time_point,
                      std::string_view text) {
  bytes[id] += text.size() + 1;
  if (auto& kept = lines[id]; kept.size() < kLinesKept) kept.emplace_back(text);
}

bool Recorder::has_line(const std::string& id, std::string_view part) const {
  const auto found = lines.find(id);
  if (found == lines.end()) return false;
  for (const auto& line : found->second)
    if (line.find(part) != std::string::npos) return true;
  return false;
}

EngineWorld::EngineWorld(Setup setup) : setup_(std::move(setup)) {
  if (setup_.home.empty()) setup_.home = scratch_directory() / random_hex(4);
  fs::create_directories(setup_.home);
  if (setup_.images.empty()) {
    image = shared_digest();
  } else {
    images_ = std::make_unique<ImageStore>(setup_.images);
  }
  LocalEngineOptions options;
  options.home = setup_.home;
  options.control = control_.get_executor();
  options.workers = workers_.get_executor();
  options.allow_sandbox = setup_.sandbox;
  options.start_timeout = setup_.start_timeout;
  engine_ = std::make_unique<LocalEngine>(images_ ? *images_ : shared_images(), options);
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(control_,
                 engine_->adopt(seen),
                 [&](std::exception_ptr error, std::vector<AdoptedInstance> found) {
                   failure = error;
                   adopted = std::move(found);
                   done = true;
                 });
  wait([&] { return done; });
  if (failure) std::rethrow_exception(failure);
}

EngineWorld::~EngineWorld() {
  engine_->release();
  workers_.join();
  control_.restart();
  control_.poll();
}

InstanceSpec EngineWorld::spec(const std::string& id, const std::string& behave) {
  InstanceSpec made;
  made.id = id;
  made.function = {"tested", "openfaas-fn"};
  made.revision = 7;
  made.image_digest = image;
  made.environment["from_spec"] = "yes";
  if (!behave.empty()) made.environment["BEHAVE"] = behave;
  made.stop_grace = milliseconds(3'000);
  return made;
}

void EngineWorld::start(InstanceSpec wanted) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(control_, engine_->start(std::move(wanted)), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  if (!wait([&] { return done; })) throw Error(ErrorKind::timeout, "start() does not return");
  if (failure) std::rethrow_exception(failure);
}

void EngineWorld::stop_all() {
  for (const auto& directory : list_instance_directories(setup_.home))
    engine_->stop(directory.path().filename().string());
  wait([&] { return list_instance_directories(setup_.home).empty(); });
}

bool EngineWorld::wait(const std::function<bool()>& fact, milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!fact()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    control_.restart();
    control_.run_one_for(milliseconds(10));
  }
  return true;
}

bool EngineWorld::wait_ready(const std::string& id) {
  wait([&] { return seen.ready.contains(id) || seen.exits.contains(id); });
  if (seen.exits.contains(id)) std::fprintf(stderr, "%s: %s\n", id.c_str(), seen.exits[id].c_str());
  return seen.ready.contains(id) && !seen.exits.contains(id);
}

bool EngineWorld::wait_exit(const std::string& id) {
  return wait([&] { return seen.exits.contains(id); });
}

std::string EngineWorld::post(const std::string& id, const std::string& body) {
  const ConnectPath path = connect_path(seen.ready.at(id));
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{20, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.text().c_str(), sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw SystemError(errno, "connecting to {}", id);
  write_all(
      socket.get(),
      fmt::format(
          "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
          body.size(),
          body));
  return read_all(socket.get());
}

std::vector<pid_t> processes_of(const std::string& id) {
  std::vector<pid_t> found;
  for (const pid_t pid : all_processes())
    if (const auto facts = process_facts(pid);
        facts && !facts->zombie && has_environment_entry(pid, instance_marker(id)))
      found.push_back(pid);
  return found;
}

} // namespace cubeflash::daemon
