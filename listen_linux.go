package main

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
