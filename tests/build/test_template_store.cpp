// SPDX-License-Identifier: Apache-2.0
#include "cli/build/template_source.hpp"
#include "cli/build/template_store.hpp"
#include "tests/build/build_project.hpp"

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

class Shelf {
 public:
  Shelf() {
    put_file(shipped() / "python3/template.yml",
             "language: python3\nfprocess: shipped\nnative: {}\n");
    put_file(shipped() / "node/template.yml", "language: node\nnative: {}\n");
    put_file(shipped() / "no-template/README", "");
    fs::create_directories(project());
  }

  fs::path project() const { return directory_.path() / "project"; }

  fs::path shipped() const { return directory_.path() / "shipped"; }

  TemplateStore store() const { return TemplateStore(project()); }

 private:
  TemporaryDirectory directory_{fs::temp_directory_path(), "cflash-test-"};
  ScopedVariable shipped_{"CFLASH_TEMPLATES", (directory_.path() / "shipped").string()};
};

} // namespace

TEST_CASE("template store: a template of the project hides the shipped one") {
  const Shelf shelf;
  CHECK(shelf.store().find("python3").fprocess == "shipped");
  CHECK(shelf.store().find("python3").origin == "built in");
  put_file(shelf.project() / "template/python3/template.yml",
           "language: python3\nfprocess: mine\n");
  const auto found = shelf.store().find("python3");
  CHECK(found.fprocess == "mine");
  CHECK(found.origin == "./template");
  CHECK(found.name == "python3");
  CHECK(found.directory == shelf.project() / "template/python3");
}

TEST_CASE("template store: the list has every template once, sorted, and says why one is broken") {
  const Shelf shelf;
  put_file(shelf.project() / "template/python3/template.yml", "language: python3\n");
  put_file(shelf.project() / "template/bad/template.yml", "language: [\n");
  const auto all = shelf.store().list();
  REQUIRE(all.size() == 3);
  CHECK(all[0].name == "bad");
  CHECK(mentions(all[0].description, "broken: "));
  CHECK(all[1].name == "node");
  CHECK(all[2].name == "python3");
  CHECK(all[2].origin == "./template");
}

TEST_CASE("template store: an unknown name is answered with the nearest one") {
  const Shelf shelf;
  const auto error = error_of([&] { shelf.store().find("pyton3"); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(mentions(error.what(), "there is no template \"pyton3\"; did you mean \"python3\"?"));
  CHECK(mentions(error.hint(), "node, python3"));
}

TEST_CASE("template store: a name that is a path is refused") {
  const Shelf shelf;
  for (const std::string name : {"../shipped/node", "/etc", "", ".", "..", "a/b", ".hidden"}) {
    CAPTURE(name);
    CHECK(error_of([&] { shelf.store().find(name); }).kind() == ErrorKind::invalid);
  }
}

TEST_CASE("template store: Dockerfile means dockerfile, and without one it is said what to take "
          "instead") {
  const Shelf shelf;
  const auto error = error_of([&] { shelf.store().find("Dockerfile"); });
  CHECK(error.kind() == ErrorKind::unsupported);
  CHECK(mentions(error.hint(), "node, python3"));
  put_file(shelf.shipped() / "dockerfile/template.yml", "language: dockerfile\n");
  CHECK(shelf.store().find("Dockerfile").name == "dockerfile");
}

TEST_CASE("template store: a reference must be what the template was pulled at") {
  const Shelf shelf;
  CHECK(error_of([&] { shelf.store().find("node@v1"); }).kind() == ErrorKind::not_found);
  const auto pulled = shelf.project() / "template/node";
  put_file(pulled / "template.yml", "language: node\n");
  CHECK(error_of([&] { shelf.store().find("node@v1"); }).kind() == ErrorKind::not_found);
  write_origin({"https://example.com/t.git", "v1", "0123456789abcdef"}, pulled);
  CHECK(shelf.store().find("node@v1").directory == pulled);
  CHECK(shelf.store().find("node@sha-0123456").directory == pulled);
  CHECK(error_of([&] { shelf.store().find("node@v2"); }).kind() == ErrorKind::not_found);
  CHECK(error_of([&] { shelf.store().find("node@sha-99"); }).kind() == ErrorKind::not_found);
}

TEST_CASE("template store: the templates of the source tree are all sound") {
  const auto source = environment_variable("CFLASH_SOURCE");
  if (!source || !fs::exists(fs::path(*source) / "templates/python3"))
    return skip("there is no source tree");
  const ScopedVariable shipped("CFLASH_TEMPLATES", *source + "/templates");
  const TemporaryDirectory project(fs::temp_directory_path());
  for (const auto& found : TemplateStore(project.path()).list()) {
    CAPTURE(found.name);
    CHECK_MESSAGE(!mentions(found.description, "broken"), found.description);
    CHECK_FALSE(found.description.empty());
    CHECK(fs::is_directory(found.directory / found.handler_folder));
  }
}
