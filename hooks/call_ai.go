package hooks

import (
	"context"

	"mostrador/flows"
)

// askModel puts the question of an ai node.
func (d *Desk) askModel(context.Context, *call) outcome {
	return outcome{result: flows.Result{Err: callNoModel}}
}
