package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Program is the binary under test and what its environment needs besides PATH and HOME.
type Program struct {
	Path string
	Env  []string
}

// Process is a command of the binary that serves until it is stopped.
type Process struct {
	URL string // as its "listening on" line says

	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended
	mu   sync.Mutex
	said []string // the last lines that it wrote, for the error when it ends early
	err  error    // how it ended; read after gone is closed
}

// startLimit is how long a command may take to answer: slow enough for a loaded machine, short enough to notice.
const startLimit = 30 * time.Second

// Serve starts a command that prints "listening on http://ADDR" when it answers, and waits for that line.
func (p Program) Serve(ctx context.Context, dir string, args ...string) (*Process, error) {
	cmd := p.command(ctx, dir, args)
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, in
	s := &Process{cmd: cmd, gone: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	ready := make(chan string, 1)
	go s.listen(out, ready)
	go func() {
		s.err = cmd.Wait()
		_ = in.Close()
		close(s.gone)
	}()
	select {
	case s.URL = <-ready:
		return s, nil
	case <-s.gone:
		return nil, fmt.Errorf("%s ended before it answered: %s", args[0], s.last())
	case <-time.After(startLimit):
		s.Kill()
		return nil, fmt.Errorf("%s did not answer within %s: %s", args[0], startLimit, s.last())
	}
}

// Do carries out a command that ends by itself and returns what it printed.
func (p Program) Do(ctx context.Context, dir, stdin string, args ...string) (string, error) {
	cmd := p.command(ctx, dir, args)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

func (p Program) command(ctx context.Context, dir string, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Path, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, p.Env...)
	return cmd
}

func (s *Process) listen(out io.Reader, ready chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := lines.Text()
		if url, ok := strings.CutPrefix(line, "listening on "); ok {
			select {
			case ready <- strings.TrimSpace(url):
			default:
			}
		}
		s.mu.Lock()
		if s.said = append(s.said, line); len(s.said) > 20 {
			s.said = s.said[1:]
		}
		s.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, out) // a line too long to scan must not block the program
}

func (s *Process) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.said, " / ")
}

// Output is the last twenty lines that the process wrote.
func (s *Process) Output() string { return s.last() }

// Kill ends the process as a power cut would, and waits until it is gone.
func (s *Process) Kill() {
	_ = s.cmd.Process.Kill() // gone already: fine
	<-s.gone
}

// Stop asks the process to end and waits; an exit code other than 0 is an error.
func (s *Process) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.gone:
		if s.err != nil {
			return fmt.Errorf("%w: %s", s.err, s.last())
		}
		return nil
	case <-time.After(startLimit):
		s.Kill()
		return fmt.Errorf("did not end within %s: %s", startLimit, s.last())
	}
}

// Gone is closed when the process has ended.
func (s *Process) Gone() <-chan struct{} { return s.gone }

// ResidentMB is the process's resident memory in MB (10^6 bytes), from /proc; 0 where there is none.
func (s *Process) ResidentMB() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if text, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			return kb * 1024 / 1e6
		}
	}
	return 0
}
