package commands

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// dropDeadPeers sets TCP_USER_TIMEOUT (RFC 5482, tcp(7)) on the listening socket; those that it accepts inherit it.
func dropDeadPeers(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(deadPeer.Milliseconds()))
	})
	return errors.Join(err, failed)
}

// mostFiles is how many files the process may have open; Go raises it to the hard limit when the program starts. 0: not known.
func mostFiles() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur)
}
