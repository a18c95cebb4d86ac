// SPDX-License-Identifier: Apache-2.0
#include "common/image/archive.hpp"
