package calls

import (
	"fmt"
	"slices"
	"strings"

	"mostrador/flows"
	"mostrador/hooks/store"
)

// chatTurn is what one side said.
type chatTurn struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

const (
	MaxTurn  = 4 << 10  // bytes of one message that goes along
	MaxTurns = 32 << 10 // bytes of all of them; the oldest are left out
)

// lastText is one message of a conversation.
type lastText struct {
	Author string `db:"author"`
	Text   string `db:"text"`
}

// LastTexts are those with a place between the messages, and votes, which have none: the newest of both, by when they came.
const LastTexts = `SELECT author, text FROM (
	SELECT * FROM (SELECT id, author, text FROM messages WHERE conversation = ? AND pos > 0 AND text != '' AND kind != 'note' AND revokedAt = ''
		ORDER BY pos DESC LIMIT ?)
	UNION ALL SELECT * FROM (SELECT id, author, text FROM messages WHERE conversation = ? AND pos = 0 AND text != '' AND kind = 'vote'
		ORDER BY id DESC LIMIT ?)
	) ORDER BY id DESC LIMIT ?`

// turns puts together what a model gets: the instructions, the last messages of the conversation as they stand now, and
// the question.
func (ca *Calls) turns(chat string, q flows.AI) ([]chatTurn, error) {
	var rows []lastText
	if q.Messages > 0 {
		var err error
		if rows, err = store.Many[lastText](store.Execer(ca.Store.App.ConcurrentDB()), LastTexts, chat, q.Messages, chat, q.Messages, q.Messages); err != nil {
			return nil, fmt.Errorf("read the last messages: %w", err)
		}
	}
	size := 0
	for i := range rows { // the newest first
		rows[i].Text = store.Cut(rows[i].Text, MaxTurn)
		if size += len(rows[i].Text); size > MaxTurns {
			rows = rows[:i]
			break
		}
	}
	turns := []chatTurn{}
	if q.System != "" {
		turns = append(turns, chatTurn{"system", q.System})
	}
	for _, row := range slices.Backward(rows) {
		role := "assistant"
		if row.Author == store.ByContact {
			role = "user"
		}
		turns = addTurn(turns, role, row.Text)
	}
	return addTurn(turns, "user", q.Prompt), nil
}

// addTurn joins what one side says in a row: not every endpoint takes two turns of the same.
func addTurn(turns []chatTurn, role, text string) []chatTurn {
	text = strings.TrimSpace(text)
	if text == "" {
		return turns
	}
	if last := len(turns) - 1; last >= 0 && turns[last].Role == role {
		turns[last].Content += "\n\n" + text
		return turns
	}
	return append(turns, chatTurn{role, text})
}
