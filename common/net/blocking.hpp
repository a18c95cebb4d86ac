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

// Calls `work` on `pool` and resumes the caller on its own executor with the result or the
// exception. Work is never interrupted: a cancelled caller resumes after its end, so `work` may
// refer to the caller's variables.
template <typename Work>
awaitable<std::invoke_result_t<Work&>> run_blocking(asio::any_io_executor pool, Work work) {
  co_return co_await asio::co_spawn(pool, impl::call<Work>(std::move(work)), use_awaitable);
}

} // namespace cubeflash
