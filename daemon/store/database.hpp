// SPDX-License-Identifier: Apache-2.0
// SQLite, wrapped once: connections and statements with owners, codes turned into errors. It
// refuses to know any table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace cubeflash::daemon {

// One prepared statement. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::int64_t number);

  // True when there is a row to read.
  bool step();

  std::string text(int column) const;
  std::int64_t integer(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// A connection in WAL mode whose commits survive a power cut (synchronous=FULL). One thread at a
// time.
class Database {
 public:
  // Opens or creates the file (0600). Throws Error(failed) naming it when it is no database,
  // SystemError-like text when the disk is full.
  explicit Database(const std::filesystem::path& file);

  Statement prepare(std::string_view sql) const;
  void execute(const std::string& sql) const;

  // Commits what `work` did, or rolls it back when it throws.
  void transaction(const std::function<void()>& work) const;

  // Brings the schema up: migrations[i] takes user_version i to i+1, each in a transaction. Throws
  // when the file is from a newer program.
  void migrate(const std::vector<std::string>& migrations) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  std::unique_ptr<sqlite3, Close> database_;
  std::string name_;
};

} // namespace cubeflash::daemon
