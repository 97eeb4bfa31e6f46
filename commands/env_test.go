package commands

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/fetch"
)

func TestSettingsKeepTheOldNamesAndUnits(t *testing.T) {
	minutes, bye := 30, "¡Hasta pronto!"
	got, err := readEnvironment(lookup(map[string]string{
		"PORT": "4000", "SESSION_SECRET": "s3cret", "SESSION_COOKIE_NAME": "desk.sid", "SESSION_MAX_AGE": "86400000",
		"SESSION_CLEANUP_INTERVAL": "900000", "CORS_ORIGIN": "https://A.example, HTTP://localhost:5173/",
		"AUTO_CLOSE_MINUTES": "30", "AUTO_CLOSE_MESSAGE": bye, "SCHEDULER_INTERVAL_MS": "60000", "WPP_AUTO_CLOSE": "0",
		"FLOW_ALLOW_HOSTS": "ERP.lan, 10.0.0.7:8080",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := Environment{Port: 4000, SessionSecret: "s3cret", SessionCookie: "desk.sid", SessionMaxAge: 24 * time.Hour,
		SessionCleanup: 15 * time.Minute, Origins: []string{"https://a.example", "http://localhost:5173"},
		AutoClose: &minutes, AutoCloseMessage: &bye, SchedulerInterval: time.Minute, AllowHosts: fetch.Hosts{"erp.lan", "10.0.0.7:8080"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSettingsNameWhatMeansNothing(t *testing.T) {
	got, err := readEnvironment(lookup(map[string]string{"DATABASE_URL": "mysql://db", "WPP_HEADLESS": "true", "PATH": "/bin"}))
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(got.Meaningless, " "); len(got.Meaningless) != 2 || !strings.Contains(text, "DATABASE_URL") || !strings.Contains(text, "WPP_HEADLESS") {
		t.Errorf("got %q, want DATABASE_URL and WPP_HEADLESS", got.Meaningless)
	}
}

func TestSettingsRefuseNonsense(t *testing.T) {
	for name, value := range map[string]string{
		"PORT": "http", "SESSION_COOKIE_NAME": "a b", "SESSION_MAX_AGE": "1d", "SESSION_CLEANUP_INTERVAL": "-5",
		"CORS_ORIGIN": "*", "AUTO_CLOSE_MINUTES": "-1", "SCHEDULER_INTERVAL_MS": "10", "WPP_AUTO_CLOSE": "never", "FLOW_ALLOW_HOSTS": "http://erp.lan/",
	} {
		_, err := readEnvironment(lookup(map[string]string{name: value}))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "has to be") {
			t.Errorf("%s=%s: got error %v, want one that names the variable and what it has to be", name, value, err)
		}
	}
}

func TestSettingsSayWhatIsTooMuch(t *testing.T) {
	for name, want := range map[string]string{"SESSION_MAX_AGE": "from 60000 to 315360000000", "WPP_AUTO_CLOSE": "from 0 to 315360000000", "AUTO_CLOSE_MINUTES": "525600 at most"} {
		for _, value := range []string{"999999999999", "99999999999999999999999"} {
			_, err := readEnvironment(lookup(map[string]string{name: value}))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%s: got error %v, want one with %q", name, value, err, want)
			}
		}
	}
}

func TestSettingsRefuseALongGoodbye(t *testing.T) {
	long := strings.Repeat("ñ", maxGoodbye)
	if s, err := readEnvironment(lookup(map[string]string{"AUTO_CLOSE_MESSAGE": long})); err != nil || *s.AutoCloseMessage != long {
		t.Errorf("the longest: got error %v, want it taken", err)
	}
	_, err := readEnvironment(lookup(map[string]string{"AUTO_CLOSE_MESSAGE": long + "."}))
	if err == nil || !strings.Contains(err.Error(), "AUTO_CLOSE_MESSAGE has") || len(err.Error()) > 300 {
		t.Errorf("got error %v, want a short one that names the variable", err)
	}
}

func TestEnvFile(t *testing.T) {
	got, err := parseEnv(".env", "\ufeff# comment\r\nPORT=4000\r\nexport A = b c # d\n\nEMPTY=\nURL=http://x/#y\n"+
		`Q="two\nlines \"q\" \\n" # c`+"\nS='as \\n is'\nHASH=\"a # b\"\n")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"PORT": "4000", "A": "b c", "EMPTY": "", "URL": "http://x/#y", "Q": "two\nlines \"q\" \\n", "S": `as \n is`, "HASH": "a # b"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEnvFileSaysWhichLineIsBroken(t *testing.T) {
	for text, want := range map[string]string{
		"A=1\nhello\n":              ".env line 2: there is no = in it",
		"=secret-value":             ".env line 1: what stands before =",
		"1A=secret-value":           ".env line 1: what stands before =",
		"\n\nA=\"secret-value":      ".env line 3: a quote is opened and never closed",
		"A='secret-value' and more": ".env line 1: something stands after",
	} {
		_, err := parseEnv(".env", text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret-value") {
			t.Errorf("%q: the error shows the value: %v", text, err)
		}
	}
}

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, ok := values[name]; return value, ok }
}

func FuzzEnvFile(f *testing.F) {
	f.Add("A=1\nexport B=\"x\\\"\" # y\nC='")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parseEnv(".env", text)
		for name := range values {
			if err == nil && !envName(name) {
				t.Errorf("got the name %q", name)
			}
		}
	})
}
