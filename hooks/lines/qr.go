package lines

import (
	"context"
	"errors"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// QRView is the code to draw.
type QRView struct {
	Line    string `json:"line"`
	QR      string `json:"qr"`
	Expires string `json:"expiresAt"`
}

// QR is the code to scan now.
func (l *Lines) QR(ctx context.Context, id string) (QRView, error) {
	run, err := l.running(ctx, id)
	if err != nil {
		return QRView{}, err
	}
	qr, ok := run.Line.QR()
	if !ok {
		return QRView{}, errNoScan
	}
	return QRView{Line: run.ID, QR: qr.Text, Expires: store.ISOTime(qr.Expires)}, nil
}

// PairCode is a code that the owner types into the phone instead of scanning.
func (l *Lines) PairCode(ctx context.Context, id, phone string) (string, error) {
	run, err := l.running(ctx, id)
	if err != nil {
		return "", err
	}
	code, err := run.Line.PairPhone(ctx, phone)
	switch {
	case errors.Is(err, whatsapp.ErrNotWaiting):
		return "", errNoScan
	case errors.Is(err, whatsapp.ErrBadNumber):
		return "", api.ErrBadValue.With("field", "phone")
	}
	return code, err
}

// publishQR shows a new code to the admins.
func (l *Lines) publishQR(line string, qr whatsapp.QR) {
	l.Store.Publish([]store.Event{{Name: "session:qr", Data: QRView{Line: line, QR: qr.Text, Expires: store.ISOTime(qr.Expires)}, Role: rights.Admin}})
}
