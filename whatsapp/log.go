package whatsapp

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"sync"

	signallog "go.mau.fi/libsignal/logger"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	waLog "go.mau.fi/whatsmeow/util/log"
)

// quietLog passes what whatsmeow says on to slog. whatsmeow writes addresses, push names and whole stanzas into its lines:
// the debug level, which has nothing else, is dropped, and the rest goes without them.
type quietLog struct{ log *slog.Logger }

// logAttr marks the lines that are whatsmeow's, not ours.
const logAttr = "whatsmeow"

func (q quietLog) Errorf(format string, args ...any) { q.write(slog.LevelError, format, args) }
func (q quietLog) Warnf(format string, args ...any)  { q.write(slog.LevelWarn, format, args) }
func (q quietLog) Infof(format string, args ...any)  { q.write(slog.LevelDebug, format, args) }
func (q quietLog) Debugf(string, ...any)             {}
func (q quietLog) Sub(string) waLog.Logger           { return q }

// notHandled is what whatsmeow says when the handler answers false, which is nothing special here (see ack.go).
const notHandled = "Handler for %s failed"

func (q quietLog) write(level slog.Level, format string, args []any) {
	ctx := context.Background()
	if format == notHandled || !q.log.Enabled(ctx, level) {
		return
	}
	clean := make([]any, len(args))
	for i, arg := range args {
		clean[i] = withoutPeople(arg)
	}
	q.log.Log(ctx, level, logAttr, "said", anonymous(fmt.Sprintf(format, clean...)))
}

// withoutPeople replaces the arguments that carry content or people by what they are.
func withoutPeople(arg any) any {
	switch arg := arg.(type) {
	case *waBinary.Node:
		return "<" + arg.Tag + ">"
	case waBinary.Node:
		return "<" + arg.Tag + ">"
	case types.JID:
		return "@" + arg.Server
	case *types.JID:
		return "a JID"
	}
	return arg
}

var (
	jidPattern    = regexp.MustCompile(`[\w.:-]*\d[\w.:-]*@(s\.whatsapp\.net|c\.us|lid|hosted|g\.us|bot|newsletter)`)
	numberPattern = regexp.MustCompile(`(^|[^0-9A-Za-z])\+?\d{7,}(?:_\d+)?`) // but not the digits within an id
)

// maxLogLine bounds a line in bytes: a stack trace is worth keeping, a stanza is not.
const maxLogLine = 2000

// anonymous takes addresses and phone numbers out of a line.
func anonymous(line string) string {
	line = jidPattern.ReplaceAllString(line, "@$1")
	line = numberPattern.ReplaceAllString(line, "$1[number]")
	if len(line) > maxLogLine {
		line = line[:maxLogLine] + "…"
	}
	return line
}

// withoutNumbers makes an error safe to log: whatsmeow's name the people they are about. errors.Is and As see through it.
func withoutNumbers(err error) error { return quietError{err} }

type quietError struct{ cause error }

func (e quietError) Error() string { return anonymous(e.cause.Error()) }
func (e quietError) Unwrap() error { return e.cause }

var signalLogOnce sync.Once

// routeSignalLog keeps libsignal from printing to standard output, which it does by default. Its logger is global to the
// process: the first one given stays.
func routeSignalLog(log *slog.Logger) {
	signalLogOnce.Do(func() {
		var l signallog.Loggable = signalLog{quietLog{log}}
		signallog.Setup(&l)
	})
}

// signalLog lowers libsignal's errors to warnings: each of them comes back to us as an event of whatsmeow.
type signalLog struct{ to quietLog }

func (s signalLog) Debug(string, string)           {}
func (s signalLog) Info(string, string)            {}
func (s signalLog) Warning(caller, message string) { s.to.Infof("%s: %s", caller, message) }
func (s signalLog) Error(caller, message string)   { s.to.Warnf("%s: %s", caller, message) }
func (s signalLog) Configure(string)               {}
