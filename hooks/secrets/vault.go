package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// KeyName is the file in the data folder that secrets are sealed with when there is no SESSION_SECRET. It is no part of
// backups: a copy of the database alone opens no secret.
const KeyName = "secrets.key"

// Vault seals secrets for the database: AES-256-GCM under a key that is derived from SESSION_SECRET, or from a random
// one in a file. The name is sealed with the value, so that one row's cannot be put into another.
type Vault struct {
	Dir  string
	Word string // SESSION_SECRET
}

// ErrSealed means that no key of this desk opens a value.
var ErrSealed = errors.New("sealed with another key")

const (
	sealedBy  = "1:"                  // how a value is sealed, in front of it
	keyPurpos = "mostrador secrets 1" // tells this key from others made of the same word (RFC 5869, info)
	keyBytes  = 32
)

// Seal makes the key file if it takes one.
func (v *Vault) Seal(name, value string) (string, error) {
	keys, err := v.keys()
	if err == nil && len(keys) == 0 {
		keys, err = v.makeKey()
	}
	if err != nil {
		return "", err
	}
	box, err := boxOf(keys[0])
	if err != nil {
		return "", err
	}
	return sealedBy + base64.RawStdEncoding.EncodeToString(box.Seal(nil, nil, []byte(value), []byte(name))), nil
}

// Open tries every key there is: SESSION_SECRET may have been set after secrets were sealed with the file.
func (v *Vault) Open(name, sealed string) (string, error) {
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(sealed, sealedBy))
	if err != nil || !strings.HasPrefix(sealed, sealedBy) {
		return "", ErrSealed
	}
	keys, err := v.keys()
	if err != nil {
		return "", err
	}
	for _, key := range keys {
		box, err := boxOf(key)
		if err != nil {
			return "", err
		}
		if value, err := box.Open(nil, nil, data, []byte(name)); err == nil {
			return string(value), nil
		}
	}
	return "", ErrSealed
}

// keys are those that there are, the one to seal with first.
func (v *Vault) keys() (keys [][]byte, err error) {
	if v.Word != "" {
		key, err := derive([]byte(v.Word))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	text, err := os.ReadFile(filepath.Join(v.Dir, KeyName))
	if errors.Is(err, fs.ErrNotExist) {
		return keys, nil
	}
	if err != nil {
		return keys, fmt.Errorf("read the key of secrets: %w", err)
	}
	random, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(random) != keyBytes {
		return nil, fmt.Errorf("the key of secrets in %s is damaged; put its copy back, or delete it and save the secrets again", KeyName)
	}
	key, err := derive(random)
	return append(keys, key), err
}

// makingKey is held while the file is made: of two secrets that are the first, neither may be sealed with a key that the
// other's replaces.
var makingKey sync.Mutex

// makeKey writes the file, whole or not at all.
func (v *Vault) makeKey() ([][]byte, error) {
	makingKey.Lock()
	defer makingKey.Unlock()
	if keys, err := v.keys(); err != nil || len(keys) > 0 {
		return keys, err
	}
	random := make([]byte, keyBytes)
	_, _ = rand.Read(random) // never fails since Go 1.24
	path := filepath.Join(v.Dir, KeyName)
	if err := writeWhole(path, hex.EncodeToString(random)+"\n"); err != nil {
		return nil, fmt.Errorf("make the key of secrets: %w", err)
	}
	return v.keys()
}

// writeWhole makes a file that only its owner reads; after a crash it is there or not.
func writeWhole(path, text string) error {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func derive(secret []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, keyPurpos, keyBytes)
}

func boxOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
