// Publishes files that were encoded beforehand into LiveKit rooms, as they are: H.264 in Annex B (one file a simulcast layer) and Opus in
// Ogg, at the pace of a clock. A load generator for benches: nothing is encoded, so it costs the machine next to nothing.
//
// Reads one job as JSON from standard input, prints "ready" when everything flows, and ends when standard input is closed.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

type layer struct {
	File    string `json:"file"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Bitrate int    `json:"bitrate"`
}

// One participant: layers from the smallest to the largest, at most three; `audio` may be empty.
type person struct {
	Token  string  `json:"token"`
	Layers []layer `json:"layers"`
	Audio  string  `json:"audio"`
	// Picture to begin with, so that several people who share a file do not have their key frames at once.
	From int `json:"from"`
}

type job struct {
	// ws://host:port of livekit-server.
	URL    string   `json:"url"`
	FPS    int      `json:"fps"`
	People []person `json:"people"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	input := json.NewDecoder(os.Stdin)
	var work job
	if err := input.Decode(&work); err != nil {
		return fmt.Errorf("the job on standard input cannot be read: %w", err)
	}
	if work.FPS < 1 || len(work.People) == 0 {
		return errors.New("the job names no frame rate or nobody")
	}
	failed := make(chan error, len(work.People))
	for number, one := range work.People {
		link, err := join(work.URL, one)
		if err != nil {
			return fmt.Errorf("publisher %d: %w", number+1, err)
		}
		defer link.close()
		go func() { failed <- link.play(one, work.FPS) }()
	}
	fmt.Println("ready")
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, io.MultiReader(input.Buffered(), os.Stdin))
		close(closed)
	}()
	select {
	case err := <-failed:
		return err
	case <-closed:
		return nil
	}
}

// A clock that does not drift: the n-th tick is due at start + n × period, late ones are made up for.
func pace(period time.Duration, stop <-chan struct{}, tick func(n int) error) error {
	start := time.Now()
	for n := 0; ; n++ {
		if wait := time.Until(start.Add(time.Duration(n) * period)); wait > 0 {
			select {
			case <-time.After(wait):
			case <-stop:
				return nil
			}
		}
		if err := tick(n); err != nil {
			return err
		}
	}
}
