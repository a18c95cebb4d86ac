# Every find_package of the project. All of them are Debian packages; CONTRIBUTING.md lists the names.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(LibArchive REQUIRED)
# 1.81 is the floor: 1.74 has neither as_tuple nor cancellation slots.
find_package(Boost 1.81 REQUIRED)
