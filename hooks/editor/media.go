package editor

import "mostrador/hooks/api"

// A flow's files are rows of media that belong to the flow instead of a conversation: whoever is signed in may see what the
// company sends to everybody. They are kept as long as the flow, because conversations may be inside any version of it.

// flowFiles are the rows of media that flows may name: their own, of any flow, and no customer's.
const flowFiles = `file != '' AND conversation IN (SELECT id FROM flows)`

// uploadForFlow stores a file that the flow's messages can carry, and answers the reference for their media.
func (ed *Editor) uploadForFlow(r *api.Request) error {
	if _, err := ed.Row(r.ID()); err != nil {
		return err
	}
	if err := r.Parts(); err != nil {
		return err
	}
	shown, err := ed.Files.StoreUpload(r, r.ID(), r.ID())
	if err != nil {
		return err
	}
	return r.Created(shown)
}
