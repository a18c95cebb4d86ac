// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/url_fetch.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stack_text.hpp"
#include <array>
#include <filesystem>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::tests;

namespace fs = std::filesystem;

namespace {

const std::string kStack = kProvider + "functions: {f: {image: \"${IMAGE:-x}\"}}\n";

// Answers each connection on 127.0.0.1 with the next of the given texts, then closes it.
class CannedServer {
 public:
  explicit CannedServer(std::vector<std::string> answers)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_.get(), generic, size) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    REQUIRE(::getsockname(listener_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answers = std::move(answers)] { serve(answers); });
  }

  ~CannedServer() {
    ::shutdown(listener_.get(), SHUT_RDWR); // ends a waiting accept
    thread_.join();
  }

  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }

 private:
  void serve(const std::vector<std::string>& answers) const {
    for (const auto& answer : answers) {
      const Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      std::string request;
      std::array<char, 4096> buffer{};
      ssize_t n = 0;
      while (request.find("\r\n\r\n") == std::string::npos &&
             (n = ::read(client.get(), buffer.data(), buffer.size())) > 0)
        request.append(buffer.data(), static_cast<std::size_t>(n));
      if (answer == "hang") {
        while (::read(client.get(), buffer.data(), buffer.size()) > 0) {
        }
        continue;
      }
      try {
        write_all(client.get(), answer);
      } catch (const Error&) { // the client has heard enough, which some tests want
      }
    }
  }

  Fd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string
reply(const std::string& status, const std::string& body, const std::string& headers = {}) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}",
                     status,
                     body.size(),
                     headers,
                     body);
}

cli::StackFile load(cli::StackOptions options) {
  if (!options.environment) options.environment = [](const std::string&) { return std::nullopt; };
  return cli::load_stack(options);
}

} // namespace

TEST_CASE("load: stack.yaml comes before stack.yml") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  cli::StackOptions options;
  options.directory = directory.path();
  CHECK_FALSE(cli::has_default_stack(directory.path()));
  const auto missing = error_of([&] { load(options); });
  CHECK(missing.kind() == ErrorKind::not_found);
  CHECK(std::string(missing.what()).find(directory.path().string()) != std::string::npos);
  write_file_atomic(directory.path() / "stack.yml", kProvider + "functions: {yml: {image: x}}\n");
  CHECK(cli::has_default_stack(directory.path()));
  CHECK(load(options).functions[0].name == "yml");
  write_file_atomic(directory.path() / "stack.yaml", kProvider + "functions: {yaml: {image: x}}\n");
  const auto stack = load(options);
  CHECK(stack.functions[0].name == "yaml");
  CHECK(stack.directory == directory.path());
}

TEST_CASE("load: a named file that is missing is an error that names it") {
  cli::StackOptions options;
  options.file = "/nowhere/stack.yml";
  const auto error = error_of([&] { load(options); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(std::string(error.what()).find("/nowhere/stack.yml") != std::string::npos);
}

TEST_CASE("load: a directory and an endless file are errors") {
  cli::StackOptions options;
  options.file = "/tmp";
  CHECK_THROWS_AS(load(options), Error);
  options.file = "/dev/zero";
  CHECK(error_of([&] { load(options); }).kind() == ErrorKind::too_large);
}

TEST_CASE("load: substitutes unless told not to") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  cli::StackOptions options;
  options.file = (directory.path() / "s.yml").string();
  write_file_atomic(options.file, kStack);
  options.environment = [](const std::string& name) {
    return name == "IMAGE" ? std::optional<std::string>("mine") : std::nullopt;
  };
  CHECK(load(options).functions[0].image == "mine");
  options.substitute = false;
  CHECK(load(options).functions[0].image == "${IMAGE:-x}");
}

TEST_CASE("load: mistakes of the substitution have the file's name") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  cli::StackOptions options;
  options.file = (directory.path() / "s.yml").string();
  write_file_atomic(options.file, "a: b\nc: ${d-e}\n");
  CHECK(std::string(error_of([&] { load(options); }).what()) ==
        options.file + ":2:4: missing closing brace");
}

TEST_CASE("load: filters, and refuses two filters before it looks at the file") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  cli::StackOptions options;
  options.file = (directory.path() / "s.yml").string();
  write_file_atomic(options.file, kProvider + "functions: {a: {image: x}, b: {image: x}}\n");
  options.filter = "b";
  CHECK(load(options).functions.size() == 1);
  options.regex = "a";
  options.file = "/nowhere";
  CHECK(error_of([&] { load(options); }).kind() == ErrorKind::usage);
}

TEST_CASE("load: a URL is fetched, through redirects, and handlers are relative to the current "
          "directory") {
  const CannedServer server(
      {reply("302 Found", "", "Location: /there.yml\r\n"), reply("200 OK", kStack)});
  cli::StackOptions options;
  options.file = server.url("/here.yml");
  const auto stack = load(options);
  CHECK(stack.functions[0].image == "x");
  CHECK(stack.path == options.file);
  CHECK(stack.directory == ".");
}

TEST_CASE("fetch: the answer's status decides the kind of error") {
  const std::pair<const char*, ErrorKind> rows[] = {{"404 Not Found", ErrorKind::not_found},
                                                    {"401 Unauthorized", ErrorKind::denied},
                                                    {"500 Broken", ErrorKind::unavailable},
                                                    {"304 Not Modified", ErrorKind::unavailable}};
  for (const auto& [status, kind] : rows) {
    CAPTURE(status);
    const CannedServer server({reply(status, "body")});
    CHECK(error_of([&] {
            cli::fetch_url(server.url("/x"), 1000, std::chrono::seconds(5));
          }).kind() == kind);
  }
}

TEST_CASE("fetch: size is bounded, whatever the server announces") {
  const CannedServer server(
      {reply("200 OK", std::string(1000, 'x')),
       reply("200 OK", std::string(1001, 'x')),
       "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5'000'000, 'x')});
  CHECK(cli::fetch_url(server.url("/"), 1000, std::chrono::seconds(5)).size() == 1000);
  for (int i = 0; i < 2; ++i)
    CHECK(error_of([&] {
            cli::fetch_url(server.url("/"), 1000, std::chrono::seconds(5));
          }).kind() == ErrorKind::too_large);
}

TEST_CASE("fetch: a server that says nothing meets the deadline") {
  const CannedServer server({"hang"});
  CHECK(error_of([&] {
          cli::fetch_url(server.url("/"), 1000, std::chrono::milliseconds(200));
        }).kind() == ErrorKind::timeout);
}

TEST_CASE("fetch: a server that is not there, one that cuts the answer short, and one that never "
          "stops redirecting") {
  std::string url;
  {
    const CannedServer gone({});
    url = gone.url("/");
  }
  CHECK(error_of([&] { cli::fetch_url(url, 1000, std::chrono::seconds(5)); }).kind() ==
        ErrorKind::unavailable);
  const CannedServer cut({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"});
  CHECK(error_of([&] { cli::fetch_url(cut.url("/"), 1000, std::chrono::seconds(5)); }).kind() ==
        ErrorKind::unavailable);
  const CannedServer loop(
      std::vector<std::string>(20, reply("302 Found", "", "Location: /again\r\n")));
  CHECK(error_of([&] { cli::fetch_url(loop.url("/"), 1000, std::chrono::seconds(5)); }).kind() ==
        ErrorKind::unavailable);
}

TEST_CASE("fetch: never leaves HTTP, and keeps credentials out of messages") {
  const CannedServer server(
      {reply("302 Found", "", "Location: file:///etc/passwd\r\n"), reply("404 Not Found", "")});
  CHECK(error_of([&] { cli::fetch_url(server.url("/"), 1000, std::chrono::seconds(5)); }).kind() ==
        ErrorKind::unavailable);
  const auto with_secret = "http://me:secret@" + server.url("/x").substr(7);
  const auto error = error_of([&] { cli::fetch_url(with_secret, 1000, std::chrono::seconds(5)); });
  CHECK(std::string(error.what()).find("secret") == std::string::npos);
  CHECK(std::string(error.what()).find("127.0.0.1") != std::string::npos);
}

TEST_CASE("fetch: only http and https count as URLs") {
  CHECK(cli::is_http_url("http://x"));
  CHECK(cli::is_http_url("HTTPS://x"));
  CHECK_FALSE(cli::is_http_url("file:///x"));
  CHECK_FALSE(cli::is_http_url("httpx"));
  CHECK_FALSE(cli::is_http_url("./http://x"));
}
