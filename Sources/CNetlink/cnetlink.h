// SPDX-License-Identifier: Apache-2.0
// libnl-3, libnl-route-3 and the kernel's rtnetlink headers.
#ifndef TASKNET_CNETLINK_H
#define TASKNET_CNETLINK_H

#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <linux/rtnetlink.h>

#endif
