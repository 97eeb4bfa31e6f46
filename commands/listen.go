package commands

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// deadPeer is after how long without an acknowledgement a connection counts as lost. A computer that falls asleep or leaves
// the network says nothing; by itself the kernel sends again for about 15 minutes, and as long somebody who is not there
// would be given conversations.
const deadPeer = time.Minute

// listen opens the address that the desk answers on.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" { // to the system it means every address and any port
		return nil, errors.New("--http is empty; give an address to listen on, like 127.0.0.1:8090, or leave it out")
	}
	ln, err := (&net.ListenConfig{Control: dropDeadPeers}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with --http", address, explain(err))
	}
	return ln, nil
}
