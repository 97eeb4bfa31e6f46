package flows

import "strings"

// Code names a kind of problem.
type Code string

// The codes.
const (
	noStart        Code = "no_start"
	missingTarget  Code = "missing_target"
	emptyMenu      Code = "empty_menu"
	duplicate      Code = "duplicate"
	loopNoWait     Code = "loop_without_wait"
	loopNoCustomer Code = "loop_without_customer"
	manyMessages   Code = "too_many_messages"
	manySteps      Code = "too_many_steps"
	noArea         Code = "no_area"
	unknownArea    Code = "unknown_area"
	unknownFlow    Code = "unknown_flow"
	unknownSecret  Code = "unknown_secret"
	neverSet       Code = "never_set"
	unknownFormat  Code = "unknown_format"
	unknownKind    Code = "unknown_value"
	badPattern     Code = "bad_pattern"
	badURL         Code = "bad_url"
	badName        Code = "bad_name"
	noVariable     Code = "no_variable"
	noRule         Code = "no_rule"
	noText         Code = "no_text"
	noMedia        Code = "no_media"
	noTag          Code = "no_tag"
	outOfRange     Code = "out_of_range"
	longLabel      Code = "long_label"
	longText       Code = "long_text"
	unreachable    Code = "unreachable"
	deadEnd        Code = "dead_end"
	noFallback     Code = "no_fallback"
	unknownUser    Code = "unknown_user"
)

// The codes of what keeps a flow, a file or its triggers from being read.
const (
	badJSON      Code = "bad_json"
	unknownField Code = "unknown_field"
	wrongType    Code = "wrong_type"
	unknownType  Code = "unknown_type"
	newerSpec    Code = "newer_spec"
	unknownSpec  Code = "unknown_spec"
	tooBig       Code = "too_big"
	tooMany      Code = "too_many"
)

// The codes of triggers.
const (
	noWord      Code = "no_word"
	unknownLine Code = "unknown_line"
)

// Say is the problem as a sentence in a language; Spanish when there is none in it.
func (p Problem) Say(lang Lang) string {
	sentences, ok := problems[p.Code]
	if !ok {
		sentences = misreadings[p.Code]
	}
	i := 0
	switch lang {
	case Portuguese:
		i = 1
	case English:
		i = 2
	}
	return strings.ReplaceAll(sentences[i], "%", p.Arg)
}

// problems has the sentences: Spanish, Portuguese, English. % stands for Problem.Arg.
var problems = map[Code][3]string{
	noStart:        {"El flujo no tiene un paso inicial.", "O fluxo não tem um passo inicial.", "The flow has no first step."},
	missingTarget:  {"Lleva al paso «%», que no existe.", "Leva ao passo “%”, que não existe.", "Leads to the step “%”, which does not exist."},
	emptyMenu:      {"No tiene opciones.", "Não tem opções.", "Has no options."},
	duplicate:      {"«%» está repetido.", "“%” está repetido.", "“%” is there twice."},
	loopNoWait:     {"Da vueltas sin esperar nunca una respuesta.", "Fica em círculo sem nunca esperar uma resposta.", "Goes round without ever waiting for an answer."},
	loopNoCustomer: {"Puede dar vueltas sin que el cliente escriba.", "Pode ficar em círculo sem o cliente escrever.", "Can go round without the customer writing anything."},
	manyMessages:   {"Desde aquí saldrían más de % mensajes seguidos.", "Daqui sairiam mais de % mensagens seguidas.", "More than % messages in a row would be sent from here."},
	manySteps:      {"Desde aquí hay más de % pasos sin esperar una respuesta.", "Daqui há mais de % passos sem esperar uma resposta.", "More than % steps from here without waiting for an answer."},
	noArea:         {"Falta elegir el área.", "Falta escolher a área.", "An area must be chosen."},
	unknownArea:    {"El área «%» no existe.", "A área “%” não existe.", "The area “%” does not exist."},
	unknownFlow:    {"El flujo «%» no existe o no está publicado.", "O fluxo “%” não existe ou não está publicado.", "The flow “%” does not exist or is not published."},
	unknownSecret:  {"La clave «%» no existe.", "A chave “%” não existe.", "The secret “%” does not exist."},
	neverSet:       {"Ningún paso da un valor a «%». Si puede faltar, escribe {{%|texto}}.", "Nenhum passo dá um valor a “%”. Se puder faltar, escreva {{%|texto}}.", "No step gives “%” a value. If it may be missing, write {{%|text}}."},
	unknownFormat:  {"El formato «%» no existe.", "O formato “%” não existe.", "The format “%” does not exist."},
	unknownKind:    {"«%» no es un valor posible aquí.", "“%” não é um valor possível aqui.", "“%” is not a possible value here."},
	badPattern:     {"El patrón «%» no es válido.", "O padrão “%” não é válido.", "The pattern “%” is not valid."},
	badURL:         {"La dirección debe empezar con http:// o https:// y un servidor escrito sin variables, usuario ni tildes.", "O endereço deve começar com http:// ou https:// e um servidor escrito sem variáveis, usuário nem acentos.", "The address must begin with http:// or https:// and a host written without variables, user name or accents."},
	badName:        {"«%» no sirve de nombre: usa letras sin acento, números, - o _.", "“%” não serve de nome: use letras sem acento, números, - ou _.", "“%” can't be a name: use plain letters, digits, - or _."},
	noVariable:     {"Falta el nombre de la variable.", "Falta o nome da variável.", "The variable's name is missing."},
	noRule:         {"Falta una condición.", "Falta uma condição.", "A condition is missing."},
	noText:         {"Falta el texto.", "Falta o texto.", "The text is missing."},
	noMedia:        {"Falta el archivo.", "Falta o arquivo.", "The file is missing."},
	noTag:          {"No cambia ninguna etiqueta.", "Não muda nenhuma etiqueta.", "Changes no tag."},
	outOfRange:     {"Debe estar entre %.", "Deve estar entre %.", "Must be within %."},
	longLabel:      {"La opción «%» es demasiado larga para una encuesta.", "A opção “%” é longa demais para uma enquete.", "The option “%” is too long for a poll."},
	longText:       {"El texto supera los 4096 caracteres y se cortará.", "O texto passa de 4096 caracteres e será cortado.", "The text has more than 4,096 characters and will be cut."},
	unreachable:    {"Ningún camino llega a este paso.", "Nenhum caminho chega a este passo.", "No way leads to this step."},
	deadEnd:        {"No lleva a ninguna parte: el cliente pasará a una persona.", "Não leva a lugar nenhum: o cliente passará para uma pessoa.", "Leads nowhere: the customer will be passed to a person."},
	noFallback:     {"«%» puede estar vacío: escribe {{%|texto}} para ese caso.", "“%” pode estar vazio: escreva {{%|texto}} para esse caso.", "“%” may be empty: write {{%|text}} for that case."},
	unknownUser:    {"Esa persona no existe o está desactivada.", "Essa pessoa não existe ou está desativada.", "That person does not exist or is switched off."},
}

// misreadings has the sentences for what no flow, file or trigger can be made of, as problems has the others.
var misreadings = map[Code][3]string{
	badJSON:      {"No se puede leer: hay un error en la línea y columna %.", "Não dá para ler: há um erro na linha e coluna %.", "Can't be read: there is a mistake at line and column %."},
	unknownField: {"El campo «%» no existe.", "O campo “%” não existe.", "The field “%” does not exist."},
	wrongType:    {"«%» no tiene la forma esperada.", "“%” não tem a forma esperada.", "“%” does not have the expected form."},
	unknownType:  {"No hay pasos del tipo «%».", "Não há passos do tipo “%”.", "There are no steps of type “%”."},
	newerSpec:    {"Es de una versión más nueva de Mostrador (formato %): actualiza este.", "É de uma versão mais nova do Mostrador (formato %): atualize este.", "It is of a newer version of Mostrador (format %): update this one."},
	unknownSpec:  {"El formato % no se conoce.", "O formato % não é conhecido.", "The format % is not known."},
	tooBig:       {"Es demasiado grande: como máximo % bytes.", "É grande demais: no máximo % bytes.", "It is too big: % bytes at most."},
	tooMany:      {"Son demasiados: como máximo %.", "São muitos: no máximo %.", "Too many: % at most."},

	noWord:      {"Falta una palabra con la que empiece.", "Falta uma palavra com que comece.", "A word that it begins with is missing."},
	unknownLine: {"La línea «%» no existe.", "A linha “%” não existe.", "The line “%” does not exist."},
}
