package whatsapp

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

// native is what the parameters of a button, or of the answer to one, say to people. They are JSON within the message, and
// their names differ from kind to kind of button.
type native struct {
	DisplayText string `json:"display_text"`
	Title       string `json:"title"`
	Text        string `json:"text"`
	Label       string `json:"label"`
	Name        string `json:"name"`
	Description string `json:"description"`
	ID          string `json:"id"`
	URL         string `json:"url"`
	Phone       string `json:"phone_number"`
	Code        string `json:"copy_code"`

	Sections []struct {
		Title string `json:"title"`
		Rows  []struct {
			Title       string `json:"title"`
			Description string `json:"description"`
		} `json:"rows"`
	} `json:"sections"`

	Currency string   `json:"currency"`
	Total    quantity `json:"total_amount"`
	Order    struct {
		Items []struct {
			Name   string   `json:"name"`
			Count  int64    `json:"quantity"`
			Amount quantity `json:"amount"`
		} `json:"items"`
	} `json:"order"`
	Payments []struct {
		Pix struct {
			Merchant string `json:"merchant_name"`
			Key      string `json:"key"`
		} `json:"pix_static_code"`
	} `json:"payment_settings"`
}

// quantity is an amount: value parts, of which offset are a unit.
type quantity struct {
	Value  int64 `json:"value"`
	Offset int64 `json:"offset"`
}

func nativeOf(params string) (x native) {
	_ = json.Unmarshal([]byte(params), &x) // what does not fit says nothing
	return x
}

// nativeButton is a button with what opens under it: rows to choose from, an order to pay.
func nativeButton(params string) string {
	x := nativeOf(params)
	lines := []string{x.Description, button(either(x.DisplayText, x.Title), row(x.URL, x.Phone, x.Code))}
	for _, section := range x.Sections {
		lines = append(lines, section.Title)
		for _, r := range section.Rows {
			lines = append(lines, signed("•", row(r.Title, r.Description)))
		}
	}
	for _, item := range x.Order.Items {
		lines = append(lines, signed("•", row(item.Name, count(item.Count), money(item.Amount.Value, item.Amount.Offset, x.Currency))))
	}
	lines = append(lines, signed("💳", money(x.Total.Value, x.Total.Offset, x.Currency)))
	for _, way := range x.Payments {
		lines = append(lines, signed("💳", row(way.Pix.Merchant, way.Pix.Key)))
	}
	return words(lines...)
}

// interactiveResponse is what was chosen, as the parameters call it; of a form that was filled in, what stands in its fields.
func interactiveResponse(p *waE2E.Message) string {
	params := p.InteractiveResponseMessage.GetNativeFlowResponseMessage().GetParamsJSON()
	x, body := nativeOf(params), p.InteractiveResponseMessage.GetBody().GetText()
	if choice := either(x.DisplayText, x.Title, x.Text, x.Label, x.Name); choice != "" {
		return words(choice, x.Description)
	}
	return either(words(body, fields(params)), x.ID)
}

// unsaid are the parameters that programs tell each other.
var unsaid = map[string]bool{"id": true, "flow_token": true, "wa_flow_response_params": true, "flow_id": true, "saved_address_id": true}

// fields lists what stands in a form, in the order in which it stands there.
func fields(params string) string {
	if !json.Valid([]byte(params)) {
		return ""
	}
	read := json.NewDecoder(strings.NewReader(params))
	read.UseNumber()
	lines := []string{}
	var value func(name string) error
	value = func(name string) error {
		token, err := read.Token()
		if err != nil {
			return err
		}
		if token != json.Delim('{') && token != json.Delim('[') {
			if text := fmt.Sprint(token); token != nil && text != "" && !unsaid[name] {
				lines = append(lines, joined(": ", []string{name, text}))
			}
			return nil
		}
		for read.More() {
			inner := name
			if token == json.Delim('{') {
				key, err := read.Token()
				if err != nil {
					return err
				}
				inner = fmt.Sprint(key)
				if unsaid[name] {
					inner = name
				}
			}
			if err := value(inner); err != nil {
				return err
			}
		}
		_, err = read.Token() // its end
		return err
	}
	if err := value(""); err != nil && err != io.EOF {
		return ""
	}
	return words(lines...)
}
