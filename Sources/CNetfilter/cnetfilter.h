// SPDX-License-Identifier: Apache-2.0
// libmnl, libnftnl, libnftables, libnetfilter_conntrack and the kernel's netfilter headers.
#ifndef TASKNET_CNETFILTER_H
#define TASKNET_CNETFILTER_H

// Before the kernel's own, which then leave out what it defines.
#include <netinet/in.h>

#include <net/if.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter_arp.h>
#include <linux/netlink.h>

#include <libmnl/libmnl.h>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>

#include <nftables/libnftables.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#endif
