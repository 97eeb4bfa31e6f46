package wasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.mau.fi/whatsmeow/util/keys"
)

// The state folder: state.json is replaced as a whole (temporary file, sync, rename), media/ holds one file per blob.
const (
	stateFile  = "state.json"
	stateLock  = "lock"
	mediaDir   = "media"
	saveEvery  = 500 * time.Millisecond
	saveRelief = 20 // a save may take one part in 20 of the time
)

// folder is the open state folder; nil without one.
type folder struct {
	dir   string
	lock  *os.File
	put   map[string][]byte // media to write before the next state
	drop  map[string]bool   // media to remove after it
	prior snapshot

	saving sync.Mutex // one save at a time
}

// open reads the state folder, if there is one, and returns the root key.
func (s *Server) open() (*keys.KeyPair, error) {
	if s.opts.StateDir == "" {
		return sharedRoot(), nil
	}
	f, err := openFolder(s.opts.StateDir)
	if err != nil {
		return nil, err
	}
	s.folder = f
	root, err := s.restore(f.prior)
	if err == nil {
		err = s.restoreMedia()
	}
	if err == nil {
		err = s.saveState(false) // from now on the folder is one of a running server
	}
	if err != nil {
		s.releaseState()
		return nil, fmt.Errorf("state folder %s: %w", s.opts.StateDir, err)
	}
	return root, nil
}

func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, mediaDir), 0o700); err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, stateLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	f := &folder{dir: dir, lock: lock, put: map[string][]byte{}, drop: map[string]bool{}}
	if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("state folder %s is in use by another emulated server", dir)
	}
	raw, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &f.prior)
	}
	if err == nil && f.prior.Version != snapshotVersion {
		err = fmt.Errorf("%s has version %d, this program reads %d", stateFile, f.prior.Version, snapshotVersion)
	}
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("state folder %s: %w", dir, err)
	}
	return f, nil
}

// releaseState lets another process have the folder.
func (s *Server) releaseState() {
	if s.folder != nil {
		_ = s.folder.lock.Close()
	}
}

// changed notes that there is something to save. s.mu is held.
func (s *Server) changed() {
	if s.folder == nil || s.dirty {
		return
	}
	s.dirty = true
	select {
	case s.saveNow <- struct{}{}:
	default:
	}
}

// saver saves what changed, soon after it did, until the server closes.
func (s *Server) saver() {
	defer close(s.saved)
	pause := saveEvery
	for {
		select {
		case <-s.saveNow:
		case <-s.done:
			return
		}
		select {
		case <-time.After(pause):
		case <-s.done:
			return
		}
		start := time.Now()
		if err := s.saveState(false); err != nil {
			s.mu.Lock()
			s.log.note(s.now(), "save state: "+err.Error())
			s.dirty = false
			s.changed() // try again
			s.mu.Unlock()
		}
		pause = max(saveEvery, saveRelief*time.Since(start))
	}
}

// saveState writes everything worth keeping. clean says that nothing will change after it.
func (s *Server) saveState(clean bool) error {
	if s.folder == nil {
		return nil
	}
	s.folder.saving.Lock()
	defer s.folder.saving.Unlock()
	s.mu.Lock()
	s.dirty = false
	snap := s.snapshot(clean)
	put, drop := s.folder.put, s.folder.drop
	s.folder.put, s.folder.drop = map[string][]byte{}, map[string]bool{}
	s.mu.Unlock()
	err := s.folder.write(snap, put, drop)
	if err != nil { // the disk is full, say: all of it waits for the next time
		s.mu.Lock()
		defer s.mu.Unlock()
		maps.Copy(put, s.folder.put)
		maps.Copy(drop, s.folder.drop)
		s.folder.put, s.folder.drop = put, drop
	}
	return err
}

// write puts new media down first, then the state that names them, and only then removes old media.
func (f *folder) write(snap snapshot, put map[string][]byte, drop map[string]bool) error {
	for path, data := range put {
		if drop[path] {
			continue
		}
		if err := replaceFile(f.mediaPath(path), data); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(snap)
	if err != nil {
		return err
	}
	if err = replaceFile(filepath.Join(f.dir, stateFile), raw); err != nil {
		return err
	}
	for path := range drop {
		_ = os.Remove(f.mediaPath(path)) // a leftover is dropped again at the next start
	}
	return nil
}

// replaceFile writes a file such that after a crash either the old or the new one is there, whole.
func replaceFile(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already after the rename
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// mediaPath is the file that a blob lies in.
func (f *folder) mediaPath(path string) string {
	return filepath.Join(f.dir, mediaDir, strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "_"))
}

// keepMedia and removeMedia note what the next save has to do in the media folder. s.mu is held.
func (s *Server) keepMedia(path string, data []byte) {
	if s.folder != nil {
		s.folder.put[path] = data
		delete(s.folder.drop, path)
	}
}

func (s *Server) removeMedia(path string) {
	if s.folder != nil {
		s.folder.drop[path] = true
		delete(s.folder.put, path)
	}
}

// restoreMedia reads the blobs that the state names and removes the files that it doesn't.
func (s *Server) restoreMedia() error {
	known := map[string]bool{}
	for _, m := range s.folder.prior.Media {
		data, err := os.ReadFile(s.folder.mediaPath(m.Path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		known[filepath.Base(s.folder.mediaPath(m.Path))] = true
		s.media.blobs[m.Path] = &blob{data: data, line: s.byNumber(m.Line), gone: m.Gone}
		s.media.order = append(s.media.order, m.Path)
		s.media.bytes += int64(len(data))
	}
	files, err := os.ReadDir(filepath.Join(s.folder.dir, mediaDir))
	if err != nil {
		return err
	}
	for _, f := range files {
		if !known[f.Name()] {
			_ = os.Remove(filepath.Join(s.folder.dir, mediaDir, f.Name()))
		}
	}
	return nil
}
