package fetch

import (
	"strings"
	"testing"
)

func TestHosts(t *testing.T) {
	hosts, err := ParseHosts([]string{" ERP.example. ", "", "10.0.0.7:8080", "fd00:0:0::7", "[fd00::8]:81"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(hosts, " "); got != "erp.example 10.0.0.7:8080 [fd00::7] [fd00::8]:81" {
		t.Errorf("got %s", got)
	}
	for url, want := range map[string]bool{
		"http://erp.example/": true, "https://erp.example:99/x": true, "http://x.erp.example/": false, "http://10.0.0.7:8080/": true, "http://10.0.0.7/": false,
		"http://[fd00::7]:5/": true, "http://[fd00::8]:81/": true, "http://[fd00::8]/": false, "ftp://erp.example/": false, "erp.example": false,
	} {
		if got := hosts.HasURL(url); got != want {
			t.Errorf("%s: got %v, want %v", url, got, want)
		}
	}
	for _, entry := range []string{"*", "*.example", "http://erp.example", "erp.example/x", "erp.example?x", "erp.example?", "a b", "user@erp.example", "0x7f.1", "erp.example:0", "[::1%lo]", "::ffff:1.2.3.4"} {
		if _, err := ParseHosts([]string{entry}); err == nil || !strings.Contains(err.Error(), entry) {
			t.Errorf("%s: got %v, want an error that names it", entry, err)
		}
	}
	if got := Host("https://API.example:444/x"); got != "api.example:444" {
		t.Errorf("got %s", got)
	}
	if got := Host("ftp://a"); got != "" {
		t.Errorf("got %s", got)
	}
}
