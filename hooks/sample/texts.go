package sample

// sample is what Seed says in one language.
type sample struct {
	areas   map[string]sampleArea // by key
	away    string
	replies []sampleReply
	tags    []string
}

type sampleArea struct{ name, description string }

type sampleReply struct{ shortcut, text string }

var samples = map[string]sample{
	"es": {
		areas: map[string]sampleArea{
			"sales":   {"Ventas", "Precios, pedidos y disponibilidad"},
			"support": {"Soporte", "Problemas con un producto o servicio"},
			"billing": {"Facturación", "Facturas, pagos y comprobantes"},
		},
		away: "Gracias por escribirnos. Ahora estamos fuera del horario de atención; te respondemos apenas abramos.",
		replies: []sampleReply{
			{"hola", "¡Hola! Soy del equipo y te ayudo con tu consulta."},
			{"momento", "Dame un momento, por favor; ya lo reviso."},
			{"datos", "¿Me compartes tu nombre completo y tu número de documento, por favor?"},
			{"gracias", "¡Gracias a ti por escribirnos! Si necesitas algo más, aquí estamos."},
			{"seguimos", "¿Sigues por ahí? Quedo atento a tu respuesta."},
		},
		tags: []string{"Urgente", "Seguimiento", "Reclamo", "Cliente nuevo"},
	},
	"pt-BR": {
		areas: map[string]sampleArea{
			"sales":   {"Vendas", "Preços, pedidos e disponibilidade"},
			"support": {"Suporte", "Problemas com um produto ou serviço"},
			"billing": {"Financeiro", "Notas fiscais, pagamentos e comprovantes"},
		},
		away: "Obrigado por escrever. Agora estamos fora do horário de atendimento; respondemos assim que abrirmos.",
		replies: []sampleReply{
			{"ola", "Olá! Sou da equipe e vou ajudar você."},
			{"momento", "Um momento, por favor; já estou verificando."},
			{"dados", "Pode me passar seu nome completo e seu CPF, por favor?"},
			{"obrigado", "Nós que agradecemos! Se precisar de mais alguma coisa, é só chamar."},
			{"continuamos", "Você ainda está por aí? Fico no aguardo da sua resposta."},
		},
		tags: []string{"Urgente", "Retorno", "Reclamação", "Cliente novo"},
	},
	"en": {
		areas: map[string]sampleArea{
			"sales":   {"Sales", "Prices, orders and availability"},
			"support": {"Support", "Trouble with a product or service"},
			"billing": {"Billing", "Invoices, payments and receipts"},
		},
		away: "Thank you for writing. We are closed right now and will answer as soon as we open.",
		replies: []sampleReply{
			{"hello", "Hello! I am part of the team and will help you with this."},
			{"moment", "Just a moment, please; I am looking into it."},
			{"details", "Could you send me your full name and your order number, please?"},
			{"thanks", "Thank you for writing! If you need anything else, we are here."},
			{"still", "Are you still there? I am happy to help whenever you are ready."},
		},
		tags: []string{"Urgent", "Follow-up", "Complaint", "New customer"},
	},
}
