package fetch

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	dialFor      = 3 * time.Second // for each address of a host
	maxAddresses = 4               // of a host that are tried
)

// Resolver finds the addresses of a name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// dial resolves a host once and connects to one of the addresses that were looked at: what the name says a moment later
// does not matter.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &Error{Code: BadHost}
	}
	host, ok := cleanHost(host)
	n, err := strconv.ParseUint(port, 10, 16)
	if !ok || err != nil {
		return nil, &Error{Code: BadHost}
	}
	allowed := c.Allow.Has(host, port)
	addrs, err := c.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	if !allowed {
		addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool { return !public(a) })
	}
	if len(addrs) == 0 {
		return nil, &Error{Code: Forbidden}
	}
	var last error
	for _, a := range addrs[:min(len(addrs), maxAddresses)] {
		conn, err := c.connect(ctx, netip.AddrPortFrom(a, uint16(n)), allowed)
		if err == nil {
			return conn, nil
		}
		last = err
		if ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, &Error{Code: Unreachable, Err: last}
}

// addresses are those of a host, IPv4 first: most hosts have it, and a machine without IPv6 would wait for nothing.
func (c *Client) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	var resolver Resolver = net.DefaultResolver
	if c.Resolver != nil {
		resolver = c.Resolver
	}
	found, err := resolver.LookupNetIP(ctx, "ip", host)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || len(found) == 0 {
		return nil, &Error{Code: UnknownHost, Err: err}
	}
	addrs := make([]netip.Addr, len(found))
	for i, a := range found {
		addrs[i] = a.Unmap() // resolvers write IPv4 in either way
	}
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return addrs, nil
}

// connect goes to one address. The system asks once more right before it does, so that no way round the checks above
// leads anywhere.
func (c *Client) connect(ctx context.Context, to netip.AddrPort, allowed bool) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	if c.dialer != nil {
		return c.dialer(ctx, "tcp", to.String())
	}
	d := net.Dialer{KeepAlive: -1}
	if !allowed {
		d.Control = refuse
	}
	return d.DialContext(ctx, "tcp", to.String())
}

// refuse is the last check, on the address that the system is about to connect to.
func refuse(_, address string, _ syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); err != nil || !public(to.Addr()) {
		return &Error{Code: Forbidden}
	}
	return nil
}
