package commands

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"mostrador/flows"

	"github.com/spf13/cobra"
)

// flowCommand works on flows without a browser.
func (m *Main) flowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "flow",
		Short:   "Work on flows without a browser",
		Example: "  mostrador flow lint reception.json\n  mostrador flow test reception.txtar",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(m.flowLintCommand(), m.flowTestCommand(), m.flowImportCommand(), m.flowExportCommand())
	return cmd
}

// flowLintCommand says what Check finds, without knowing a desk's own areas and media.
func (m *Main) flowLintCommand() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Say what is wrong with a flow before anybody meets it",
		Long: "Checks each file as publishing would. Errors keep a flow from being published and make the exit code 1;\n" +
			"warnings do not. What only a desk knows (its areas, its media) is not checked here.",
		Example: "  mostrador flow lint reception.json\n  mostrador flow lint --lang es flows/ready/reception/*.json",
		Args:    someFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			if !slices.Contains(flows.Languages(), flows.Lang(lang)) {
				return fmt.Errorf("there are no sentences in %q: choose es, pt-BR or en", lang)
			}
			bad := 0
			for _, file := range files {
				flow, err := parseFlow(file)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				problems := append(flows.Check(flow.Flow, flows.Known{}), flows.CheckTriggers(flow.Triggers, flows.Known{})...)
				for _, p := range problems {
					fmt.Fprintf(m.Stdout, "%s: %s %s: %s\n", file, p.Level, place(p), p.Say(flows.Lang(lang)))
				}
				if !flows.Publishable(problems) {
					bad++
				}
			}
			if bad > 0 {
				return fmt.Errorf("%d of %d flows cannot be published; the lines above say why", bad, len(files))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the sentences: es, pt-BR, en")
	return cmd
}

// parseFlow reads a flow alone, or as an export writes it.
func parseFlow(file string) (flows.File, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return flows.File{}, explain(err)
	}
	return flows.ParseFile(data)
}

// place names where a problem is: the node, and its field if there is one.
func place(p flows.Problem) string {
	switch {
	case p.Node == "":
		return "flow " + p.Field
	case p.Field == "":
		return p.Node
	}
	return p.Node + "." + p.Field
}

// flowTestCommand plays transcripts: the flow, the world and the conversation are parts of one text file.
func (m *Main) flowTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test FILE...",
		Short: "Play a conversation with its flow and say where it goes differently",
		Long: "Plays each file's conversation (docs/flows.md) with the live engine and compares line by line.\n" +
			"Exit code 0 only when all of them go as written.",
		Example: "  mostrador flow test reception.txtar\n  mostrador flow test flows/testdata/*.txtar",
		Args:    someFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			failed := 0
			for _, file := range files {
				if err := playFile(file); err != nil {
					failed++
					fmt.Fprintf(m.Stdout, "FAIL %s: %v\n", file, err)
					continue
				}
				fmt.Fprintf(m.Stdout, "ok   %s\n", file)
			}
			if failed > 0 {
				return fmt.Errorf("%d of %d conversations go differently from what is written; the lines above say where", failed, len(files))
			}
			return nil
		},
	}
}

func playFile(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return explain(err)
	}
	script := flows.ParseTranscript(string(data))
	chat := script.Part("chat")
	if chat == "" {
		return errors.New("there is no conversation in it; it goes under a line -- chat --")
	}
	flow, env, err := script.Load()
	if err != nil {
		return err
	}
	return flows.Test(flow, env, chat)
}

// someFiles asks for at least one file.
func someFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which file? see %s --help", cmd.CommandPath())
	}
	return nil
}
