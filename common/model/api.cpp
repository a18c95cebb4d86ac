// SPDX-License-Identifier: Apache-2.0
#include "common/model/api.hpp"
