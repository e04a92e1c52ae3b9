// SPDX-License-Identifier: Apache-2.0
// The protocol between tasknetd and tasknet-pause. Both sides take their words from here.
//
// Transport: SOCK_SEQPACKET on a unix socket, one message a packet. A message is a list of NUL-terminated fields: first
// the verb, then `key=value` fields. What is long (a container's command, environment, mounts) travels as a memfd beside
// the message, in the same form, so that no limit of a packet applies and no secret touches a disk.
#ifndef TASKNET_PAUSE_H
#define TASKNET_PAUSE_H

#define TASKNET_PAUSE_MESSAGE_MAX 4096

#endif
