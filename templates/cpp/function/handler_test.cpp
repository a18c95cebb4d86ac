#undef NDEBUG // the assertions are the test
#include "function.hpp"
#include <cassert>
#include <iostream>
#include <sstream>

static std::string answer(const std::string& body) {
  std::istringstream in(body);
  std::ostringstream out;
  handle(in, out);
  assert(out);
  return out.str();
}

int main() {
  assert(answer("hello") == "You said: hello");
  assert(answer("") == "You said: ");

  setenv("Http_Query", "name=Ada+L%2e&flag", 1);
  assert(request::query("name") == "Ada L.");
  assert(request::query("flag") == "");
  assert(!request::query("other"));
  setenv("Http_Content_Type", "text/csv", 1);
  assert(request::header("content-type") == "text/csv");
  std::cout << "ok\n";
}
