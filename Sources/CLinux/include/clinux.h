// SPDX-License-Identifier: Apache-2.0
// System calls and constants that Swift's Glibc module cannot see.
#ifndef TASKNET_CLINUX_H
#define TASKNET_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "tasknet_pause.h"

#endif
