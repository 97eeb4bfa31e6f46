package fetch

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const maxURL = 8 << 10 // bytes

// parse reads a URL and checks it.
func parse(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, &Error{Code: BadURL}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, &Error{Code: BadURL} // without the cause: it repeats the whole address, and that may hold a key
	}
	u, fault := check(u)
	if fault != nil {
		return nil, fault
	}
	return u, nil
}

// check returns the URL with its host in the one form in which hosts are compared.
func check(u *url.URL) (*url.URL, *Error) {
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &Error{Code: BadScheme}
	case u.User != nil:
		return nil, &Error{Code: UserInfo}
	case u.Opaque != "" || len(u.String()) > maxURL:
		return nil, &Error{Code: BadURL}
	}
	host, ok := cleanHost(u.Hostname())
	if !ok || strings.HasPrefix(u.Host, "[") != strings.Contains(host, ":") {
		return nil, &Error{Code: BadHost}
	}
	port := u.Port()
	if port != "" && !goodPort(port) || port == "" && strings.Contains(strings.TrimPrefix(u.Host, "["+u.Hostname()+"]"), ":") {
		return nil, &Error{Code: BadURL, Host: host}
	}
	clean := *u
	clean.Host, clean.Fragment, clean.RawFragment = joinHost(host, port), "", ""
	return &clean, nil
}

// cleanHost brings a name or an IP address into the form in which hosts are compared: lower case, no dot at the end.
// Names beyond ASCII are taken in their xn-- form only, and addresses in their usual notation only: 127.0.0.1 has a
// hundred others (2130706433, 0x7f.1, 0177.0.0.1, ::ffff:127.0.0.1), and nobody means well with them.
func cleanHost(host string) (string, bool) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.String(), addr.Zone() == "" && !addr.Is4In6()
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	labels := strings.Split(host, ".")
	if len(host) > 253 || numeric(labels[len(labels)-1]) {
		return "", false
	}
	return host, !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
	})
}

// numeric reports whether a name's last label makes browsers and C libraries take the whole for an IPv4 address.
func numeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

func goodPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0 && strings.Trim(port, "0123456789") == ""
}

func joinHost(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return host
}

// portOf is the port that a URL means.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// public reports whether an address may be connected to: it is one of the open internet, and no other address is
// packed into it.
func public(a netip.Addr) bool {
	if a.Zone() != "" || !a.IsValid() {
		return false
	}
	within := func(p netip.Prefix) bool { return p.Contains(a) }
	if a.Is4() {
		return !slices.ContainsFunc(closed4, within)
	}
	return open6.Contains(a) && !slices.ContainsFunc(closed6, within)
}

// closed4 are the special blocks of IPv4 (IANA's special-purpose registry, RFC 6890).
var closed4 = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // behind a provider's NAT
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's host, a public number that only its machines reach
	"169.254.0.0/16",   // link-local; 169.254.169.254 is where clouds hand out keys
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
)

// open6 is all that is handed out of IPv6. Outside of it lie loopback, IPv4-mapped and -compatible addresses, NAT64
// (64:ff9b::/96), discard, unique local (fc00::/7), link- and site-local, multicast.
var open6 = netip.MustParsePrefix("2000::/3")

// closed6 are the special blocks inside it (IANA's special-purpose registry).
var closed6 = prefixes(
	"2001::/23",     // protocol assignments: Teredo, benchmarks, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"3fff::/20",     // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}
