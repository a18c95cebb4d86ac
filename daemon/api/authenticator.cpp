// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/authenticator.hpp"

#include "common/base/text.hpp"

#include <openssl/evp.h>

namespace cubeflash::daemon {

namespace {

std::string base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1,
                  '\0'); // one more: EVP_EncodeBlock ends with a NUL
  out.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                               reinterpret_cast<const unsigned char*>(text.data()),
                                               static_cast<int>(text.size()))));
  return out;
}

} // namespace

Authenticator::Authenticator(const std::string& admin_token)
    : bearer_(admin_token), basic_(base64("admin:" + admin_token)) {}

bool Authenticator::allows(const Request& request) const {
  const std::string header = request.header("authorization");
  const auto space = header.find(' ');
  const std::string_view scheme = std::string_view(header).substr(0, space);
  const std::string_view value = space == std::string::npos
                                     ? std::string_view()
                                     : trim(std::string_view(header).substr(space));
  if (iequals(scheme, "Bearer")) return constant_time_equal(value, bearer_);
  if (iequals(scheme, "Basic")) return constant_time_equal(value, basic_);
  return false;
}

Reply Authenticator::challenge() {
  Reply reply;
  reply.status = 401;
  reply.headers = {{"WWW-Authenticate", "Basic realm=\"Restricted\""},
                   {"Content-Type", "text/plain"}};
  reply.body = "invalid credentials";
  return reply;
}

} // namespace cubeflash::daemon
