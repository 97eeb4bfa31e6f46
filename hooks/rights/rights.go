// Package rights: who may see and do what: roles, and the one rule of sight.
package rights

import "slices"

// Role is what a user may do; the words are the predecessor's.
type Role string

// The three roles.
const (
	Admin      Role = "ADMIN"
	Supervisor Role = "SUPERVISOR"
	Operator   Role = "OPERATOR"
)

// Viewer is a user as far as visibility is concerned.
type Viewer struct {
	ID    string
	Role  Role
	Areas []string // ids of the areas that the user works in
}

// Sees is the one rule of who sees a conversation, on every path (list, item, search, file, realtime, export): an admin
// everything, a supervisor their own and all of their areas, an operator their own and those of their areas that nobody
// has. Who has no area sees only their own; what has no area yet is the admins'.
func (v Viewer) Sees(area, assignee string) bool {
	switch {
	case v.Role == Admin:
		return true
	case v.ID != "" && assignee == v.ID:
		return true
	case area == "" || !slices.Contains(v.Areas, area):
		return false
	case v.Role == Supervisor:
		return true
	default:
		return v.Role == Operator && assignee == ""
	}
}

// MayAnswer tells who may write to the customer: the assignee, a supervisor of the area, an admin.
func (v Viewer) MayAnswer(area, assignee string) bool {
	return v.Sees(area, assignee) && (v.Role != Operator || assignee == v.ID)
}
