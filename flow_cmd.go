package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"mostrador/flows"
)

// flowCommand works on flows without a browser.
func (m *Main) flowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "flow",
		Short:   "Work on flows without a browser",
		Example: "  mostrador flow test reception.txtar",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(m.flowTestCommand())
	return cmd
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
