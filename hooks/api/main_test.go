package api_test

import (
	"testing"

	"mostrador/hooks/desktest"
)

func TestMain(m *testing.M) { desktest.Main(m) }
