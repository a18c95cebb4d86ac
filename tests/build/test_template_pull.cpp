// SPDX-License-Identifier: Apache-2.0
#include "cli/build/template_source.hpp"
#include "cli/build/template_store.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "tests/build/build_project.hpp"

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

// A project, and beside it a repository's content with two templates.
class Shelf {
 public:
  Shelf() {
    put_file(source() / "template/alpha/template.yml", "language: alpha\n");
    put_file(source() / "template/alpha/run.sh", "#!/bin/sh\n", true);
    put_file(source() / "template/alpha/function/handler", "h");
    put_file(source() / "template/beta/template.yml", "language: beta\n");
    put_file(source() / "template/README.md", "");
    fs::create_directories(project());
  }

  fs::path root() const { return directory_.path(); }

  fs::path project() const { return root() / "project"; }

  fs::path source() const { return root() / "source"; }

  fs::path pulled(const std::string& path) const { return project() / "template" / path; }

  TemplateStore store() const { return TemplateStore(project()); }

  // Runs a tool that makes the source; its whole output on a failure.
  void make(const std::string& program, const std::vector<std::string>& args) const {
    const auto result = run(Command{
        .program = program, .args = args, .argv0 = {}, .env = {}, .cwd = source().string()});
    REQUIRE_MESSAGE(result.status.ok(), result.err);
  }

  // Makes the source a git repository; its commit.
  std::string commit() const {
    make("git", {"init", "--quiet", "--initial-branch=main"});
    make("git", {"add", "."});
    make("git",
         {"-c",
          "user.name=t",
          "-c",
          "user.email=t@example.com",
          "-c",
          "commit.gpgsign=false",
          "commit",
          "--quiet",
          "-m",
          "templates"});
    const auto result = run(Command{.program = "git",
                                    .args = {"rev-parse", "HEAD"},
                                    .argv0 = {},
                                    .env = {},
                                    .cwd = source().string()});
    return std::string(trim(result.out));
  }

 private:
  TemporaryDirectory directory_{fs::temp_directory_path(), "cflash-test-"};
};

nlohmann::json meta_of(const fs::path& directory) {
  return nlohmann::json::parse(read_file(directory / "meta.json"));
}

// Answers one HTTP request on 127.0.0.1.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer)
      : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_.get(), 1) == 0);
    REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }

  ~OneAnswer() { thread_.join(); }

  std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }

 private:
  void serve() {
    pollfd wait{listener_.get(), POLLIN, 0};
    if (::poll(&wait, 1, 20'000) <= 0) return;
    const Fd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char buffer[4096];
    if (!peer || ::read(peer.get(), buffer, sizeof buffer) <= 0) return;
    try {
      write_all(peer.get(), answer_);
    } catch (const Error&) {
      // the client may have heard enough
    }
  }

  std::string answer_;
  Fd listener_;
  unsigned port_ = 0;
  std::thread thread_;
};

} // namespace

TEST_CASE("template pull: every template of a folder is copied, with its origin") {
  const Shelf shelf;
  const auto pulled = shelf.store().pull(shelf.source().string(), true);
  CHECK(pulled.added == std::vector<std::string>{"alpha", "beta"});
  CHECK(pulled.skipped.empty());
  CHECK(read_file(shelf.pulled("alpha/function/handler")) == "h");
  CHECK((fs::status(shelf.pulled("alpha/run.sh")).permissions() & fs::perms::owner_exec) !=
        fs::perms::none);
  CHECK(meta_of(shelf.pulled("alpha")).at("repository") == shelf.source().string());
  CHECK(meta_of(shelf.pulled("alpha")).at("written_at").get<std::string>().ends_with("Z"));
  CHECK(shelf.store().find("alpha").origin == "./template");
  for (const auto& item : fs::directory_iterator(shelf.project() / "template"))
    CHECK(is_template_name(item.path().filename().string()));
}

TEST_CASE("template pull: a folder of templates itself will do") {
  const Shelf shelf;
  CHECK(shelf.store().pull((shelf.source() / "template").string(), true).added.size() == 2);
}

TEST_CASE("template pull: what is there is kept or replaced, as asked") {
  const Shelf shelf;
  put_file(shelf.pulled("alpha/template.yml"), "language: mine\n");
  put_file(shelf.pulled("alpha/old"), "");
  const auto kept = shelf.store().pull(shelf.source().string(), false);
  CHECK(kept.added == std::vector<std::string>{"beta"});
  CHECK(kept.skipped == std::vector<std::string>{"alpha"});
  CHECK(shelf.store().find("alpha").language == "mine");
  CHECK(shelf.store().pull(shelf.source().string(), true).added.size() == 2);
  CHECK(shelf.store().find("alpha").language == "alpha");
  CHECK_FALSE(fs::exists(shelf.pulled("alpha/old")));
}

TEST_CASE("template pull: names choose, and an unknown one brings nothing") {
  const Shelf shelf;
  CHECK(shelf.store().pull(shelf.source().string(), true, {"beta"}).added ==
        std::vector<std::string>{"beta"});
  CHECK_FALSE(fs::exists(shelf.pulled("alpha")));
  const auto error = error_of([&] {
    shelf.store().pull(shelf.source().string(), true, {"alpha", "bta"});
  });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(mentions(error.what(), "no template \"bta\" in it; did you mean \"beta\"?"));
  CHECK_FALSE(fs::exists(shelf.pulled("alpha")));
}

TEST_CASE("template pull: a git repository, at a branch, a tag or a commit") {
  if (!find_program("git")) return skip("there is no git");
  const Shelf shelf;
  const auto sha = shelf.commit();
  shelf.make("git", {"tag", "v1"});
  shelf.make("git", {"clone", "--quiet", "--bare", ".", (shelf.root() / "bare.git").string()});
  const auto bare = (shelf.root() / "bare.git").string();
  // As in a hook of another repository.
  const ScopedVariable elsewhere("GIT_DIR", (shelf.root() / "elsewhere").string());
  for (const std::string reference : {"", "#main", "#v1"}) {
    for (const auto& url : {"file://" + bare, bare}) {
      CAPTURE(url + reference);
      CHECK(shelf.store().pull(url + reference, true).added.size() == 2);
      const auto meta = meta_of(shelf.pulled("alpha"));
      CHECK(meta.at("repository") == url);
      CHECK(meta.at("ref_name") == (reference.empty() ? "" : reference.substr(1)));
      CHECK(meta.at("sha") == sha);
      CHECK_FALSE(fs::exists(shelf.pulled(".git")));
    }
  }
  CHECK(shelf.store().find("alpha@v1").name == "alpha");
  CHECK(shelf.store().pull("file://" + bare + "#sha-" + sha, true).added.size() == 2);
  CHECK(shelf.store().find("alpha@sha-" + sha.substr(0, 8)).name == "alpha");
}

TEST_CASE(
    "template pull: a repository or reference that is not there is an error without credentials") {
  if (!find_program("git")) return skip("there is no git");
  const Shelf shelf;
  shelf.commit();
  CHECK(error_of([&] {
          shelf.store().pull("file://" + shelf.source().string() + "#no-such", true);
        }).kind() == ErrorKind::unavailable);
  CHECK(error_of([&] { shelf.store().pull("file:///no/such/repository.git", true); }).kind() ==
        ErrorKind::unavailable);
  const ScopedVariable direct("no_proxy", "127.0.0.1");
  const auto error =
      error_of([&] { shelf.store().pull("http://user:s3cret@127.0.0.1:1/x.git", true); });
  CHECK(error.kind() == ErrorKind::unavailable);
  CHECK_FALSE(mentions(error.what(), "s3cret"));
  CHECK_FALSE(fs::exists(shelf.project() / "template"));
}

TEST_CASE(
    "template pull: sources that could be taken for options or other transports are refused") {
  const Shelf shelf;
  for (const std::string source : {"", "--upload-pack=id", "#v1", "-x#main"}) {
    CAPTURE(source);
    CHECK(error_of([&] { shelf.store().pull(source, true); }).kind() == ErrorKind::invalid);
  }
  CHECK(error_of([&] { shelf.store().pull("ext::sh -c id", true); }).kind() ==
        ErrorKind::not_found);
  CHECK(error_of([&] { shelf.store().pull("./no-such-folder", true); }).kind() ==
        ErrorKind::not_found);
}

TEST_CASE("template pull: archives, with or without a directory around everything") {
  const Shelf shelf;
  const auto archive = (shelf.root() / "templates.tar.gz").string();
  shelf.make("tar", {"-czf", archive, "template"});
  CHECK(shelf.store().pull(archive, true).added.size() == 2);
  shelf.make("tar", {"-czf", archive, "--transform=s,^,repo-main/,", "template"});
  fs::remove_all(shelf.project() / "template");
  CHECK(shelf.store().pull(archive, true).added.size() == 2);
  CHECK(meta_of(shelf.pulled("beta")).at("sha") == "");
}

TEST_CASE("template pull: an archive that leads out changes nothing") {
  const Shelf shelf;
  const auto archive = (shelf.root() / "bad.tar").string();
  shelf.make("tar",
             {"-cPf", archive, "template", "--transform=s,template/README.md,../../escaped,"});
  const auto error = error_of([&] { shelf.store().pull(archive, true); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "escaped"));
  CHECK_FALSE(fs::exists(shelf.project() / "template"));
}

TEST_CASE("template pull: what is no archive is refused") {
  const Shelf shelf;
  put_file(shelf.root() / "x.zip", "this is no archive");
  CHECK(error_of([&] { shelf.store().pull((shelf.root() / "x.zip").string(), true); }).kind() ==
        ErrorKind::invalid);
}

TEST_CASE("template pull: a template with a link that leads out changes nothing") {
  const Shelf shelf;
  fs::create_symlink("../../../../etc/passwd", shelf.source() / "template/beta/evil");
  const auto error = error_of([&] { shelf.store().pull(shelf.source().string(), true); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "evil"));
  CHECK_FALSE(fs::exists(shelf.pulled("alpha")));
}

TEST_CASE("template pull: a broken template.yml or an odd name changes nothing") {
  const Shelf shelf;
  put_file(shelf.source() / "template/gamma/template.yml", "fprocess: [\n");
  auto error = error_of([&] { shelf.store().pull(shelf.source().string(), true); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "gamma/template.yml:2:1"));
  fs::remove_all(shelf.source() / "template/gamma");
  put_file(shelf.source() / "template/-rf/template.yml", "language: x\n");
  error = error_of([&] { shelf.store().pull(shelf.source().string(), true); });
  CHECK(mentions(error.what(), "\"-rf\" is not a template's name"));
  CHECK_FALSE(fs::exists(shelf.pulled("alpha")));
}

TEST_CASE("template pull: what holds no template says so") {
  const Shelf shelf;
  fs::create_directories(shelf.root() / "empty");
  const auto error = error_of([&] { shelf.store().pull((shelf.root() / "empty").string(), true); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(mentions(error.what(), "holds no template"));
}

TEST_CASE("template pull: the folder of pulled templates is no source") {
  const Shelf shelf;
  shelf.store().pull(shelf.source().string(), true);
  CHECK(error_of([&] { shelf.store().pull(shelf.project().string(), true); }).kind() ==
        ErrorKind::invalid);
  CHECK(fs::exists(shelf.pulled("alpha/template.yml")));
}

TEST_CASE("template pull: an archive over HTTP") {
  const ScopedVariable direct("no_proxy", "127.0.0.1");
  const Shelf shelf;
  const auto archive = shelf.root() / "t.tgz";
  shelf.make("tar", {"-czf", archive.string(), "template"});
  const auto body = read_file(archive);
  {
    const OneAnswer server(fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", body.size(), body));
    CHECK(shelf.store().pull(server.url("/templates.tar.gz?x=1"), true).added.size() == 2);
  }
  {
    const OneAnswer server(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK(error_of([&] { shelf.store().pull(server.url("/t.zip"), true); }).kind() ==
          ErrorKind::not_found);
  }
  {
    const OneAnswer server(
        fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                    body.size(),
                    body.substr(0, 50)));
    CHECK(error_of([&] { shelf.store().pull(server.url("/t.zip"), true); }).kind() ==
          ErrorKind::unavailable);
  }
}
