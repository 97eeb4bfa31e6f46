//go:build race

package wasim

const raceDetector = true
