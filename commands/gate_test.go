package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mostrador/bench"
)

// shortListener has no files: a connection is accepted only while the spare one is given up.
type shortListener struct {
	net.Listener
	conns  chan net.Conn
	spare  *spareFile
	broken int // how many times it found no file
}

type spareFile struct{ held, gone bool }

func (f *spareFile) Close() error { f.held = false; return nil }

func (l *shortListener) Accept() (net.Conn, error) {
	if l.spare.held || l.spare.gone {
		l.broken++
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	c, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// pair is a connection and its other end.
func pair(t *testing.T) (server, client net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if client, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close(); client.Close() })
	_ = client.SetDeadline(time.Now().Add(20 * time.Second))
	return server, client
}

// TestWithoutFilesWhoeverComesIsAnswered: with the file that was kept for it, and where somebody waits in silence they make room.
func TestWithoutFilesWhoeverComesIsAnswered(t *testing.T) {
	l := &shortListener{conns: make(chan net.Conn, 2), spare: &spareFile{}}
	g := newGate(l, 0)
	taken := false // by somebody else, when it was given up
	g.spare, g.openSpare = nil, func() (io.Closer, error) {
		if taken {
			return nil, syscall.EMFILE
		}
		l.spare.held = true
		return l.spare, nil
	}
	g.keepSpare()
	taken = true
	server, client := pair(t)
	l.conns <- server
	close(l.conns)
	if _, err := g.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("got %v, want the connection turned away and the end", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 503 || !strings.Contains(string(body), `"code":"busy"`) || res.Header.Get("Retry-After") == "" {
		t.Errorf("got %s and %s, want 503 and when to come again", res.Status, body)
	}
	l.spare.gone = true
	if _, err := g.Accept(); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("got %v without a spare file, want the error that net/http waits for", err)
	}

	taken, l.spare.gone, l.conns = false, false, make(chan net.Conn, 1)
	silent, silentEnd := pair(t)
	g.state(silent, http.StateNew)
	g.keepSpare()
	taken = true
	server, _ = pair(t)
	l.conns <- server
	if c, err := g.Accept(); err != nil || c != server {
		t.Fatalf("got %v and %v, want the connection", c, err)
	}
	if _, err := silentEnd.Read(make([]byte, 1)); err == nil {
		t.Error("who waited in silence is still there")
	}
}

// TestTheSilentMakeRoom: of one address those before their first request, of all also those between two; who is answered stays.
func TestTheSilentMakeRoom(t *testing.T) {
	g := newGate(nil, 0)
	g.most = 3
	end := func(client net.Conn) bool {
		_ = client.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err := client.Read(make([]byte, 1))
		return !errors.Is(err, os.ErrDeadlineExceeded)
	}
	working, workingEnd := pair(t)
	idle, idleEnd := pair(t)
	fresh, freshEnd := pair(t)
	for _, c := range []net.Conn{working, idle} {
		g.state(c, http.StateNew)
		g.state(c, http.StateActive)
	}
	g.state(idle, http.StateIdle)
	g.state(fresh, http.StateNew)
	for _, want := range []struct {
		end  net.Conn
		what string
	}{{idleEnd, "the one that waited longest"}, {freshEnd, "the next"}} {
		if !g.full() || !g.makeRoom() || !end(want.end) {
			t.Errorf("%s was not closed", want.what)
		}
	}
	if g.makeRoom() || end(workingEnd) {
		t.Error("one that is at work was closed")
	}
	for _, c := range []net.Conn{working, idle, fresh} {
		g.state(c, http.StateClosed)
	}
	if len(g.all) != 0 || g.waiting.Len() != 0 || len(g.unsaid) != 0 {
		t.Errorf("%d connections, %d waiting, %v by address are left", len(g.all), g.waiting.Len(), g.unsaid)
	}
	first, firstEnd := pair(t)
	g.state(first, http.StateNew)
	for range mostUnsaid - 1 {
		c, _ := pair(t)
		g.state(c, http.StateNew)
	}
	if end(firstEnd) {
		t.Error("closed although its address has no more than it may")
	}
	c, _ := pair(t)
	g.state(c, http.StateNew)
	if !end(firstEnd) {
		t.Error("one address has more than it may")
	}
}

// TestFewFilesAreNoSilence: a real process that may open few files answers everybody while three times as many connections
// say nothing.
func TestFewFilesAreNoSilence(t *testing.T) {
	const files = 128
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	shell := filepath.Join(t.TempDir(), "few")
	writeFile(t, shell, fmt.Sprintf("#!/bin/sh\nulimit -n %d\nexec '%s' \"$@\"\n", files, self))
	if err := os.Chmod(shell, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	desk, err := bench.Program{Path: shell, Env: []string{runAsProgram + "=" + absolute(t, "../pb_public")}}.Serve(ctx, t.TempDir(), "serve", "--http", "127.0.0.1:0", "--dir", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer desk.Kill()
	for range 3 * files {
		c, err := net.Dial("tcp", strings.TrimPrefix(desk.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "GET /api/health HTTP/1.1\r\nHost: x\r\n") // it never ends
	}
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for range 20 {
		for _, path := range []string{"/api/health", "/api/ready", "/"} {
			res, err := client.Get(desk.URL + path)
			if err != nil {
				t.Fatalf("%s: %v: want an answer", path, err)
			}
			res.Body.Close()
			if res.StatusCode != 200 {
				t.Errorf("%s: got %s, want 200: who says nothing makes room", path, res.Status)
			}
		}
	}
}
