package store

// Why a file is not there, as codes for the sentence.
const (
	MediaGone    = "gone"      // no longer on WhatsApp's servers, and the sender's phone did not send it again
	MediaLarge   = "too_large" // more than the desk takes
	MediaDamaged = "damaged"   // not what the sender described
	MediaFailed  = "download"  // could not be fetched in hours
	MediaAsking  = "asked"     // pending: the sender's phone was asked for it
)

// What customers send is fetched by itself up to so many files and bytes of one customer a day, and nothing that the disk
// has no room for. What is over waits as any pending file does, with the reason in its row, until its time comes or
// somebody who sees the message asks for it.
const (
	WaitQuota   = "quota"   // until tomorrow
	WaitDisk    = "disk"    // until there is room
	WaitBlocked = "blocked" // until nobody blocks the contact any more
)

// IsWaiting tells the reasons of files that wait from those of files that are on their way.
func IsWaiting(reason string) bool {
	return reason == WaitQuota || reason == WaitDisk || reason == WaitBlocked
}
