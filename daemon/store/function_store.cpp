// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/function_store.hpp"

#include "common/base/error.hpp"
#include "common/base/time.hpp"
#include "common/model/api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cubeflash::daemon {

namespace {

const std::vector<std::string>& migrations() {
  static const std::vector<std::string> steps{
      // `revisions` outlives its function, so that a revision's number is never used twice.
      "CREATE TABLE functions (namespace TEXT NOT NULL, name TEXT NOT NULL, spec TEXT NOT NULL,"
      " image_digest TEXT NOT NULL, revision INTEGER NOT NULL, replicas INTEGER NOT NULL, "
      "created_at TEXT NOT NULL,"
      " PRIMARY KEY (namespace, name)) WITHOUT ROWID;"
      "CREATE TABLE revisions (namespace TEXT NOT NULL, name TEXT NOT NULL, last INTEGER NOT NULL,"
      " PRIMARY KEY (namespace, name)) WITHOUT ROWID;"};
  return steps;
}

constexpr std::string_view kColumns = "spec, image_digest, revision, replicas, created_at";

FunctionRecord read_record(const Statement& row) {
  return FunctionRecord{.spec = function_spec_from_json(parse_json(row.text(0))),
                        .image_digest = row.text(1),
                        .revision = static_cast<std::uint64_t>(row.integer(2)),
                        .replicas = static_cast<std::uint64_t>(row.integer(3)),
                        .created_at = row.text(4)};
}

[[noreturn]] void not_found(const FunctionName& name) {
  throw Error(ErrorKind::not_found, fmt::format("function {} does not exist", name.brief()));
}

} // namespace

FunctionStore::FunctionStore(const std::filesystem::path& file) : database_(file) {
  database_.migrate(migrations());
}

std::vector<FunctionRecord> FunctionStore::load() const {
  std::vector<FunctionRecord> records;
  auto rows = database_.prepare(fmt::format("SELECT {} FROM functions", kColumns));
  while (rows.step())
    records.push_back(read_record(rows));
  return records;
}

std::optional<FunctionRecord> FunctionStore::find(const FunctionName& name) const {
  auto row = database_.prepare(
      fmt::format("SELECT {} FROM functions WHERE namespace=? AND name=?", kColumns));
  row.bind(1, name.space).bind(2, name.name);
  return row.step() ? std::optional(read_record(row)) : std::nullopt;
}

std::uint64_t FunctionStore::next_revision(const FunctionName& name) {
  auto row = database_.prepare("INSERT INTO revisions (namespace, name, last) VALUES (?, ?, 1)"
                               " ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last");
  row.bind(1, name.space).bind(2, name.name);
  row.step();
  const auto revision = static_cast<std::uint64_t>(row.integer(0));
  row.step(); // to its end: an unfinished statement blocks the commit
  return revision;
}

void FunctionStore::write(const FunctionRecord& record) {
  auto insert =
      database_.prepare("INSERT OR REPLACE INTO functions"
                        " (namespace, name, spec, image_digest, revision, replicas, created_at)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, record.spec.name.space)
      .bind(2, record.spec.name.name)
      .bind(3, to_json(record.spec).dump())
      .bind(4, record.image_digest)
      .bind(5, static_cast<std::int64_t>(record.revision))
      .bind(6, static_cast<std::int64_t>(record.replicas))
      .bind(7, record.created_at);
  insert.step();
}

FunctionRecord FunctionStore::create(const FunctionSpec& spec,
                                     const std::string& image_digest,
                                     std::uint64_t replicas) {
  FunctionRecord record{.spec = spec,
                        .image_digest = image_digest,
                        .replicas = replicas,
                        .created_at = format_rfc3339(std::chrono::system_clock::now())};
  database_.transaction([&] {
    if (find(spec.name))
      throw Error(ErrorKind::conflict,
                  fmt::format("function {} exists already", spec.name.brief()));
    record.revision = next_revision(spec.name);
    write(record);
  });
  return record;
}

FunctionRecord FunctionStore::update(const FunctionSpec& spec,
                                     const std::string& image_digest,
                                     std::uint64_t min_replicas) {
  FunctionRecord record;
  database_.transaction([&] {
    auto found = find(spec.name);
    if (!found) not_found(spec.name);
    record = std::move(*found);
    record.spec = spec;
    record.image_digest = image_digest;
    record.replicas = std::max(record.replicas, min_replicas);
    record.revision = next_revision(spec.name);
    write(record);
  });
  return record;
}

void FunctionStore::remove(const FunctionName& name) {
  auto row = database_.prepare("DELETE FROM functions WHERE namespace=? AND name=? RETURNING 1");
  row.bind(1, name.space).bind(2, name.name);
  if (!row.step()) not_found(name);
  row.step(); // to its end: that is the commit
}

void FunctionStore::set_replicas(const FunctionName& name, std::uint64_t replicas) {
  auto row =
      database_.prepare("UPDATE functions SET replicas=? WHERE namespace=? AND name=? RETURNING 1");
  row.bind(1, static_cast<std::int64_t>(replicas)).bind(2, name.space).bind(3, name.name);
  if (!row.step()) not_found(name);
  row.step(); // to its end: that is the commit
}

} // namespace cubeflash::daemon
