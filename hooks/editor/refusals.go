package editor

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// errBadFlow: it can't be read; Args problem, Data problems
	errBadFlow = api.Refuses(400, "bad_flow",
		"El flujo no se puede leer. {problem}",
		"Não dá para ler o fluxo. {problem}",
		"The flow can't be read. {problem}")
	// errFlowErrors: it must not be published like that; Args problem, Data problems
	errFlowErrors = api.Refuses(400, "flow_errors",
		"El flujo tiene errores y no se puede publicar. {problem}",
		"O fluxo tem erros e não pode ser publicado. {problem}",
		"The flow has errors and can't be published. {problem}")
	// ErrTestFailed: a test of its own does not pass; Args name, line, Data tests
	ErrTestFailed = api.Refuses(400, "flow_test_failed",
		"La prueba «{name}» falla en la línea {line}. Corrige el flujo o la prueba.",
		"O teste \"{name}\" falha na linha {line}. Corrija o fluxo ou o teste.",
		"The test \"{name}\" fails at line {line}. Correct the flow or the test.")
	// saidBadLine: in a test's result; Args line
	saidBadLine = api.Says(
		"Esta línea no se entiende: {line}",
		"Não dá para entender esta linha: {line}",
		"This line cannot be understood: {line}")
	saidLongTest = api.Says(
		"La conversación de esta prueba es demasiado larga.",
		"A conversa deste teste é longa demais.",
		"The conversation of this test is too long.")
	// saidBadTest: in a test's result: its world, or a flow that it brings along
	saidBadTest = api.Says(
		"No se puede leer el mundo de esta prueba, o un flujo que trae.",
		"Não dá para ler o mundo deste teste, ou um fluxo que ele traz.",
		"The world of this test cannot be read, or a flow that it brings along.")
	// errFlowChanged: somebody saved it in between; Args name, at
	errFlowChanged = api.Refuses(409, "flow_changed",
		"{name} guardó este flujo el {at}. Carga su versión antes de guardar la tuya.",
		"{name} salvou este fluxo em {at}. Carregue essa versão antes de salvar a sua.",
		"{name} saved this flow on {at}. Load that version before you save yours.")
	// errFlowArchived: it is out of use
	errFlowArchived = api.Refuses(409, "flow_archived",
		"El flujo está archivado. Recupéralo primero.",
		"O fluxo está arquivado. Recupere-o primeiro.",
		"The flow is archived. Restore it first.")
	// errUnsayable: a step of a simulation that no test can tell; Args step
	errUnsayable = api.Refuses(400, "unsayable",
		"El paso {step} no se puede escribir en una prueba.",
		"O passo {step} não pode ser escrito em um teste.",
		"Step {step} can't be written in a test.")
)
