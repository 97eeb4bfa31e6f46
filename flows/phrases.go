package flows

// phrase is a sentence the engine says by itself when the flow has none.
type phrase string

const (
	sayMenuMiss     phrase = "menu"
	sayNeedText     phrase = "needText"
	sayNeedFile     phrase = "needFile"
	sayNeedLocation phrase = "needLocation"
	sayBadText      phrase = "text"
	sayBadNumber    phrase = "number"
	sayBadEmail     phrase = "email"
	sayBadPhone     phrase = "phone"
	sayBadDate      phrase = "date"
	sayBadDocument  phrase = "document"
	sayPerson       phrase = "person"
	sayBye          phrase = "bye"
	sayUnsure       phrase = "unsure"
	sayBadScore     phrase = "score"
)

var spanish = map[phrase]string{
	sayMenuMiss:     "No entendí tu respuesta. Escribe el número de una opción.",
	sayNeedText:     "Por favor, respóndeme con un texto.",
	sayNeedFile:     "Por favor, envíame el archivo o la foto.",
	sayNeedLocation: "Por favor, envíame tu ubicación.",
	sayBadText:      "Esa respuesta no me sirve.",
	sayBadNumber:    "No es un número válido.",
	sayBadEmail:     "No es un correo válido.",
	sayBadPhone:     "No es un teléfono válido.",
	sayBadDate:      "No es una fecha válida.",
	sayBadDocument:  "No es un documento válido.",
	sayPerson:       "Te paso con una persona del equipo.",
	sayBadScore:     "Por favor, responde con un número.",
	sayBye:          "¡Gracias por escribirnos!",
	sayUnsure:       "Responde en español. Si no estás seguro o el cliente pide una persona, responde solo " + unsure + ".",
}

var portuguese = map[phrase]string{
	sayMenuMiss:     "Não entendi sua resposta. Escreva o número de uma opção.",
	sayNeedText:     "Por favor, responda com um texto.",
	sayNeedFile:     "Por favor, envie o arquivo ou a foto.",
	sayNeedLocation: "Por favor, envie a sua localização.",
	sayBadText:      "Essa resposta não serve.",
	sayBadNumber:    "Não é um número válido.",
	sayBadEmail:     "Não é um e-mail válido.",
	sayBadPhone:     "Não é um telefone válido.",
	sayBadDate:      "Não é uma data válida.",
	sayBadDocument:  "Não é um documento válido.",
	sayPerson:       "Vou passar você para uma pessoa da equipe.",
	sayBadScore:     "Por favor, responda com um número.",
	sayBye:          "Obrigado por escrever!",
	sayUnsure:       "Responda em português do Brasil. Se não tiver certeza ou o cliente pedir uma pessoa, responda apenas " + unsure + ".",
}

var english = map[phrase]string{
	sayMenuMiss:     "I did not understand your answer. Please type the number of an option.",
	sayNeedText:     "Please answer with a text.",
	sayNeedFile:     "Please send the file or photo.",
	sayNeedLocation: "Please send your location.",
	sayBadText:      "That answer does not fit.",
	sayBadNumber:    "That is not a valid number.",
	sayBadEmail:     "That is not a valid e-mail address.",
	sayBadPhone:     "That is not a valid phone number.",
	sayBadDate:      "That is not a valid date.",
	sayBadDocument:  "That is not a valid document number.",
	sayPerson:       "I am passing you to a person of our team.",
	sayBadScore:     "Please answer with a number.",
	sayBye:          "Thank you for writing!",
	sayUnsure:       "Answer in English. If you are not sure or the customer asks for a person, answer only " + unsure + ".",
}
