// SPDX-License-Identifier: Apache-2.0
// Names for Asio that the daemon and the watchdog share; it knows nothing of HTTP or functions.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cubeflash {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;

// Socket I/O reports its error as a value: `auto [ec, n] = co_await stream.async_read_some(buffer,
// as_tuple);`
inline constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

} // namespace cubeflash
