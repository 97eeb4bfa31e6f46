package fetch

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// echo says what it was asked.
func echo(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var names []string
	for _, name := range []string{"Authorization", "Cookie", "X-Key", "X-Plain", "Content-Type"} {
		if r.Header.Get(name) != "" {
			names = append(names, name)
		}
	}
	fmt.Fprintf(rw, "%s %s%s %s %s", r.Method, r.Host, r.URL.Path, body, strings.Join(names, " "))
}

// TestRedirects follows them as browsers do, and leaves every secret behind when the host changes.
func TestRedirects(t *testing.T) {
	w := newInternet(t)
	w.server("b.example", "93.184.1.2", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			http.Redirect(rw, r, "http://a.example/end", http.StatusTemporaryRedirect)
			return
		}
		echo(rw, r)
	})
	a := w.server("a.example", "93.184.1.1", func(rw http.ResponseWriter, r *http.Request) {
		var status int
		var to string
		if n, _ := fmt.Sscanf(r.URL.RawQuery, "%d&%s", &status, &to); n == 2 {
			rw.Header().Set("Location", to)
			rw.WriteHeader(status)
			return
		}
		echo(rw, r)
	})
	w.servers["93.184.1.1:8080"] = a.Listener.Addr().String()
	w.names["inner.example"] = []string{"10.0.0.1"}
	const all, plain = "Authorization Cookie X-Key X-Plain", "X-Plain"
	for _, tt := range []struct{ name, method, to, want string }{
		{"same host, GET", "GET", "302&/end", "GET a.example/end {} " + all + " Content-Type"},
		{"same host, POST becomes GET", "POST", "303&/end", "GET a.example/end  " + all},
		{"POST stays POST", "POST", "307&/end", "POST a.example/end {} " + all + " Content-Type"},
		{"DELETE stays DELETE", "DELETE", "308&end", "DELETE a.example/end {} " + all + " Content-Type"},
		{"other host", "GET", "302&http://b.example/end", "GET b.example/end {} " + plain + " Content-Type"},
		{"other host, named without a scheme", "GET", "302&//b.example/end", "GET b.example/end {} " + plain + " Content-Type"},
		{"other port", "GET", "302&http://a.example:8080/end", "GET a.example:8080/end {} " + plain + " Content-Type"},
		{"away and back", "GET", "302&http://b.example/back", "GET a.example/end {} " + plain + " Content-Type"},
		{"other spelling", "GET", "302&http://A.EXAMPLE.:80/end", "GET a.example:80/end {} " + all + " Content-Type"},
		{"into the inner network", "GET", "302&http://127.0.0.1/", "! " + string(Forbidden)},
		{"by name", "GET", "302&http://inner.example/", "! " + string(Forbidden)},
		{"by IPv6", "GET", "301&http://[fd00::1]/", "! " + string(Forbidden)},
		{"by number", "GET", "301&http://2130706433/", "! " + string(BadHost)},
		{"with a password", "GET", "301&http://a:b@b.example/", "! " + string(UserInfo)},
		{"out of HTTP", "GET", "301&file:///etc/passwd", "! " + string(BadScheme)},
		{"to nonsense", "GET", "301&http://[", "! " + string(BadURL)},
		{"in a circle", "GET", "302&?302&?302&?302&?302&?302&/end", "! " + string(TooManyRedirects)},
		{"four times", "GET", "302&?302&?302&?302&/end", "! " + string(TooManyRedirects)},
		{"three times", "GET", "302&?302&?302&/end", "GET a.example/end {} " + all + " Content-Type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer, err := w.client().Do(t.Context(), Request{Method: tt.method, URL: "http://a.example/begin?" + tt.to, Body: []byte("{}"), Headers: []Header{
				{Name: "authorization", Value: "x"}, {Name: "Cookie", Value: "x"}, {Name: "X-Key", Value: "x", Secret: true}, {Name: "X-Plain", Value: "x"},
				{Name: "Content-Type", Value: "application/json"}}})
			got := "! " + string(code(err))
			if err == nil {
				got = string(answer.Body)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if err != nil && !err.(*Error).Sent {
				t.Error("the first request counts as not sent")
			}
		})
	}
	for _, address := range w.dialed {
		if !strings.HasPrefix(address, "93.184.1.") {
			t.Errorf("dialed %s", address)
		}
	}
}

func TestRedirectsBetweenSchemes(t *testing.T) {
	w := newInternet(t)
	plain := w.server("example.com", "93.184.1.1", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://example.com/", http.StatusFound)
	})
	secure := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(rw, r, "http://example.com/", http.StatusFound)
			return
		}
		echo(rw, r)
	}))
	defer secure.Close()
	defer plain.Close()
	w.servers["93.184.1.1:443"] = secure.Listener.Addr().String()
	c := w.client()
	c.tls = trust(secure)
	headers := []Header{{Name: "X-Key", Value: "x", Secret: true}}
	up, err := c.Do(t.Context(), Request{URL: "http://example.com/", Headers: headers})
	if err != nil || string(up.Body) != "GET example.com/  X-Key" {
		t.Errorf("up: got %+v (%v), want the key to come along", up, err)
	}
	if _, err := c.Do(t.Context(), Request{URL: "https://example.com/down", Headers: headers}); code(err) != Downgrade {
		t.Errorf("down: got %v, want %s", err, Downgrade)
	}
}

// TestRedirectWithoutAPlace is an answer like any other.
func TestRedirectWithoutAPlace(t *testing.T) {
	w := newInternet(t)
	w.server("a.example", "93.184.1.1", func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusFound)
		fmt.Fprint(rw, "lost")
	})
	if got, err := w.client().Do(t.Context(), Request{URL: "http://a.example/"}); err != nil || got.Status != 302 || string(got.Body) != "lost" {
		t.Errorf("got %+v (%v), want the 302", got, err)
	}
}
