// SPDX-License-Identifier: Apache-2.0
#ifndef TASKNET_FLOOR_SERVE_H
#define TASKNET_FLOOR_SERVE_H

#include "kinds.h"

// Until the end of standard input. Returns the exit status.
int serve(int host, const struct place *place);

#endif
