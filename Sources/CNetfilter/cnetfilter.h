// SPDX-License-Identifier: Apache-2.0
// libmnl, libnftnl, libnftables, libnetfilter_conntrack and the kernel's netfilter headers.
#ifndef TASKNET_CNETFILTER_H
#define TASKNET_CNETFILTER_H

// Before the kernel's own, which then leave out what it defines.
#include <netinet/in.h>

#include <net/if.h>
#include <stdio.h>

#include <linux/filter.h>
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

// What of a tuple a filter (CTA_FILTER_ORIG_FLAGS, CTA_FILTER_REPLY_FLAGS) compares: in no header of the kernel's for
// programs, but part of what it is asked with. The kernel's name is CTA_FILTER_F_CTA_IP_SRC.
#define TASKNET_CTA_FILTER_IP_SRC 0x1

#endif
