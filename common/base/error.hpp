// SPDX-License-Identifier: Apache-2.0
// The one error type. Thrown by whatever cannot do its job; caught in main, at the HTTP border and
// at the border of a background task. Knows nothing of HTTP codes or exit codes: those borders
// translate the kind.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace cubeflash {

enum class ErrorKind {
  usage,       // the command line was wrong
  invalid,     // input that can never work: a bad name, a broken file
  not_found,   // what was named does not exist
  conflict,    // exists already, or somebody else is changing it
  denied,      // credentials or permissions
  unavailable, // a peer is not there, or not now
  timeout,     // a deadline passed
  too_large,   // a limit was exceeded
  unsupported, // known, but not built yet or not on this engine
  failed,      // everything else
};

// `what()` says what happened and where; `hint()` how to fix it, empty when there is nothing to
// add.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& what, std::string hint = {})
      : std::runtime_error(what), kind_(kind), hint_(std::move(hint)) {}

  ErrorKind kind() const noexcept { return kind_; }

  const std::string& hint() const noexcept { return hint_; }

 private:
  ErrorKind kind_;
  std::string hint_;
};

// A failed system call: "<what>: <strerror>". `code` is an errno value, read by the caller before
// anything else runs.
class SystemError : public Error {
 public:
  SystemError(int code, const std::string& what);

  template <typename... Args>
  SystemError(int code, fmt::format_string<Args...> format, Args&&... args)
      : SystemError(code, fmt::format(format, std::forward<Args>(args)...)) {}

  int code() const noexcept { return code_; }

 private:
  int code_;
};

// Thread-safe strerror.
std::string errno_text(int code);

// Runs `action`; an Error that leaves it gets "<prefix>: " in front and keeps its kind and hint.
template <typename Action>
auto with_context(std::string_view prefix, Action&& action) -> decltype(action()) {
  try {
    return std::forward<Action>(action)();
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", prefix, error.what()), error.hint());
  }
}

} // namespace cubeflash
