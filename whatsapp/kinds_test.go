package whatsapp

import (
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"mostrador/whatsapp/wasim"
)

// Every field that a message can have is decided on, and nothing else is. A version of whatsmeow with a kind that is new fails
// here: say in the table what people see of it.
func TestEveryKindIsInTheTable(t *testing.T) {
	fields := (&waE2E.Message{}).ProtoReflect().Descriptor().Fields()
	future := (&waE2E.FutureProofMessage{}).ProtoReflect().Descriptor()
	for i := range fields.Len() {
		field := fields.Get(i)
		is, ok := kinds[field.Name()]
		if !ok {
			t.Errorf("%s: not in the table of kinds", field.Name())
			continue
		}
		ways := 0
		for _, way := range []bool{is.silent, is.envelope, is.named, is.read != nil} {
			if way {
				ways++
			}
		}
		if wraps := field.Message() != nil && field.Message().FullName() == future.FullName(); wraps != is.envelope || ways != 1 {
			t.Errorf("%s: got %+v in the table", field.Name(), is)
		}
		if field.Message() == nil { // the one text
			continue
		}
		m := &waE2E.Message{}
		m.ProtoReflect().Mutable(field)
		if got, ok := (reader{}).message(m); ok && is.silent || is.named && (got.Kind != Unsupported || got.What != string(field.Name())) {
			t.Errorf("%s, empty: got %+v", field.Name(), got)
		}
	}
	for name := range kinds {
		if fields.ByName(name) == nil {
			t.Errorf("a message has no %s", name)
		}
	}
}

// whatIsRead is messages as other programs send them, and how they are told here.
var whatIsRead = []struct{ name, proto, text string }{
	{"button pressed", `{"buttonsResponseMessage":{"selectedButtonID":"1","selectedDisplayText":"Ventas"}}`, "Ventas"},
	{"button without text", `{"buttonsResponseMessage":{"selectedButtonID":"1"}}`, "1"},
	{"row chosen", `{"listResponseMessage":{"title":"Ventas","description":"Precios","singleSelectReply":{"selectedRowID":"r1"}}}`, "Ventas\nPrecios"},
	{"row without text", `{"listResponseMessage":{"singleSelectReply":{"selectedRowID":"r1"}}}`, "r1"},
	{"template's button pressed", `{"templateButtonReplyMessage":{"selectedID":"x","selectedDisplayText":"Sí"}}`, "Sí"},
	{"native: title", `{"interactiveResponseMessage":{"nativeFlowResponseMessage":{"name":"single_select","paramsJSON":"{\"id\":\"2\",\"title\":\"Soporte\",\"description\":\"Ayuda\"}"}}}`, "Soporte\nAyuda"},
	{"native: display text", `{"interactiveResponseMessage":{"body":{"text":"x"},"nativeFlowResponseMessage":{"name":"quick_reply","paramsJSON":"{\"id\":\"2\",\"display_text\":\"Sí, quiero\"}"}}}`, "Sí, quiero"},
	{"native: body", `{"interactiveResponseMessage":{"body":{"text":"Soporte"},"nativeFlowResponseMessage":{"paramsJSON":"{\"id\":\"2\"}"}}}`, "Soporte"},
	{"native: id alone", `{"interactiveResponseMessage":{"nativeFlowResponseMessage":{"paramsJSON":"{\"id\":\"sí\"}"}}}`, "sí"},
	{"native: form", `{"interactiveResponseMessage":{"body":{"text":"Enviado"},"nativeFlowResponseMessage":{"name":"flow","paramsJSON":"{\"nombre\":\"Ana\",\"flow_token\":\"t\",\"talle\":[\"M\",\"L\"],\"cantidad\":2,\"wa_flow_response_params\":{\"title\":\"x\"}}"}}}`,
		"Enviado\nnombre: Ana\ntalle: M\ntalle: L\ncantidad: 2"},
	{"native: no JSON", `{"interactiveResponseMessage":{"body":{"text":"hola"},"nativeFlowResponseMessage":{"paramsJSON":"{"}}}`, "hola"},

	{"buttons", `{"buttonsMessage":{"text":"Pedidos","contentText":"¿Qué hacemos?","footerText":"Tienda","buttons":[{"buttonID":"1","buttonText":{"displayText":"Pagar"}},{"nativeFlowInfo":{"paramsJSON":"{\"display_text\":\"Ver\",\"url\":\"https://x.example\"}"}}]}}`,
		"Pedidos\n¿Qué hacemos?\nTienda\n[Pagar]\n[Ver] https://x.example"},
	{"list", `{"listMessage":{"title":"Áreas","description":"Elegí una","buttonText":"Ver","footerText":"Tienda","sections":[{"title":"Hoy","rows":[{"title":"Ventas","description":"Precios"},{"title":"Soporte"}]}]}}`,
		"Áreas\nElegí una\nTienda\n[Ver]\nHoy\n• Ventas · Precios\n• Soporte"},
	{"product list", `{"listMessage":{"title":"Catálogo","productListInfo":{"productSections":[{"title":"Mesas"}]}}}`, "Catálogo\nMesas"},
	{"template", `{"templateMessage":{"hydratedTemplate":{"hydratedTitleText":"Turno","hydratedContentText":"Mañana a las 9","hydratedFooterText":"Clínica","hydratedButtons":[{"quickReplyButton":{"displayText":"Confirmo"}},{"urlButton":{"displayText":"Ver","URL":"https://x.example"}},{"callButton":{"displayText":"Llamar","phoneNumber":"+541155"}}]}}}`,
		"Turno\nMañana a las 9\nClínica\n[Confirmo]\n[Ver] https://x.example\n[Llamar] +541155"},
	{"template, its other place", `{"templateMessage":{"hydratedFourRowTemplate":{"hydratedContentText":"Mañana a las 9"}}}`, "Mañana a las 9"},
	{"template of four rows", `{"templateMessage":{"fourRowTemplate":{"content":{"params":["Ana","9:00"]},"footer":{"hydratedHsm":{"hydratedTemplate":{"hydratedContentText":"Clínica"}}},"buttons":[{"quickReplyButton":{"displayText":{"params":["Sí"]}}}]}}}`,
		"Ana · 9:00\nClínica\n[Sí]"},
	{"template of cards", `{"templateMessage":{"interactiveMessageTemplate":{"body":{"text":"Ofertas"}}}}`, "Ofertas"},
	{"oldest template", `{"highlyStructuredMessage":{"elementName":"x","localizableParams":[{"default":"ARS 10"}]}}`, "ARS 10"},
	{"interactive", `{"interactiveMessage":{"header":{"title":"Hola","subtitle":"Ana"},"body":{"text":"Elegí"},"footer":{"text":"Tienda"},"nativeFlowMessage":{"buttons":[{"name":"single_select","buttonParamsJSON":"{\"title\":\"Ver\",\"sections\":[{\"title\":\"Hoy\",\"rows\":[{\"title\":\"Mesa\",\"description\":\"roja\",\"id\":\"1\"}]}]}"},{"name":"cta_copy","buttonParamsJSON":"{\"display_text\":\"Copiar\",\"copy_code\":\"A1\"}"}]}}}`,
		"Hola\nAna\nElegí\nTienda\n[Ver]\nHoy\n• Mesa · roja\n[Copiar] A1"},
	{"cards", `{"interactiveMessage":{"body":{"text":"Ofertas"},"carouselMessage":{"cards":[{"header":{"title":"Mesa"},"body":{"text":"roja"}},{"body":{"text":"Silla"},"nativeFlowMessage":{"buttons":[{"buttonParamsJSON":"{\"display_text\":\"La quiero\"}"}]}}]}}}`,
		"Ofertas\n\nMesa\nroja\n\nSilla\n[La quiero]"},
	{"to pay", `{"interactiveMessage":{"nativeFlowMessage":{"buttons":[{"name":"review_and_pay","buttonParamsJSON":"{\"currency\":\"BRL\",\"total_amount\":{\"value\":2550,\"offset\":100},\"order\":{\"items\":[{\"name\":\"Mesa\",\"quantity\":2,\"amount\":{\"value\":1275,\"offset\":100}}]},\"payment_settings\":[{\"type\":\"pix_static_code\",\"pix_static_code\":{\"merchant_name\":\"Loja\",\"key\":\"k@x.example\"}}]}"}]}}}`,
		"• Mesa · ×2 · BRL 12.75\n💳 BRL 25.50\n💳 Loja · k@x.example"},

	{"order", `{"orderMessage":{"orderTitle":"Tienda","itemCount":3,"totalAmount1000":"12500500","totalCurrencyCode":"ARS","message":"sin cebolla"}}`, "🛒 Tienda · ×3 · ARS 12500.50\nsin cebolla"},
	{"product", `{"productMessage":{"body":"¿Tienen esta?","footer":"f","product":{"title":"Mesa","description":"de roble","currencyCode":"ARS","priceAmount1000":"100000","salePriceAmount1000":"80000","URL":"https://x.example/mesa"}}}`,
		"¿Tienen esta?\n🛍️ Mesa · ARS 80 (ARS 100)\nde roble\nhttps://x.example/mesa\nf"},
	{"catalogue", `{"productMessage":{"catalog":{"title":"Muebles","description":"2026"}}}`, "🛍️ Muebles · 2026"},
	{"money sent", `{"sendPaymentMessage":{"noteMessage":{"extendedTextMessage":{"text":"la seña"}}}}`, "💳 la seña"},
	{"money sent in silence", `{"sendPaymentMessage":{}}`, "💳 ✓"},
	{"money asked for", `{"requestPaymentMessage":{"amount1000":"5000","currencyCodeIso4217":"BRL","noteMessage":{"conversation":"o frete"}}}`, "💳 BRL 5\no frete"},
	{"reminder", `{"paymentReminderMessage":{"description":"alquiler","amount":{"value":"500","offset":100,"currencyCode":"BRL"}}}`, "💳 BRL 5\nalquiler"},
	{"shared bill", `{"splitPaymentMessage":{"description":"cena","totalAmount":{"value":"500","offset":100,"currencyCode":"BRL"}}}`, "💳 BRL 5\ncena"},
	{"invoice", `{"invoiceMessage":{"note":"marzo"}}`, "💳 marzo"},

	{"invite", `{"groupInviteMessage":{"groupName":"Clientes","caption":"sumate"}}`, "👥 Clientes\nsumate"},
	{"channel", `{"newsletterFollowerInviteMessageV2":{"newsletterName":"Novedades","caption":"mirá"}}`, "📣 Novedades\nmirá"},
	{"channel's admin", `{"newsletterAdminInviteMessage":{"newsletterName":"Novedades","caption":"ayudame"}}`, "📣 Novedades\nayudame"},
	{"event", `{"eventMessage":{"name":"Feria","description":"en la plaza","startTime":"1782900000","endTime":"1782903600","joinLink":"https://x.example/f","location":{"name":"Plaza","address":"Centro"}}}`,
		"📅 Feria · 2026-07-01 10:00 UTC – 2026-07-01 11:00 UTC\nen la plaza\nPlaza · Centro\nhttps://x.example/f"},
	{"event that is off", `{"eventMessage":{"name":"Feria","isCanceled":true}}`, "📅 ✖ Feria"},
	{"invited", `{"eventInviteMessage":{"eventTitle":"Feria","caption":"venite","startTime":"1782900000"}}`, "📅 Feria · 2026-07-01 10:00 UTC\nvenite"},
	{"planned call", `{"scheduledCallCreationMessage":{"title":"Demo","scheduledTimestampMS":"1782900000000"}}`, "📞 Demo · 2026-07-01 10:00 UTC"},
	{"poll's result", `{"pollResultSnapshotMessage":{"name":"¿Cuándo?","pollVotes":[{"optionName":"lunes","optionVoteCount":"3"}]}}`, "¿Cuándo?\n• lunes · 3"},
	{"comment", `{"commentMessage":{"message":{"conversation":"lindo"}}}`, "lindo"},
	{"stickers", `{"stickerPackMessage":{"name":"Gatos","publisher":"Ana"}}`, "Gatos · Ana"},
	{"song", `{"musicMessage":{"embeddedMusic":{"title":"Volver","author":"Gardel"},"songUri":"https://x.example"}}`, "🎵 Volver · Gardel\nhttps://x.example"},
	{"machine", `{"richResponseMessage":{"submessages":[{"messageText":"uno"},{"messageText":"dos"}]}}`, "uno\ndos"},
	{"answer to a question", `{"questionResponseMessage":{"text":"sí"}}`, "sí"},
	{"option for a poll", `{"pollAddOptionMessage":{"addOption":{"optionName":"martes"}}}`, "martes"},
}

func TestWhatIsRead(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	for _, c := range whatIsRead {
		t.Run(c.name, func(t *testing.T) {
			said := &waE2E.Message{}
			if err := protojson.Unmarshal([]byte(c.proto), said); err != nil {
				t.Fatal(err)
			}
			if m := r.message(r.say(carla, wasim.Say{Proto: said})); m.Kind != Text || m.Text != c.text {
				t.Errorf("got %s %q, want %q", m.Kind, m.Text, c.text)
			}
		})
	}
	read := strings.Builder{}
	for _, c := range whatIsRead {
		read.WriteString(c.proto)
	}
	for name, is := range kinds { // each kind that is told in words was tried
		p := &waE2E.Message{}
		field := p.ProtoReflect().Descriptor().Fields().ByName(name)
		if is.read == nil || field.Message() == nil || strings.Contains(read.String(), `{"`+string(name)+`":`) {
			continue
		}
		p.ProtoReflect().Mutable(field)
		if m := is.read(p); m.Kind == Text && !spared[string(name)] {
			t.Errorf("%s: not tried", name)
		}
	}
}

// spared are tried elsewhere, or by a field that is read the same way.
var spared = map[string]bool{"extendedTextMessage": true, "bcallMessage": true, "pollResultSnapshotMessageV3": true,
	"statusQuestionAnswerMessage": true, "statusQuotedMessage": true}

// The picture, film, document or place at the head of what a company sends is one like any other; the words are below it.
func TestHeadsOfCompanies(t *testing.T) {
	picture := `"imageMessage":{"directPath":"/v/x","mimetype":"image/jpeg"}`
	for name, c := range map[string]struct {
		proto string
		kind  Kind
	}{
		"buttons":     {`{"buttonsMessage":{` + picture + `,"contentText":"hola"}}`, Image},
		"document":    {`{"buttonsMessage":{"documentMessage":{"directPath":"/v/x","fileName":"a.pdf"},"contentText":"hola"}}`, Document},
		"place":       {`{"buttonsMessage":{"locationMessage":{"degreesLatitude":1},"contentText":"hola"}}`, Location},
		"template":    {`{"templateMessage":{"hydratedTemplate":{` + picture + `,"hydratedContentText":"hola"}}}`, Image},
		"four rows":   {`{"templateMessage":{"fourRowTemplate":{` + picture + `,"content":{"params":["hola"]}}}}`, Image},
		"interactive": {`{"interactiveMessage":{"header":{` + picture + `},"body":{"text":"hola"}}}`, Image},
		"film":        {`{"interactiveMessage":{"header":{"videoMessage":{"directPath":"/v/x"}},"body":{"text":"hola"}}}`, Video},
		"card":        {`{"interactiveMessage":{"carouselMessage":{"cards":[{"header":{` + picture + `},"body":{"text":"hola"}}]}}}`, Image},
		"product":     {`{"productMessage":{"body":"hola","product":{"productImage":{"directPath":"/v/x"}}}}`, Image},
		"its product": {`{"interactiveMessage":{"header":{"productMessage":{"product":{"productImage":{"directPath":"/v/x"}}}},"body":{"text":"hola"}}}`, Image},
		"no file":     {`{"buttonsMessage":{"imageMessage":{"JPEGThumbnail":"AAAA"},"contentText":"hola"}}`, Text},
	} {
		p := &waE2E.Message{}
		if err := protojson.Unmarshal([]byte(c.proto), p); err != nil {
			t.Fatal(name, err)
		}
		if m, _ := (reader{}).message(p); m.Kind != c.kind || m.Text != "hola" || (m.Media != nil) == (c.kind == Text || c.kind == Location) {
			t.Errorf("%s: got %+v", name, m)
		}
	}
}

// Whatever a message is, what brought it is kept beside it: the words are the customer's own.
func TestAds(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	shown := &waE2E.ContextInfo_ExternalAdReplyInfo{Title: proto.String("Muebles"), Body: proto.String("Mesas -20%"), SourceApp: proto.String("instagram"),
		SourceType: proto.String("ad"), SourceURL: proto.String("https://x.example/1"), SourceID: proto.String("42")}
	info := &waE2E.ContextInfo{ExternalAdReply: shown}
	want := Ad{Title: "Muebles", Text: "Mesas -20%", Source: "instagram ad", Link: "https://x.example/1", ID: "42"}
	for name, m := range map[string]*waE2E.Message{
		"text":       {ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("hola"), ContextInfo: info}},
		"empty text": {ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String(""), ContextInfo: info}},
		"no text":    {ExtendedTextMessage: &waE2E.ExtendedTextMessage{ContextInfo: info}},
		"picture":    {ImageMessage: &waE2E.ImageMessage{ContextInfo: info}},
		"reply":      {ButtonsResponseMessage: &waE2E.ButtonsResponseMessage{SelectedButtonID: proto.String("1"), ContextInfo: info}},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.message(r.say(carla, wasim.Say{Proto: m}))
			if got.Ad == nil || *got.Ad != want || got.Text != m.GetExtendedTextMessage().GetText()+m.GetButtonsResponseMessage().GetSelectedButtonID() {
				t.Errorf("got %+v, ad %+v", got, got.Ad)
			}
		})
	}
	if got := want.String(); got != "📢 Muebles · instagram ad\nMesas -20%\nhttps://x.example/1" {
		t.Errorf("got %q", got)
	}
	if got := ad(&waE2E.ContextInfo{QuotedAd: &waE2E.ContextInfo_AdReplyInfo{AdvertiserName: proto.String("Tienda")}}); got == nil || got.Title != "Tienda" {
		t.Errorf("the older form: got %+v", got)
	}
	for _, bad := range []string{"javascript:alert(1)", "x.example", "https://", "https://x.example/" + strings.Repeat("x", maxPath), "http://%zz"} {
		if got := ad(&waE2E.ContextInfo{ExternalAdReply: &waE2E.ContextInfo_ExternalAdReplyInfo{Title: proto.String("t"), SourceURL: &bad}}); got.Link != "" {
			t.Errorf("got the link %q", got.Link)
		}
	}
	if got := ad(&waE2E.ContextInfo{StanzaID: proto.String("X")}); got != nil {
		t.Errorf("got %+v, want none", got)
	}
}
