// Package bench measures the desk from outside, as its users meet it: the emulated WhatsApp server in a process of its
// own, the desk in another, customers typing through the server's control API and agents listening to the desk's. Each
// figure stands beside the same figure of a bare WhatsApp client in the same run, so that it can be compared between
// machines. Its clients of the two APIs also drive the crash test.
package bench
