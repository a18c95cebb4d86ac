// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/database.hpp"

#include "common/base/error.hpp"

#include <sqlite3.h>

#include <sys/stat.h>

namespace cubeflash::daemon {

namespace {

constexpr int kBusyMilliseconds = 10'000; // a backup tool may hold the file for a moment

[[noreturn]] void fail(sqlite3* database, std::string_view doing) {
  const int code = sqlite3_extended_errcode(database);
  const auto kind = (code & 0xff) == SQLITE_FULL ? ErrorKind::unavailable : ErrorKind::failed;
  throw Error(kind, fmt::format("{}: {}", doing, sqlite3_errmsg(database)));
}

} // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK)
    fail(database, "preparing a statement");
  statement_.reset(statement);
}

Statement& Statement::bind(int index, std::string_view text) {
  if (sqlite3_bind_text64(
          statement_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) !=
      SQLITE_OK)
    fail(sqlite3_db_handle(statement_.get()), "binding a value");
  return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
  if (sqlite3_bind_int64(statement_.get(), index, number) != SQLITE_OK)
    fail(sqlite3_db_handle(statement_.get()), "binding a value");
  return *this;
}

bool Statement::step() {
  switch (sqlite3_step(statement_.get())) {
  case SQLITE_ROW:
    return true;
  case SQLITE_DONE:
    return false;
  default:
    fail(sqlite3_db_handle(statement_.get()), "the state database");
  }
}

std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Database::Database(const std::filesystem::path& file) : name_(file.string()) {
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(name_.c_str(),
                                   &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                   nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) fail(database, "opening " + name_);
  ::chmod(name_.c_str(), 0600);
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=FULL");
}

Statement Database::prepare(std::string_view sql) const {
  return {database_.get(), sql};
}

void Database::execute(const std::string& sql) const {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(database_.get(), name_);
}

void Database::transaction(const std::function<void()>& work) const {
  execute("BEGIN IMMEDIATE");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

void Database::migrate(const std::vector<std::string>& migrations) const {
  auto query = prepare("PRAGMA user_version");
  query.step();
  const auto version = static_cast<std::size_t>(query.integer(0));
  if (version > migrations.size())
    throw Error(ErrorKind::failed,
                fmt::format("{} was written by a newer cflashd", name_),
                "run the newer version, or use another --home");
  for (std::size_t next = version; next < migrations.size(); ++next) {
    transaction([&] {
      execute(migrations[next]);
      execute(fmt::format("PRAGMA user_version={}", next + 1));
    });
  }
}

} // namespace cubeflash::daemon
