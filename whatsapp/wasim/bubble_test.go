package wasim

import (
	"testing"
	"testing/synctest"
)

// bubble runs a test in virtual time, where waiting costs nothing. Not under the race detector: whatsmeow leaves a goroutine
// behind when a frame comes while it hangs up (socket/framesocket.go, frameComplete), which virtual time takes for a deadlock
// and slow code makes likely. Races are what the tests in real time are for.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	if raceDetector {
		t.Skip("runs without the race detector: a goroutine that whatsmeow leaves behind looks like a deadlock in virtual time (socket/framesocket.go)")
	}
	synctest.Test(t, test)
}
