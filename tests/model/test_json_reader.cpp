// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/model/json_reader.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using nlohmann::json;

TEST_CASE("json reader: a missing field and null read the same") {
  const json value = json::parse(R"({"a":null,"list":[null,"x"],"map":{"k":null}})");
  const JsonReader reader(value);
  for (const char* key : {"a", "b"}) {
    CAPTURE(key);
    CHECK_FALSE(reader.has(key));
    CHECK(reader.text(key).empty());
    CHECK_FALSE(reader.flag(key));
    CHECK(reader.number(key) == 0);
    CHECK_FALSE(reader.count(key));
    CHECK(reader.texts(key).empty());
    CHECK(reader.map(key).empty());
    CHECK_FALSE(reader.object(key).has("x"));
  }
  CHECK(reader.texts("list") == std::vector<std::string>{"", "x"});
  CHECK(reader.map("map") == StringMap{{"k", ""}});
}

TEST_CASE("json reader: names the field of a wrong type by its path") {
  const json value =
      json::parse(R"({"t":1,"l":"x","l2":["a",2],"m":[],"m2":{"PORT":8080},"o":3,"f":"true",
                                     "n":"1","c":-1,"c2":1.5,"c3":1e30,"deep":{"x":{"y":[{"z":1}]}}})");
  const JsonReader reader(value);
  CHECK_THROWS_WITH(reader.text("t"), "t: expected a string");
  CHECK_THROWS_WITH(reader.texts("l"), "l: expected a list");
  CHECK_THROWS_WITH(reader.texts("l2"), "l2[1]: expected a string");
  CHECK_THROWS_WITH(reader.map("m"), "m: expected an object");
  CHECK_THROWS_WITH(reader.map("m2"), "m2.PORT: expected a string");
  CHECK_THROWS_WITH(reader.object("o"), "o: expected an object");
  CHECK_THROWS_WITH(reader.flag("f"), "f: expected true or false");
  CHECK_THROWS_WITH(reader.number("n"), "n: expected a number");
  for (const char* key : {"c", "c2", "c3"})
    CHECK_THROWS_WITH(reader.count(key), doctest::Contains("expected a whole number of 0 or more"));
  CHECK_THROWS_WITH(reader.object("deep").object("x").each_object(
                        "y", [](const JsonReader& item) { item.text("z"); }),
                    "deep.x.y[0].z: expected a string");
}

TEST_CASE("json reader: refuses a body that is no object") {
  for (const char* text : {"[]", "1", "\"x\"", "true"}) {
    CAPTURE(text);
    const json value = json::parse(text);
    CHECK_THROWS_WITH(JsonReader{value}, "expected an object");
  }
  const json null;
  CHECK_NOTHROW(JsonReader{null}); // as Go does
}

TEST_CASE("json reader: a hostile name makes a message of bounded length") {
  json value;
  value["envVars"][std::string(1'000'000, 'x')] = 1;
  try {
    JsonReader(value).map("envVars");
    FAIL("was accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(std::string(error.what()).size() < 300);
  }
}

TEST_CASE("json reader: counts of any size, also those made in this program") {
  const json value{{"signed", 5}, {"large", 18'446'744'073'709'551'615ULL}};
  CHECK(JsonReader(value).count("signed") == 5);
  CHECK(JsonReader(value).count("large") == 18'446'744'073'709'551'615ULL);
}
