add_library(cf_daemon STATIC app.cpp config.cpp home.cpp)
target_link_libraries(cf_daemon PUBLIC cf_api CLI11::CLI11)

add_executable(cflashd main.cpp)
target_link_libraries(cflashd PRIVATE cf_daemon)
