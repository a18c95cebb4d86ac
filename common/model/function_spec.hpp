// SPDX-License-Identifier: Apache-2.0
// What a user wants of one function, and the rules of names. The same value on both ends of the
// API; it refuses to know how it was written (YAML, flags, JSON) or how it is run.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash {

using std::chrono::milliseconds;

inline constexpr std::string_view kDefaultNamespace = "openfaas-fn";

// Default of `timeout`, and of OpenFaaS's gateway.
inline constexpr milliseconds kDefaultTimeout{60'000};

struct FunctionName {
  std::string name;
  std::string space = std::string(kDefaultNamespace); // the namespace

  // "NAME" or "NAME.NS", split at the last dot. Not validated: routes must answer 404, not 400, for
  // odd names.
  static FunctionName parse(std::string_view text);

  // "NAME.NS"
  std::string full() const;

  // "NAME" in the default namespace, else "NAME.NS"; for people and URLs.
  std::string brief() const;

  friend bool operator==(const FunctionName&, const FunctionName&) = default;
  friend auto operator<=>(const FunctionName&, const FunctionName&) = default;
};

// Texts as the user wrote them ("128Mi", "100m"): the API must give them back unchanged.
struct Resources {
  std::string memory;
  std::string cpu;

  bool empty() const { return memory.empty() && cpu.empty(); }

  friend bool operator==(const Resources&, const Resources&) = default;
};

using StringMap = std::map<std::string, std::string>;

// A FunctionDeployment (openfaas-contract §1.4) plus the keys of our own.
struct FunctionSpec {
  FunctionName name;
  std::string image;
  std::string env_process; // becomes `fprocess`; an explicit environment entry wins
  StringMap environment;
  std::vector<std::string> constraints;
  std::vector<std::string> secrets;
  StringMap labels;
  StringMap annotations;
  Resources limits;
  Resources requests;
  bool read_only_root = false;

  std::string mode;                         // empty: fork
  std::optional<milliseconds> timeout;      // one call, start to end; absent: kDefaultTimeout
  std::optional<std::uint32_t> concurrency; // calls one instance takes at once; absent: no limit

  friend bool operator==(const FunctionSpec&, const FunctionSpec&) = default;
};

// The values of `mode:`; only "fork" is built yet.
const std::vector<std::string>& watchdog_modes();

// Throws Error(invalid, or unsupported for what is known but not built) with the first thing that
// is wrong: names, quantities, mode, ranges, environment names. Both ends call it, so both say the
// same words.
void validate(const FunctionSpec& spec);

// Throws Error(invalid) unless it is a DNS-1123 label. `what` names it in the message: "function
// name".
void validate_name(std::string_view name, std::string_view what);

} // namespace cubeflash
