package people

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrLastAdmin: somebody has to be left who may manage the desk
	ErrLastAdmin = api.Refuses(409, "last_admin",
		"Tiene que quedar al menos un administrador activo.",
		"Precisa restar pelo menos um administrador ativo.",
		"At least one active admin has to be left.")
	// ErrAreaTaken: an area in use is called like that; Args field
	ErrAreaTaken = api.Refuses(409, "area_taken",
		"Ya hay un área en uso con ese nombre. Elige otro.",
		"Já existe uma área em uso com esse nome. Escolha outro.",
		"An area in use has that name already. Choose another one.")
)
