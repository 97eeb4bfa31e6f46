// Package wasim is a WhatsApp server in a box: it speaks the real protocol on loopback to unmodified clients.
//
// A client connects to it as it would to WhatsApp: Noise handshake under a root key of its own, binary XML stanzas, pairing
// by QR or phone code, Signal sessions, encrypted media. Behind the server live simulated phones (Phone): the owner's, which
// links the desk, and the customers', which write, answer receipts, ask for retries and show what they received. Every
// fault that a line must survive can be provoked (Fault).
//
// It proves that a client handles the protocol as far as it is known; it can't prove WhatsApp's policy. docs/wasim.md lists
// what only a real phone can confirm.
//
// Locking: one mutex (Server.mu) guards accounts, phones, queues and Signal state; nothing blocks while it is held. Each
// connection has one reader and one writer goroutine; everything to a connection goes through its one ordered outbox.
package wasim
