// SPDX-License-Identifier: Apache-2.0
#include "common/image/oci_layout.hpp"
