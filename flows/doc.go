// Package flows is the chat-flow engine: it decides what a company's automatic part of a conversation says next.
//
// It does nothing itself. Given a [Flow], the [Session] in which a conversation stands, one [Input] and the plain facts
// in [Env], [Step] returns the next session and the [Action] values that somebody else carries out. Time, opening hours,
// random numbers and the answers of other systems are inputs; there is no I/O, no clock and no logger in here, and only
// the standard library is imported. That is why a flow can be tested by playing a text file ([Play]), why the editor's
// simulator is the live engine, and why a step fits inside a database transaction.
//
// A flow that can't be carried out is not an error: it ends in a [Handover] with a [Reason], because a customer must
// never be left with nobody. What can be known before is found by [Check] when a flow is saved.
package flows
