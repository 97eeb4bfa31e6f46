// Package wasim is a WhatsApp server in a box: it speaks the real protocol on loopback to unmodified clients.
package wasim
