// SPDX-License-Identifier: Apache-2.0
// Shell patterns (*, ?, [a-z], \x) measured against the ends of a text; a letter is a UTF-8
// sequence. Time is the product of both lengths, whatever the pattern: it is simulated as an
// automaton, without backtracking.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cubeflash::cli {

class Glob {
 public:
  enum class Reach { shortest, longest };

  // nullopt when a bracket is not closed. Borrows the pattern. `only_star`: every other character
  // stands for itself.
  static std::optional<Glob> parse(std::string_view pattern, bool only_star = false);

  bool matches(std::string_view text) const;

  // Length of the part that matches at the front (or the back), 0 when none does. An empty match
  // does not count.
  std::size_t prefix(std::string_view text, Reach reach) const;
  std::size_t suffix(std::string_view text, Reach reach) const;

 private:
  struct Token {
    enum class Kind { literal, any, star, set } kind = Kind::literal;
    std::string_view text{}; // the literal, or what is between the brackets, without the negation
    bool negated = false;

    bool accepts(std::string_view letter) const;
  };

  static std::optional<Token> take_set(std::string_view& rest);
  std::size_t measure(std::string_view text, bool backwards, Reach reach) const;

  std::vector<Token> tokens_;
};

} // namespace cubeflash::cli
