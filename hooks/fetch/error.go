package fetch

import "fmt"

// Code says why there is no answer.
type Code string

// The codes. Those of the first block are refusals: nothing was sent, or not further.
const (
	BadURL           Code = "bad_url"            // cannot be read, or is too long
	BadScheme        Code = "bad_scheme"         // neither http nor https
	UserInfo         Code = "user_info"          // a name or password stands in the URL
	BadHost          Code = "bad_host"           // not a name, and not an IP address in its usual form
	BadMethod        Code = "bad_method"         //
	BadHeader        Code = "bad_header"         // a name or value that HTTP does not allow
	Forbidden        Code = "forbidden_address"  // leads to an address that is not public
	Downgrade        Code = "downgrade"          // a redirect from https to http
	TooManyRedirects Code = "too_many_redirects" // more than MaxRedirects

	UnknownHost Code = "unknown_host" // the name does not resolve
	Unreachable Code = "unreachable"  // nobody answers at the address
	BadTLS      Code = "bad_tls"      // no certificate that can be trusted
	TimedOut    Code = "timeout"
	TooLarge    Code = "too_large"  // more than MaxBody
	BadAnswer   Code = "bad_answer" // the connection broke, or it is not HTTP
	Canceled    Code = "canceled"   // the caller's context ended
)

// Error is why a request got no answer.
type Error struct {
	Code Code
	Host string // of the URL that it happened at
	Sent bool   // the other side may have got a request
	Err  error  // what the system said; may be nil
}

func (e *Error) Error() string {
	text := words[e.Code]
	if e.Host != "" {
		text = e.Host + ": " + text
	}
	if e.Err != nil && e.Code != BadAnswer { // net/http repeats what came, and that is not for a log
		text = fmt.Sprintf("%s (%v)", text, e.Err)
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// words are for the log.
var words = map[Code]string{
	BadURL:           "the address cannot be read",
	BadScheme:        "the address is neither http nor https",
	UserInfo:         "a user name or password stands in the address; put it into a header",
	BadHost:          "the host is not a name and not a plain IP address",
	BadMethod:        "there is no such method",
	BadHeader:        "a header is not one that HTTP allows",
	Forbidden:        "the address is not a public one; the operator can allow the host with --allow-host",
	Downgrade:        "a redirect leads from https to http",
	TooManyRedirects: "redirected too often",
	UnknownHost:      "the host's name does not resolve",
	Unreachable:      "nobody answers at the address",
	BadTLS:           "the certificate is not to be trusted",
	TimedOut:         "no answer in time",
	TooLarge:         "the answer is too large",
	BadAnswer:        "the connection broke, or the answer is not HTTP",
	Canceled:         "broken off",
}
