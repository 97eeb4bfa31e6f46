package wasim

import "go.mau.fi/libsignal/logger"

// Silence stops libsignal from writing to standard output about messages that it can't read, which faults produce on
// purpose. The setting is process-global: it is for programs that run the server alone.
func Silence() {
	var l logger.Loggable = silent{}
	logger.Setup(&l)
}

type silent struct{}

func (silent) Debug(string, string)   {}
func (silent) Info(string, string)    {}
func (silent) Warning(string, string) {}
func (silent) Error(string, string)   {}
func (silent) Configure(string)       {}
