package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"mostrador/hooks"
	"mostrador/hooks/api"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/spf13/cobra"
)

// person is what admin create is told.
type person struct {
	dir, email, username, name, role string
	passwordStdin, reset, superuser  bool
}

func (m *Main) adminCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "admin",
		Short:   "Make accounts",
		Example: "  mostrador admin create --email ana@example.com --username ana",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(m.adminCreateCommand())
	return cmd
}

func (m *Main) adminCreateCommand() *cobra.Command {
	var p person
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a desk user, or give one a new password",
		Long: "Makes a desk user. Without --password-stdin it prints a one-time link to choose a password; there is no default one.\n" +
			"The desk must not be running on the folder: while it runs, people are made on its own pages.",
		Example: "  mostrador admin create --email ana@example.com --username ana --name Ana\n" +
			"  echo \"$PASSWORD\" | mostrador admin create --email ana@example.com --username ana --reset --password-stdin\n" +
			"  echo \"$PASSWORD\" | mostrador admin create --superuser --email ops@example.com --password-stdin",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return m.withDesk(cmd.Context(), p.dir, func(ctx context.Context, desk *hooks.Desk) error { return m.create(ctx, desk, p) })
		},
	}
	cmd.Flags().StringVar(&p.dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().StringVar(&p.email, "email", "", "e-mail address; signs in, too")
	cmd.Flags().StringVar(&p.username, "username", "", "what the person signs in as: letters, digits, . _ -")
	cmd.Flags().StringVar(&p.name, "name", "", "name that colleagues see; empty: the username")
	cmd.Flags().StringVar(&p.role, "role", string(rights.Admin), "ADMIN, SUPERVISOR or OPERATOR")
	cmd.Flags().BoolVar(&p.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	cmd.Flags().BoolVar(&p.reset, "reset", false, "the user exists: give a new password or link")
	cmd.Flags().BoolVar(&p.superuser, "superuser", false, "an account of the database's own dashboard (/_/) instead")
	return cmd
}

// withDesk runs something on a folder that no desk is running on.
func (m *Main) withDesk(ctx context.Context, dir string, do func(context.Context, *hooks.Desk) error) error {
	f, err := openFolder(dir, true, nil)
	if err != nil {
		return err
	}
	defer f.close()
	desk := &hooks.Desk{Store: store.Store{App: f.app, Now: m.Now}}
	if err := desk.Start(ctx); err != nil {
		return fmt.Errorf("open the desk: %w", err)
	}
	defer desk.Stop()
	err = do(ctx, desk)
	var refused *api.Refusal
	if errors.As(err, &refused) {
		return errors.New(refused.Say("en"))
	}
	return err
}

// create carries out admin create.
func (m *Main) create(ctx context.Context, desk *hooks.Desk, p person) error {
	password, err := m.password(p)
	if err != nil {
		return err
	}
	if p.superuser {
		if err := desk.Guard.SetSuperuser(ctx, p.email, password); err != nil {
			return err
		}
		fmt.Fprintf(m.Stdout, "%s may sign in at /_/\n", p.email)
		return nil
	}
	var setup string
	if p.reset {
		setup, err = m.resetUser(ctx, desk, &p, password)
	} else {
		role, name := rights.Role(strings.ToUpper(p.role)), p.name
		if name == "" {
			name = p.username
		}
		_, setup, err = desk.People.CreateUser(ctx, people.Person{Name: &name, Username: &p.username, Email: &p.email, Role: &role, Password: &password})
	}
	if err != nil {
		return err
	}
	if setup == "" {
		fmt.Fprintf(m.Stdout, "%s may sign in\n", p.username)
		return nil
	}
	address, at := m.deskAddress(desk), ""
	if address == "" {
		at = ", at the desk's address"
	}
	fmt.Fprintf(m.Stdout, "%s chooses a password with this link, once, within seven days%s:\n%s/setup#token=%s\n", p.username, at, address, setup)
	return nil
}

// deskAddress is where browsers find the desk, as far as the folder and the environment tell: the address that was set in
// the dashboard, or the port that serve will listen on. Empty: it depends on the flags that serve is started with.
func (m *Main) deskAddress(desk *hooks.Desk) string {
	if set := strings.TrimRight(desk.Store.App.Settings().Meta.AppURL, "/"); set != "" && set != stockAddress {
		return set
	}
	if s, err := m.environment(); err == nil && s.Port > 0 {
		return fmt.Sprintf("http://127.0.0.1:%d", s.Port)
	}
	return ""
}

// stockAddress is what PocketBase's settings say until somebody sets the real one.
const stockAddress = "http://localhost:8090"

// resetUser gives somebody a new password or link, and writes down who they are.
func (m *Main) resetUser(ctx context.Context, desk *hooks.Desk, p *person, password string) (setup string, err error) {
	identity := p.username
	if identity == "" {
		identity = p.email
	}
	id, err := desk.Guard.UserNamed(ctx, strings.ToLower(identity))
	var refused *api.Refusal
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return "", fmt.Errorf("there is no user %q; leave out --reset to make one", identity)
	}
	if err != nil {
		return "", err
	}
	user, err := desk.Store.App.FindRecordById("users", id)
	if err != nil {
		return "", fmt.Errorf("read the user: %w", err)
	}
	p.username = user.GetString("username")
	if !user.GetBool("active") {
		return "", fmt.Errorf("%s is switched off and cannot sign in; an admin switches people on in the desk", p.username)
	}
	if password == "" {
		return desk.Guard.SetUpLink(ctx, id)
	}
	return "", desk.People.UpdateUser(ctx, id, people.Person{Password: &password})
}

// password checks the flags and reads the password, if one is to be read.
func (m *Main) password(p person) (string, error) {
	switch {
	case p.email == "" && !p.reset:
		return "", errors.New("who? give --email, and --username for a desk user; see mostrador admin create --help")
	case p.username == "" && !p.superuser && !p.reset:
		return "", errors.New("what does the person sign in as? give --username; see mostrador admin create --help")
	case !slices.Contains([]rights.Role{rights.Admin, rights.Supervisor, rights.Operator}, rights.Role(strings.ToUpper(p.role))):
		return "", fmt.Errorf("there is no role %q: choose ADMIN, SUPERVISOR or OPERATOR", p.role)
	case p.superuser && !p.passwordStdin:
		return "", errors.New("a superuser needs a password from the start; give it with --password-stdin")
	case !p.passwordStdin:
		return "", nil
	}
	line, err := bufio.NewReader(m.Stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fmt.Errorf("standard input has no password in its first line (%v)", err)
	}
	return line, nil
}
