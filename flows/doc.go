// Package flows is the chat-flow engine. It decides and does nothing: no I/O, no clock, no random numbers.
package flows
