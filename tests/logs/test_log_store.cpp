// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "common/base/time.hpp"
#include "daemon/logs/log_store.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/small_disk.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

const FunctionName kFunction{"hello", "openfaas-fn"};

std::chrono::system_clock::time_point at_second(int second) {
  return *parse_rfc3339("2026-01-02T03:04:00.123456789Z") + seconds(second);
}

struct TestLogs {
  TemporaryDirectory place{fs::temp_directory_path()};
  fs::path directory = place.path() / "logs";
  fs::path file = directory / "openfaas-fn" / "hello.log";
  std::unique_ptr<LogStore> store;

  explicit TestLogs(LogLimits limits = {}) : store(std::make_unique<LogStore>(directory, limits)) {}

  void append(int second, const std::string& text, const std::string& instance = "hello-1") {
    store->append(kFunction, instance, at_second(second), text);
  }

  std::vector<std::string> texts(const LogFilter& filter = {}) const {
    std::vector<std::string> found;
    for (const auto& line : store->read(kFunction, filter))
      found.push_back(line.text);
    return found;
  }
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("LogStore: gives back what was appended, oldest first") {
  TestLogs logs;
  logs.append(1, "one");
  logs.append(2, "", "hello-2");
  logs.append(3, "  three \t with blanks ");
  const auto lines = logs.store->read(kFunction, {});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].function == kFunction);
  CHECK(lines[0].instance == "hello-1");
  CHECK(lines[0].timestamp == "2026-01-02T03:04:01.123456789Z");
  CHECK(lines[0].text == "one");
  CHECK(lines[1].instance == "hello-2");
  CHECK(lines[1].text == "");
  CHECK(lines[2].text == "  three \t with blanks ");
}

TEST_CASE("LogStore: a line stays one line, whatever the function prints") {
  TestLogs logs;
  const std::string nul("nul\0byte", 8);
  logs.append(1, "two\nlines");
  logs.append(2, nul);
  logs.append(3, "\xff\xfe no text\r");
  logs.append(4, std::string(100'000, 'x'));
  CHECK(logs.texts() == Texts{"two lines", nul, "\xff\xfe no text\r", std::string(100'000, 'x')});
}

TEST_CASE("LogStore: tail counts after the other conditions") {
  TestLogs logs;
  for (int i = 0; i < 10; ++i)
    logs.append(i, std::to_string(i), i % 2 == 0 ? "even" : "odd");
  CHECK(logs.texts({.instance = {}, .tail = 3, .since = {}}) == Texts{"7", "8", "9"});
  CHECK(logs.texts({.instance = {}, .tail = 0, .since = {}}) == Texts{});
  CHECK(logs.texts({.instance = {}, .tail = 99, .since = {}}).size() == 10);
  CHECK(logs.texts({.instance = "even", .tail = 2, .since = {}}) == Texts{"6", "8"});
  CHECK(logs.texts({.instance = {}, .tail = {}, .since = at_second(8)}) == Texts{"8", "9"});
  CHECK(logs.texts({.instance = "odd", .tail = {}, .since = at_second(6)}) == Texts{"7", "9"});
  CHECK(logs.texts({.instance = "nobody", .tail = {}, .since = {}}) == Texts{});
}

TEST_CASE("LogStore: since finds lines of instances whose times cross") {
  TestLogs logs;
  logs.append(30, "late clock");
  logs.append(10, "early clock");
  logs.append(31, "last");
  CHECK(logs.texts({.instance = {}, .tail = {}, .since = at_second(25)}) ==
        Texts{"late clock", "last"});
}

TEST_CASE("LogStore: reading goes over the rotated file, and the one before that is gone") {
  TestLogs logs({.max_file_bytes = 1000});
  for (int i = 0; i < 100; ++i)
    logs.append(i, std::to_string(i));
  const auto texts = logs.texts();
  REQUIRE(texts.size() > 15);
  CHECK(texts.size() < 60);
  CHECK(texts.back() == "99");
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(texts[i] == std::to_string(100 - texts.size() + i));
  CHECK(fs::file_size(logs.file) <= 1000);
  CHECK(fs::file_size(logs.file.string() + ".1") <= 1000);
  const auto current = static_cast<std::uint64_t>(texts.size()) - 1;
  CHECK(logs.texts({.instance = {}, .tail = current, .since = {}}).size() == current);
}

TEST_CASE("LogStore: one line larger than a file is kept all the same") {
  TestLogs logs({.max_file_bytes = 100});
  logs.append(1, std::string(500, 'x'));
  logs.append(2, "next");
  CHECK(logs.texts() == Texts{std::string(500, 'x'), "next"});
}

TEST_CASE(
    "LogStore: goes on in the same file after a restart, and a torn last line does not hurt") {
  TestLogs logs;
  logs.append(1, "one");
  logs.append(2, "two");
  logs.store.reset();
  const auto whole = read_file(logs.file);
  // As a power cut may leave it: the middle of a line, or blocks that were never written.
  SUBCASE("in its text") {
    write_file_atomic(logs.file, whole + "2026-01-02T03:04:03.000000000Z hello-1 tor");
  }
  SUBCASE("in its time") {
    write_file_atomic(logs.file, whole + "2026-01-");
  }
  SUBCASE("zero bytes") {
    write_file_atomic(logs.file, whole + std::string(5000, '\0'));
  }
  logs.store = std::make_unique<LogStore>(logs.directory);
  CHECK(logs.texts() == Texts{"one", "two"});
  logs.append(4, "four");
  CHECK(logs.texts() == Texts{"one", "two", "four"});
}

TEST_CASE("LogStore: damaged lines in the middle are passed over") {
  TestLogs logs;
  logs.append(1, "one");
  std::ofstream(logs.file, std::ios::app)
      << "garbage\n\n2026-01-02T03:04:03.000000000Z\n2026-01-02T03:04:03.000000000Z x\n";
  logs.append(2, "two");
  CHECK(logs.texts() == Texts{"one", "two"});
}

TEST_CASE("LogStore: functions do not see each other's lines, nor their namespaces") {
  TestLogs logs;
  logs.append(1, "mine");
  logs.store->append({"hello", "other"}, "i", at_second(1), "other namespace");
  logs.store->append({"hello2", "openfaas-fn"}, "i", at_second(1), "other name");
  CHECK(logs.texts() == Texts{"mine"});
  CHECK(logs.store->read({"unknown", "openfaas-fn"}, {}).empty());
}

TEST_CASE("LogStore: makes no path of a name that is none") {
  TestLogs logs;
  for (const auto* name : {"..", "../../evil", "a/b", "", "A"}) {
    CAPTURE(name);
    logs.store->append({name, "openfaas-fn"}, "i", at_second(1), "x");
    logs.store->append({"hello", name}, "i", at_second(1), "x");
    CHECK(logs.store->read({name, "openfaas-fn"}, {}).empty());
    CHECK(logs.store->read({"hello", name}, {}).empty());
  }
  CHECK(fs::is_empty(logs.directory));
}

TEST_CASE("LogStore: more functions than open files lose nothing") {
  TestLogs logs;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 150; ++i)
      logs.store->append(
          {fmt::format("f{}", i), "openfaas-fn"}, "i", at_second(round), std::to_string(round));
  std::size_t open = 0;
  for ([[maybe_unused]] const auto& fd : fs::directory_iterator("/proc/self/fd"))
    ++open;
  CHECK(open < 100);
  for (int i = 0; i < 150; ++i)
    CHECK(logs.store->read({fmt::format("f{}", i), "openfaas-fn"}, {}).size() == 2);
}

TEST_CASE("LogStore: a short tail of a long file is read from its end") {
  TestLogs logs({.max_file_bytes = 64U << 20U});
  logs.append(0, "first");
  logs.store.reset();
  {
    std::ofstream out(logs.file, std::ios::app);
    const auto line = "2026-01-02T03:04:05.000000000Z hello-1 " + std::string(1000, 'x') + "\n";
    for (int i = 0; i < 30'000; ++i)
      out << line;
  }
  logs.store = std::make_unique<LogStore>(logs.directory, LogLimits{.max_file_bytes = 64U << 20U});
  const auto bytes_read = [] {
    std::ifstream io("/proc/self/io");
    std::string name;
    std::uint64_t value = 0;
    while (io >> name >> value)
      if (name == "rchar:") return value;
    return std::uint64_t{0};
  };
  const auto before = bytes_read();
  CHECK(logs.texts({.instance = {}, .tail = 10, .since = {}}).size() == 10);
  CHECK(bytes_read() - before < (1U << 20U));
}

TEST_CASE("LogStore: a full disk loses lines without a word to the caller, and resumes by itself") {
  const SmallDisk disk(256U << 10U);
  if (!disk.reason().empty()) return skip_test(disk.reason());
  LogStore store(disk.path() / "logs");
  const auto follower = store.follow(kFunction, "");
  for (int i = 0; i < 400; ++i)
    store.append(kFunction, "i", at_second(i), std::string(1000, 'x'));
  const auto kept = store.read(kFunction, {}).size();
  CHECK(kept > 50);
  CHECK(kept < 400);
  for (const auto& line : store.read(kFunction, {}))
    CHECK(line.text.size() == 1000);
  int followed = 0;
  while (follower->take())
    ++followed;
  CHECK(followed == 400);

  write_file_atomic(disk.path() / "logs" / "openfaas-fn" / "hello.log", "");
  store.append(kFunction, "i", at_second(500), "again");
  store.append(kFunction, "i", at_second(501), "again");
  CHECK(store.read(kFunction, {}).back().text == "again");
}

TEST_CASE("LogStore: is for the daemon's account only") {
  TestLogs logs;
  logs.append(1, "one");
  CHECK((fs::status(logs.directory).permissions() & fs::perms(0077)) == fs::perms::none);
  CHECK((fs::status(logs.file).permissions() & fs::perms(0077)) == fs::perms::none);
}

TEST_CASE("collect_garbage: deletes old logs of functions that are no more, and only those") {
  TestLogs logs({.max_file_bytes = 100});
  const std::vector<FunctionName> functions{
      {"kept", "a"}, {"gone", "a"}, {"young", "a"}, {"gone", "b"}};
  for (const auto& function : functions)
    for (int i = 0; i < 5; ++i)
      logs.store->append(function, "i", at_second(i), "a line of some length, to rotate");
  for (const auto& entry : fs::recursive_directory_iterator(logs.directory))
    if (entry.path().filename() != "young.log")
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(2));
  logs.store->collect_garbage([](const FunctionName& f) { return f.name == "kept"; },
                              std::chrono::hours(1));
  CHECK(fs::exists(logs.directory / "a" / "kept.log"));
  CHECK(fs::exists(logs.directory / "a" / "young.log.1"));
  CHECK_FALSE(fs::exists(logs.directory / "a" / "gone.log"));
  CHECK_FALSE(fs::exists(logs.directory / "a" / "gone.log.1"));
  CHECK_FALSE(fs::exists(logs.directory / "b"));
  // And a function of that name may come again.
  logs.store->append({"gone", "b"}, "i", at_second(9), "back");
  CHECK(logs.store->read({"gone", "b"}, {}).size() == 1);
}
