// SPDX-License-Identifier: Apache-2.0
// The protocol between tasknetd and tasknet-pause. Both sides take their words from here.
//
// ## The program
//
//     tasknet-pause --socket PATH --netns PATH --hostname NAME
//
// joins the network namespace at `--netns`, makes ipc and uts namespaces of its own, listens on `--socket` (mode 0600)
// and goes into the background: the command exits 0 when the socket answers, or with 1 (2: usage) and a text on stderr.
// From then on it is a child of init. It ends on SIGTERM, on SIGINT and by the verb `stop`, after it killed and reaped
// whatever still runs, and takes its socket away. When it dies by SIGKILL, the kernel kills its containers.
//
// ## Transport
//
// SOCK_SEQPACKET on a unix socket, one message a packet, at most TASKNET_PAUSE_MESSAGE_MAX bytes. A message is a list of
// NUL-terminated fields: first the verb, then `key=value` fields, in any order unless said otherwise. The client's uid
// must be 0 or that of the pause process. Several clients may be connected at once. A client that does not read what it
// is sent is disconnected, and finds everything again by `status`.
//
// What is long or secret (a command, its environment, mounts) travels as the descriptor of a sealed memfd beside the
// message ("the specification"), in the same form, so that no limit of a packet applies and nothing touches a disk.
// Only the new process reads it: the pause process itself never holds a secret.
//
// ## Requests
//
// Each carries `request=` (any text up to 32 bytes, chosen by the client), which comes back in its replies.
//
//     hello                                            version, pid and hostname of the pause process
//     start   name= [log= log-size= log-files=] +fd    a container
//     exec    name= container= [log= ...] +fd          a command in a running container's namespaces
//     signal  name= signal=                            to a container's main process; to an exec's process group.
//                                                      SIGKILL takes the whole container
//     status                                           everything that is known: one `child` each, then `ok`
//     forget  name=                                    an ended container or exec, whose end the client has stored
//     stop                                             SIGKILL for all, reap, `ok`, exit
//
// Names (1 to 255 bytes, no control characters) are the client's choice and unique among containers and execs together.
// `log=none` (also when absent) is /dev/null; otherwise it is a file for lines in Docker's json-file form, rotated at
// `log-size` bytes (default 10 MiB), `log-files` in all (default 3: the file, .1 and .2).
// An ended exec is kept until it is forgotten, but no more than TASKNET_PAUSE_EXECS_KEPT of them.
//
// ## Replies and events
//
//     ok       request= ...     done. `start` and `exec` answer when the command runs, with the fields of `child`
//     error    request= text= errno=
//     child    request= ...     a row of `status`
//
// Events have no `request=` and go to every client, except that the client whose request it was has its reply instead:
//
//     started  (fields of child)
//     failed   name= text= errno=
//     exited   (fields of child)                       everybody gets this one
//
// Fields of a child:
//
//     name= container=      the latter for an exec only
//     state=                starting | running | exited
//     pid= start-time=      the main process as the host sees it, and field 22 of its /proc/PID/stat
//     code= signal=         exited: exit code (128 + signal when killed by one), and that signal or 0
//     created= started= finished=    wall clock, nanoseconds since 1970
//     root=                 host | overlay | tmpfs (changes are kept in memory) | read-only
//
// ## The specification
//
//     arg=        one each, the first is looked up in PATH
//     env=        NAME=VALUE, one each. Nothing is inherited. PATH, HOSTNAME and HOME are added when absent
//     directory=  working directory (default /), made when it is missing from an image's root
//     user=       uid, name, uid:gid, name:group ...: names from the container's /etc/passwd and /etc/group (default 0)
//     capabilities=  bit mask, hexadecimal; all others leave the bounding set too. What the machine lacks is no error
//     privileged=1   leave /proc and /sys unmasked and writable
//     no-new-privileges=1
//     rlimit=     NAME:SOFT:HARD, NAME as in `nofile`, -1 for no limit
//
//   for `start` only:
//     root=       the root file system; `/` is the host's own, as it is
//     upper= work=   directories for overlay; absent, or on a file system that cannot do it: a tmpfs
//     readonly=1
//     hosts= resolv-conf= hostname=   files, bound over those in /etc
//     bind=SOURCE, bind-readonly=SOURCE, tmpfs=BYTES: each followed at once by at=TARGET
//     shm-size=   bytes of /dev/shm (default 64 MiB)
//
// An unknown key is an error.
#ifndef TASKNET_PAUSE_H
#define TASKNET_PAUSE_H

// The numbers of the bits in `capabilities=`.
#include <linux/capability.h>

#define TASKNET_PAUSE_VERSION 1
#define TASKNET_PAUSE_MESSAGE_MAX 4096
#define TASKNET_PAUSE_NAME_MAX 255
#define TASKNET_PAUSE_REQUEST_MAX 32
#define TASKNET_PAUSE_SPECIFICATION_MAX 8388608
#define TASKNET_PAUSE_CHILDREN_MAX 512
#define TASKNET_PAUSE_EXECS_KEPT 64
#define TASKNET_PAUSE_CLIENTS_MAX 16
#define TASKNET_PAUSE_LOG_SIZE 10485760
#define TASKNET_PAUSE_LOG_FILES 3
#define TASKNET_PAUSE_SHM_SIZE 67108864

// Requests.
#define TASKNET_PAUSE_HELLO "hello"
#define TASKNET_PAUSE_START "start"
#define TASKNET_PAUSE_EXEC "exec"
#define TASKNET_PAUSE_SIGNAL "signal"
#define TASKNET_PAUSE_STATUS "status"
#define TASKNET_PAUSE_FORGET "forget"
#define TASKNET_PAUSE_STOP "stop"

// Replies.
#define TASKNET_PAUSE_OK "ok"
#define TASKNET_PAUSE_ERROR "error"
#define TASKNET_PAUSE_CHILD "child"

// Events.
#define TASKNET_PAUSE_STARTED "started"
#define TASKNET_PAUSE_FAILED "failed"
#define TASKNET_PAUSE_EXITED "exited"

// Keys of messages.
#define TASKNET_PAUSE_KEY_REQUEST "request"
#define TASKNET_PAUSE_KEY_TEXT "text"
#define TASKNET_PAUSE_KEY_ERRNO "errno"
#define TASKNET_PAUSE_KEY_VERSION "version"
#define TASKNET_PAUSE_KEY_NAME "name"
#define TASKNET_PAUSE_KEY_CONTAINER "container"
#define TASKNET_PAUSE_KEY_LOG "log"
#define TASKNET_PAUSE_KEY_LOG_SIZE "log-size"
#define TASKNET_PAUSE_KEY_LOG_FILES "log-files"
#define TASKNET_PAUSE_KEY_SIGNAL "signal"
#define TASKNET_PAUSE_KEY_STATE "state"
#define TASKNET_PAUSE_KEY_PID "pid"
#define TASKNET_PAUSE_KEY_START_TIME "start-time"
#define TASKNET_PAUSE_KEY_CODE "code"
#define TASKNET_PAUSE_KEY_CREATED "created"
#define TASKNET_PAUSE_KEY_STARTED "started"
#define TASKNET_PAUSE_KEY_FINISHED "finished"

#define TASKNET_PAUSE_LOG_NONE "none"

#define TASKNET_PAUSE_STATE_STARTING "starting"
#define TASKNET_PAUSE_STATE_RUNNING "running"
#define TASKNET_PAUSE_STATE_EXITED "exited"

#define TASKNET_PAUSE_ROOT_HOST "host"
#define TASKNET_PAUSE_ROOT_OVERLAY "overlay"
#define TASKNET_PAUSE_ROOT_TMPFS "tmpfs"
#define TASKNET_PAUSE_ROOT_READ_ONLY "read-only"

// Keys of the specification (and of both: `root`, `hostname`).
#define TASKNET_PAUSE_KEY_ARGUMENT "arg"
#define TASKNET_PAUSE_KEY_ENVIRONMENT "env"
#define TASKNET_PAUSE_KEY_DIRECTORY "directory"
#define TASKNET_PAUSE_KEY_USER "user"
#define TASKNET_PAUSE_KEY_CAPABILITIES "capabilities"
#define TASKNET_PAUSE_KEY_PRIVILEGED "privileged"
#define TASKNET_PAUSE_KEY_NO_NEW_PRIVILEGES "no-new-privileges"
#define TASKNET_PAUSE_KEY_RLIMIT "rlimit"
#define TASKNET_PAUSE_KEY_ROOT "root"
#define TASKNET_PAUSE_KEY_UPPER "upper"
#define TASKNET_PAUSE_KEY_WORK "work"
#define TASKNET_PAUSE_KEY_READ_ONLY "readonly"
#define TASKNET_PAUSE_KEY_HOSTS "hosts"
#define TASKNET_PAUSE_KEY_RESOLV_CONF "resolv-conf"
#define TASKNET_PAUSE_KEY_HOSTNAME "hostname"
#define TASKNET_PAUSE_KEY_BIND "bind"
#define TASKNET_PAUSE_KEY_BIND_READ_ONLY "bind-readonly"
#define TASKNET_PAUSE_KEY_TMPFS "tmpfs"
#define TASKNET_PAUSE_KEY_AT "at"
#define TASKNET_PAUSE_KEY_SHM_SIZE "shm-size"

#endif
