package commands

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mostrador/hooks/fetch"
)

// Environment is what the environment (or .env) says. The names and units are those of the platform that Mostrador
// replaces, so that its .env can be kept. Zero means that the variable is not set, unless said otherwise.
type Environment struct {
	Port              int           // PORT: listen on every address at this port
	SessionSecret     string        // SESSION_SECRET: mixed into the stored form of session keys, and seals secrets; changing it signs everyone out
	SessionCookie     string        // SESSION_COOKIE_NAME
	SessionMaxAge     time.Duration // SESSION_MAX_AGE, milliseconds
	SessionCleanup    time.Duration // SESSION_CLEANUP_INTERVAL, milliseconds
	Origins           []string      // CORS_ORIGIN, separated by commas; empty: the desk's own page only
	AutoClose         *int          // AUTO_CLOSE_MINUTES; 0: never
	AutoCloseMessage  *string       // AUTO_CLOSE_MESSAGE; set and empty: close without a word
	SchedulerInterval time.Duration // SCHEDULER_INTERVAL_MS
	ScanFor           time.Duration // WPP_AUTO_CLOSE, milliseconds that an unscanned QR code stays up; 0: as long as it takes
	AllowHosts        fetch.Hosts   // FLOW_ALLOW_HOSTS, separated by commas: flows may ask these wherever they are
	Meaningless       []string      // variables that are set and change nothing here, each with what to use instead
}

// meaningless lists the variables that had a meaning on the platform before and have none here.
var meaningless = map[string]string{
	"DATABASE_URL": "the data lies in one folder: use --dir",
	"WPP_HEADLESS": "there is no browser to hide",
}

// maxGoodbye is how many characters of a goodbye the settings take; a longer one would be kept and never said.
const maxGoodbye = 65_536

// readEnvironment turns variables into Settings. The error names the variable, what it holds and what it should hold.
func readEnvironment(look func(string) (string, bool)) (Environment, error) {
	var s Environment
	get := func(name string) string { value, _ := look(name); return value }
	r := settingsReader{get: get}
	s.Port = r.number("PORT", 1, 65535, "a port, like 4000")
	s.SessionSecret = get("SESSION_SECRET")
	s.SessionCookie = r.cookieName("SESSION_COOKIE_NAME")
	s.SessionMaxAge = r.milliseconds("SESSION_MAX_AGE", time.Minute)
	s.SessionCleanup = r.milliseconds("SESSION_CLEANUP_INTERVAL", time.Second)
	s.Origins = r.origins("CORS_ORIGIN")
	if get("AUTO_CLOSE_MINUTES") != "" {
		minutes := r.number("AUTO_CLOSE_MINUTES", 0, 365*24*60, "minutes of silence, like 30 (525600 at most), or 0 for never")
		s.AutoClose = &minutes
	}
	if text, set := look("AUTO_CLOSE_MESSAGE"); set {
		s.AutoCloseMessage = &text
		if n := utf8.RuneCountInString(text); n > maxGoodbye && r.err == nil {
			r.err = fmt.Errorf("AUTO_CLOSE_MESSAGE has %d characters, but WhatsApp takes %d at most; shorten it in the environment or in .env", n, maxGoodbye)
		}
	}
	s.SchedulerInterval = r.milliseconds("SCHEDULER_INTERVAL_MS", time.Second)
	s.ScanFor = r.milliseconds("WPP_AUTO_CLOSE", 0)
	s.AllowHosts = r.hosts("FLOW_ALLOW_HOSTS")
	for _, name := range []string{"DATABASE_URL", "WPP_HEADLESS"} {
		if get(name) != "" {
			s.Meaningless = append(s.Meaningless, name+" ("+meaningless[name]+")")
		}
	}
	return s, r.err
}

// settingsReader keeps the first thing that is wrong.
type settingsReader struct {
	get func(string) string
	err error
}

func (r *settingsReader) wrong(name, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s is %q, but has to be %s; correct it in the environment or in .env", name, r.get(name), want)
	}
}

func (r *settingsReader) number(name string, least, most int, want string) int {
	text := r.get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		r.wrong(name, want)
		return 0
	}
	return n
}

func (r *settingsReader) milliseconds(name string, least time.Duration) time.Duration {
	const most = 10 * 365 * 24 * time.Hour
	want := fmt.Sprintf("a number of milliseconds, from %d to %d", least.Milliseconds(), most.Milliseconds())
	n := r.number(name, int(least.Milliseconds()), int(most.Milliseconds()), want)
	return time.Duration(n) * time.Millisecond
}

// cookieName takes what RFC 6265 calls a token, so that the cookie can't be misread by a browser.
func (r *settingsReader) cookieName(name string) string {
	text := r.get(name)
	for _, c := range text {
		if c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c) {
			r.wrong(name, "a cookie name of letters, digits, - and _")
			return ""
		}
	}
	return text
}

func (r *settingsReader) origins(name string) []string {
	var origins []string
	for _, one := range strings.Split(r.get(name), ",") {
		one = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(one), "/")) // as browsers write it
		if one == "" {
			continue
		}
		scheme, host, ok := strings.Cut(one, "://")
		if !ok || scheme != "http" && scheme != "https" || host == "" || strings.ContainsAny(host, "/*? ") {
			r.wrong(name, "addresses like https://desk.example.com, separated by commas")
			return nil
		}
		origins = append(origins, one)
	}
	return origins
}

func (r *settingsReader) hosts(name string) fetch.Hosts {
	hosts, err := fetch.ParseHosts(strings.Split(r.get(name), ","))
	if err != nil {
		r.wrong(name, "hosts like erp.lan or 10.0.0.7:8080, separated by commas")
	}
	return hosts
}

// readEnvFile reads NAME=value lines: an optional "export ", # comments, single quotes as they are, double quotes with
// \n, \t, \" and \\. A file that is not there is no variables.
func readEnvFile(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return parseEnv(path, string(data))
}

func parseEnv(path, text string) (map[string]string, error) {
	values := map[string]string{}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, why := parseEnvLine(line)
		if why != "" {
			// The line itself is not shown: it may hold a secret.
			return nil, fmt.Errorf("%s line %d: %s; write NAME=value, one a line", path, i+1, why)
		}
		values[name] = value
	}
	return values, nil
}

// parseEnvLine splits one line; why is empty or says what is wrong with it.
func parseEnvLine(line string) (name, value, why string) {
	name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		return "", "", "there is no = in it"
	}
	if !envName(name) {
		return "", "", "what stands before = is not a variable's name"
	}
	if value == "" || value[0] != '"' && value[0] != '\'' {
		value, _, _ = strings.Cut(" "+value, " #")
		return name, strings.TrimSpace(value), ""
	}
	quote := value[0]
	end := 1
	for ; end < len(value) && value[end] != quote; end++ {
		if quote == '"' && value[end] == '\\' {
			end++
		}
	}
	if end >= len(value) {
		return "", "", "a quote is opened and never closed"
	}
	if rest := strings.TrimSpace(value[end+1:]); rest != "" && rest[0] != '#' {
		return "", "", "something stands after the closing quote"
	}
	value = value[1:end]
	if quote == '"' {
		value = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`).Replace(value)
	}
	return name, value, ""
}

func envName(name string) bool {
	for i, c := range name {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
