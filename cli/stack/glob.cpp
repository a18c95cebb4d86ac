// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/glob.hpp"

namespace cubeflash::cli {

namespace {

// The first letter: a UTF-8 sequence, or one byte where there is none.
std::string_view first_letter(std::string_view text) {
  std::size_t length = 1;
  if (static_cast<unsigned char>(text.front()) >= 0xC0)
    while (length < text.size() && length < 4 &&
           (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80)
      ++length;
  return text.substr(0, length);
}

std::string_view take_letter(std::string_view& text) {
  const auto letter = first_letter(text);
  text.remove_prefix(letter.size());
  return letter;
}

// UTF-8 sorts like its code points, so ranges compare as texts.
bool set_holds(std::string_view set, std::string_view letter) {
  while (!set.empty()) {
    const auto from = take_letter(set);
    auto to = from;
    if (set.size() > 1 && set.front() == '-') {
      set.remove_prefix(1);
      to = take_letter(set);
    }
    if (from <= letter && letter <= to) return true;
  }
  return false;
}

std::vector<std::string_view> letters_of(std::string_view text) {
  std::vector<std::string_view> letters;
  while (!text.empty())
    letters.push_back(take_letter(text));
  return letters;
}

} // namespace

bool Glob::Token::accepts(std::string_view letter) const {
  switch (kind) {
  case Kind::literal:
    return letter == text;
  case Kind::any:
  case Kind::star:
    return true;
  case Kind::set:
    return set_holds(text, letter) != negated;
  }
  return false;
}

// `rest` begins after the opening bracket.
std::optional<Glob::Token> Glob::take_set(std::string_view& rest) {
  Token token{Token::Kind::set};
  token.negated = rest.starts_with('^') || rest.starts_with('!');
  if (token.negated) rest.remove_prefix(1);
  const auto end = rest.find(']', 1); // a bracket that comes first is a member
  if (end == std::string_view::npos) return std::nullopt;
  token.text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return token;
}

std::optional<Glob> Glob::parse(std::string_view rest, bool only_star) {
  Glob glob;
  while (!rest.empty()) {
    const std::string_view letter = take_letter(rest);
    if (letter == "*") {
      const bool doubled = !glob.tokens_.empty() && glob.tokens_.back().kind == Token::Kind::star;
      if (!doubled) glob.tokens_.push_back({Token::Kind::star});
    } else if (only_star) {
      glob.tokens_.push_back({Token::Kind::literal, letter});
    } else if (letter == "?") {
      glob.tokens_.push_back({Token::Kind::any});
    } else if (letter == "[") {
      const auto set = take_set(rest);
      if (!set) return std::nullopt;
      glob.tokens_.push_back(*set);
    } else if (letter == "\\" && !rest.empty()) {
      glob.tokens_.push_back({Token::Kind::literal, take_letter(rest)});
    } else {
      glob.tokens_.push_back({Token::Kind::literal, letter});
    }
  }
  return glob;
}

std::size_t Glob::measure(std::string_view text, bool backwards, Reach reach) const {
  const std::size_t count = tokens_.size();
  const auto token_at = [&](std::size_t i) -> const Token& {
    return tokens_[backwards ? count - 1 - i : i];
  };
  // state[i]: the first i tokens have matched. A star may match nothing, so it lets its successor
  // in.
  std::vector<char> state(count + 1, 0);
  const auto skip_stars = [&](std::vector<char>& s) {
    for (std::size_t i = 0; i < count; ++i)
      if (s[i] != 0 && token_at(i).kind == Token::Kind::star) s[i + 1] = 1;
  };
  state[0] = 1;
  skip_stars(state);
  std::size_t best = 0;
  std::vector<char> next(count + 1);
  const auto letters = letters_of(text);
  std::size_t bytes = 0;
  for (std::size_t n = 0; n < letters.size(); ++n) {
    const auto letter = letters[backwards ? letters.size() - 1 - n : n];
    bytes += letter.size();
    next.assign(count + 1, 0);
    bool alive = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (state[i] == 0 || !token_at(i).accepts(letter)) continue;
      next[token_at(i).kind == Token::Kind::star ? i : i + 1] = 1;
      alive = true;
    }
    if (!alive) break;
    skip_stars(next);
    state.swap(next);
    if (state[count] == 0) continue;
    best = bytes;
    if (reach == Reach::shortest) break;
  }
  return best;
}

bool Glob::matches(std::string_view text) const {
  if (!text.empty()) return measure(text, false, Reach::longest) == text.size();
  for (const auto& token : tokens_)
    if (token.kind != Token::Kind::star) return false;
  return true;
}

std::size_t Glob::prefix(std::string_view text, Reach reach) const {
  return measure(text, false, reach);
}

std::size_t Glob::suffix(std::string_view text, Reach reach) const {
  return measure(text, true, reach);
}

} // namespace cubeflash::cli
