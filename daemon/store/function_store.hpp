// SPDX-License-Identifier: Apache-2.0
// What should run, kept over kill -9 and power cuts. A call that returned is on disk. Blocking, one
// thread at a time; it refuses to know instances.
#pragma once

#include "common/model/function_spec.hpp"
#include "daemon/store/database.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

struct FunctionRecord {
  FunctionSpec spec;
  std::string image_digest;   // what spec.image meant when it was deployed
  std::uint64_t revision = 0; // counts up with every deploy of the name, over removals as well
  std::uint64_t replicas = 1; // desired instances
  std::string created_at;     // RFC 3339, of the first deploy
};

class FunctionStore {
 public:
  explicit FunctionStore(const std::filesystem::path& file);

  std::vector<FunctionRecord> load() const;

  // Throws Error(conflict) when it exists.
  FunctionRecord
  create(const FunctionSpec& spec, const std::string& image_digest, std::uint64_t replicas);

  // Keeps created_at; raises replicas to `min_replicas`. Throws Error(not_found).
  FunctionRecord
  update(const FunctionSpec& spec, const std::string& image_digest, std::uint64_t min_replicas);

  // Throw Error(not_found).
  void remove(const FunctionName& name);
  void set_replicas(const FunctionName& name, std::uint64_t replicas);

 private:
  std::optional<FunctionRecord> find(const FunctionName& name) const;
  std::uint64_t next_revision(const FunctionName& name);
  void write(const FunctionRecord& record);

  Database database_;
};

} // namespace cubeflash::daemon
