package commands

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mostrador/bench"
)

var crashes = flag.Int("crashes", 0, "how often TestKilledAtRandomMoments kills the desk; 0: 100, with -short 25")

// runAsProgram makes the test binary behave as mostrador: the crash test kills real processes without building twice.
const runAsProgram = "MOSTRADOR_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	if page := os.Getenv(runAsProgram); page != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		m := &Main{Args: os.Args[1:], Env: Pairs(os.Environ()), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now, Page: os.DirFS(page)}
		os.Exit(m.Run(ctx))
	}
	os.Exit(m.Run())
}

// TestKilledAtRandomMoments kills the desk with SIGKILL while customers write and the flow and an agent answer. At the
// end every chat reads the same on the customer's phone and in the database.
func TestKilledAtRandomMoments(t *testing.T) {
	kills := *crashes
	switch {
	case kills == 0 && testing.Short():
		kills = 25
	case kills == 0:
		kills = 100
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := bench.Program{Path: self, Env: []string{runAsProgram + "=" + absolute(t, "../pb_public")}}
	seed := uint64(time.Now().UnixNano())
	report, err := bench.Crash(t.Context(), program, bench.CrashOptions{Kills: kills, Seed: seed, Longest: 600 * time.Millisecond, Messages: 6}, t.Output())
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	t.Logf("%d kills, %d customers, %d taken by hand: %d messages in and %d out, each once and in order; the agent asked %d times again",
		report.Kills, report.Customers, report.Taken, report.In, report.Out, report.Resent)
	if report.In == 0 || report.Out <= report.Customers {
		t.Errorf("got %d messages in and %d out, want conversations", report.In, report.Out)
	}
}
