// Command mostrador is a WhatsApp service desk for small teams, in one binary.
package main

import (
	"context"
	"embed"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"mostrador/commands"
)

// version is what "git describe" said when the binary was built; make build sets it.
var version = "unknown"

// builtPage is what web/ builds, committed: a bare clone makes the whole product with the Go compiler alone.
//
//go:embed all:pb_public
var builtPage embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	page, err := fs.Sub(builtPage, "pb_public")
	if err != nil {
		panic(err) // the name is not a path
	}
	m := &commands.Main{Args: os.Args[1:], Env: commands.Pairs(os.Environ()), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now,
		Version: version, Page: page}
	os.Exit(m.Run(ctx))
}
