//go:build race

package whatsapp

const raceDetector = true
