package fetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
)

// FuzzRequest gives the client any address, and any answer of the resolver. It must not panic, and never dial what is not
// public, unless the host is allowed as written.
func FuzzRequest(f *testing.F) {
	for _, raw := range []string{"http://api.example/", "https://[::ffff:10.0.0.1]:443/x", "http://0x7f.1", "http://a@b", "http://allowed.example:80/",
		"http://127.0.0.1", "HTTP://A.B.:1/?#", "http://[fe80::1%25a]/", "//x", "http://１.１/"} {
		f.Add(raw, []byte{127, 0, 0, 1})
		f.Add(raw, []byte{8, 8, 8, 8})
	}
	f.Add("http://a/", netip.MustParseAddr("64:ff9b::7f00:1").AsSlice())
	f.Fuzz(func(t *testing.T, raw string, address []byte) {
		c := &Client{Allow: Hosts{"allowed.example:80"}, Resolver: resolve(address)}
		c.dialer = func(_ context.Context, _, address string) (net.Conn, error) {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				t.Fatalf("%q: dials %q", raw, address)
			}
			if !public(to.Addr()) && Host(raw) != "allowed.example" && Host(raw) != "allowed.example:80" {
				t.Fatalf("%q: dials %s", raw, address)
			}
			return nil, errors.New("no network here")
		}
		_, err := c.Do(context.Background(), Request{URL: raw})
		if code(err) == "" {
			t.Fatalf("%q: got %v, want an error with a code", raw, err)
		}
		if u, err := parse(raw); err == nil { // what was taken once is taken again, and means the same
			again, err := parse(u.String())
			if err != nil || again.String() != u.String() {
				t.Errorf("%q became %q, and that %v (%v)", raw, u, again, err)
			}
		}
	})
}

// resolve answers every name with one address.
func resolve(address []byte) Resolver { return fixed(address) }

type fixed []byte

func (f fixed) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	a, ok := netip.AddrFromSlice(f)
	if !ok {
		return nil, errors.New("no such host")
	}
	return []netip.Addr{a}, nil
}

// FuzzHosts reads lists of hosts.
func FuzzHosts(f *testing.F) {
	for _, entry := range []string{"erp.example.com", "10.0.0.7:8080", "[fd00::7]", "fd00::7", "*", "a/b", "http://a"} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		hosts, err := ParseHosts([]string{entry})
		if err != nil {
			return
		}
		again, err := ParseHosts(hosts)
		if err != nil || len(again) != len(hosts) || len(hosts) == 1 && again[0] != hosts[0] {
			t.Errorf("%q became %v, and that %v (%v)", entry, hosts, again, err)
		}
	})
}
