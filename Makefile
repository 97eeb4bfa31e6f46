# make run    the whole product with simulated phones, on http://127.0.0.1:8090
# make test   every test: Go, the page, the story in a real browser
# make check  what a reviewer would say: format, vet, staticcheck, races, fuzzing, the page's lint and types
# make build  the binary, ./mostrador
# make web    builds web/ into pb_public/ (committed: only needed after a change under web/)
# make bench  docs/benchmarks.md again, on this machine
# make crash  the binary killed a thousand times while people write

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
RACE        := ./flows/... ./hooks/... ./whatsapp/...
FUZZTIME    ?= 3000x
NPM_MARK    := web/node_modules/.package-lock.json

.DEFAULT_GOAL := build
.PHONY: run test check build web bench crash go-ready web-ready browser-ready go-test web-check web-browser format vet staticcheck race fuzz

run: build
	./mostrador demo

# The tag leaves out the SQLite library that PocketBase would bring and nothing here uses: 4 MB less. Builds without it work the same.
build: go-ready
	go build -trimpath -tags no_default_driver -ldflags "-s -w -X main.version=$(VERSION)" -o mostrador .

test: browser-ready web-check web-browser go-test

go-test: go-ready
	go test -timeout 20m ./...

check: format vet staticcheck race fuzz web-check

format: go-ready
	@out=$$(gofmt -l .); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }

vet: go-ready
	go vet ./...

staticcheck: go-ready
	go run $(STATICCHECK) ./...

race: go-ready
	go test -race -short -timeout 20m $(RACE)

bench: build
	./mostrador bench start
	./mostrador bench inbound
	./mostrador bench roundtrip
	./mostrador bench fanout

crash: go-ready
	go test -timeout 60m -v -run KilledAtRandomMoments -crashes 1000 ./commands

# Every fuzz target $(FUZZTIME) on top of its corpus, which plain "go test" runs anyway. By count: at a deadline go test calls
# an input that is under way a failure.
fuzz: go-ready
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | while IFS=: read -r file func; do \
		echo "fuzz $$(dirname "$$file") $${func#func }"; \
		go test -run '^$$' -fuzz "^$${func#func }\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$(dirname "$$file")" </dev/null || exit 1; \
	done

web: web-ready
	cd web && npm run build

web-check: web-ready
	cd web && npm run check

# The page in a real browser, over a desk in memory.
web-browser: web-ready browser-ready
	cd web && npm run browser

$(NPM_MARK): web/package-lock.json
	cd web && npm ci
	@touch $@

web-ready: node-ready $(NPM_MARK)

.PHONY: node-ready
node-ready:
	@command -v npm >/dev/null || { echo "web/ needs Node 20 or newer with npm: install nodejs and npm, then run make again."; exit 1; }

go-ready:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is needed: install it from https://go.dev/dl/, then run make again."; exit 1; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || { echo "SQLite is compiled in, which needs a C compiler: install gcc, then run make again."; exit 1; }

# Chromium for the browser test: brought by apt where we may, asked for in one sentence elsewhere.
browser-ready:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fonts-liberation fonts-noto-color-emoji >/dev/null; \
	else echo "The browser test needs Chromium: install the package chromium, then run make again."; exit 1; fi
