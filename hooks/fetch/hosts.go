package fetch

import (
	"fmt"
	"net/url"
	"strings"
)

// Hosts is a list of hosts, each with or without a port: "erp.example.com", "10.0.0.7:8080", "[fd00::7]". One without
// stands for all its ports. Only what is written in a URL counts, not what it resolves to.
type Hosts []string

// ParseHosts checks a list and brings it into the form in which hosts are compared. The error names the entry.
func ParseHosts(entries []string) (Hosts, error) {
	var hosts Hosts
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		bare := entry
		if strings.Count(bare, ":") > 1 && !strings.HasPrefix(bare, "[") {
			bare = "[" + bare + "]"
		}
		u, err := url.Parse("http://" + bare)
		if err != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
			return nil, fmt.Errorf("%q is not a host like erp.example.com or 10.0.0.7:8080", entry)
		}
		u, fault := check(u)
		if fault != nil {
			return nil, fmt.Errorf("%q is not a host like erp.example.com or 10.0.0.7:8080", entry)
		}
		hosts = append(hosts, u.Host)
	}
	return hosts, nil
}

// Has reports whether the port of a host is in the list.
func (h Hosts) Has(host, port string) bool {
	for _, entry := range h {
		if entry == joinHost(host, "") || entry == joinHost(host, port) {
			return true
		}
	}
	return false
}

// HasURL reports whether a URL leads to a host of the list.
func (h Hosts) HasURL(raw string) bool {
	u, err := parse(raw)
	return err == nil && h.Has(u.Hostname(), portOf(u))
}

// Host is the host that a URL leads to, with its port where one is written; empty when the URL is not one that a Client
// takes.
func Host(raw string) string {
	u, err := parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}
