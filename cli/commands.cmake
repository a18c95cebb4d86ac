# The commands, and what they need of the world beside stack files and builds.
add_library(cf_cli STATIC
  build_functions.cpp
  cli.cpp
  completion_script.cpp
  config_file.cpp
  connection.cpp
  credentials.cpp
  daemon_control.cpp
  deploy_functions.cpp
  file_follower.cpp
  function_file.cpp
  gateway_address.cpp
  gateway_client.cpp
  help_formatter.cpp
  http_transfer.cpp
  image_tag.cpp
  interrupt.cpp
  key_value.cpp
  output.cpp
  progress.cpp
  table.cpp
  usage_error.cpp
  wait_ready.cpp
  commands/build.cpp
  commands/commands.cpp
  commands/completion.cpp
  commands/daemon.cpp
  commands/deploy.cpp
  commands/describe.cpp
  commands/flags.cpp
  commands/invoke.cpp
  commands/list.cpp
  commands/logs.cpp
  commands/new.cpp
  commands/ready.cpp
  commands/remove.cpp
  commands/scale.cpp
  commands/template.cpp
  commands/up.cpp
  commands/version.cpp)
target_link_libraries(cf_cli
  PUBLIC cf_build cf_stack cf_image cf_model CLI11::CLI11
  PRIVATE CURL::libcurl yaml-cpp Threads::Threads)

add_executable(cflash main.cpp)
target_link_libraries(cflash PRIVATE cf_cli)
