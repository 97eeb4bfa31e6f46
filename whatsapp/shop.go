package whatsapp

import "go.mau.fi/whatsmeow/proto/waE2E"

// thousand: catalogues and payments count in thousandths of a unit.
const thousand = 1000

// order is a filled cart: how much, for how much, and the customer's note.
func order(p *waE2E.Message) string {
	x := p.OrderMessage
	return words(signed("🛒", row(x.GetOrderTitle(), count(int64(x.GetItemCount())), money(x.GetTotalAmount1000(), thousand, x.GetTotalCurrencyCode()))),
		x.GetMessage())
}

// product is something out of a catalogue, below the customer's own words about it.
func product(x *waE2E.ProductMessage) Message {
	of := x.GetProduct()
	price := money(of.GetPriceAmount1000(), thousand, of.GetCurrencyCode())
	if sale := money(of.GetSalePriceAmount1000(), thousand, of.GetCurrencyCode()); sale != "" {
		price = joined(" ", []string{sale, "(" + price + ")"})
	}
	picture := of.GetProductImage()
	if picture == nil {
		picture = x.GetCatalog().GetCatalogImage()
	}
	text := words(x.GetBody(), signed("🛍️", row(of.GetTitle(), price)), of.GetDescription(), of.GetURL(),
		signed("🛍️", row(x.GetCatalog().GetTitle(), x.GetCatalog().GetDescription())), x.GetFooter())
	return headed(text, &waE2E.Message{ImageMessage: picture})
}

func payment(p *waE2E.Message) string {
	return signed("💳", either(note(p.SendPaymentMessage.GetNoteMessage()), "✓"))
}

func paymentRequest(p *waE2E.Message) string {
	x := p.RequestPaymentMessage
	amount := money(int64(min(x.GetAmount1000(), 1<<62)), thousand, x.GetCurrencyCodeIso4217())
	return words(signed("💳", either(amount, cash(x.GetAmount()))), note(x.GetNoteMessage()))
}

func cash(x *waE2E.Money) string {
	return money(x.GetValue(), int64(x.GetOffset()), x.GetCurrencyCode())
}

func paymentReminder(p *waE2E.Message) string {
	x := p.PaymentReminderMessage
	return words(signed("💳", cash(x.GetAmount())), x.GetDescription())
}

func splitPayment(p *waE2E.Message) string {
	x := p.SplitPaymentMessage
	return words(signed("💳", cash(x.GetTotalAmount())), x.GetDescription())
}

func invoice(p *waE2E.Message) string { return signed("💳", p.InvoiceMessage.GetNote()) }
