// SPDX-License-Identifier: Apache-2.0
// Blocking work (SQLite, libarchive) awaited from a coroutine; it runs on the executor of a thread
// pool.
#pragma once

#include "common/net/asio.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>

#include <type_traits>
#include <utility>

namespace cubeflash {

namespace impl {

template <typename Work>
awaitable<std::invoke_result_t<Work&>> call(Work work) {
  co_return work();
}

} // namespace impl

// Calls `work` on `pool` and resumes the caller on its own executor with the result (which must be
// default constructible, as co_spawn asks) or the exception. Work is never interrupted, a cancelled
// caller resumes after its end: `work` may refer to the caller's variables, and has to, because GCC
// 12 destroys a closure that owns something twice when it is a temporary of a co_await expression
// (gcc.gnu.org/PR99576).
template <typename Work>
awaitable<std::invoke_result_t<Work&>> run_blocking(asio::any_io_executor pool, Work work) {
  static_assert(std::is_trivially_destructible_v<Work>, "capture references or pointers");
  co_return co_await asio::co_spawn(pool, impl::call<Work>(std::move(work)), use_awaitable);
}

} // namespace cubeflash
