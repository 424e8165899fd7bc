package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

const (
	midURI       = "urn:ietf:params:rtp-hdrext:sdes:mid"
	ridURI       = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	mtu          = 1_160
	videoClock   = 90_000
	opusPage     = 20 * time.Millisecond
	delimiterNAL = 9
)

type interceptorAttributes = interceptor.Attributes

// Sends both tracks until the link is stopped; each file begins anew when it ends.
func (l *link) play(one person, fps int) error {
	failed := make(chan error, 2)
	running := 0
	if len(one.Layers) > 0 {
		files := make([][][]byte, len(one.Layers))
		for at, each := range one.Layers {
			units, err := readAccessUnits(each.File)
			if err != nil {
				return err
			}
			files[at] = units
		}
		running++
		go func() { failed <- l.playVideo(files, fps, one.From) }()
	}
	if one.Audio != "" {
		pages, err := readOpusPages(one.Audio)
		if err != nil {
			return err
		}
		running++
		go func() { failed <- l.playAudio(pages) }()
	}
	for ; running > 0; running-- {
		if err := <-failed; err != nil {
			return err
		}
	}
	return errors.New("LiveKit closed the connection")
}

func (l *link) playVideo(files [][][]byte, fps, from int) error {
	midID, ridID := uint8(0), uint8(0)
	for _, extension := range l.sender.GetParameters().HeaderExtensions {
		switch extension.URI {
		case midURI:
			midID = uint8(extension.ID)
		case ridURI:
			ridID = uint8(extension.ID)
		}
	}
	payloaders := make([]codecs.H264Payloader, len(files))
	sequences := make([]uint16, len(files))
	return pace(time.Second/time.Duration(fps), l.stopped, func(n int) error {
		for at, units := range files {
			parts := payloaders[at].Payload(mtu, units[(n+from)%len(units)])
			for part, payload := range parts {
				packet := &rtp.Packet{Payload: payload, Header: rtp.Header{
					Version: 2, SequenceNumber: sequences[at], Marker: part == len(parts)-1,
					Timestamp: uint32(int64(n) * videoClock / int64(fps)),
				}}
				sequences[at]++
				if len(files) > 1 {
					_ = packet.SetExtension(midID, []byte(l.mid()))
					_ = packet.SetExtension(ridID, []byte(rids[at]))
				}
				if err := l.video[at].WriteRTP(packet); err != nil && !errors.Is(err, io.ErrClosedPipe) {
					return err
				}
			}
		}
		return nil
	})
}

// A page leaves when its last sample would have been recorded, as from a microphone.
func (l *link) playAudio(pages [][]byte) error {
	select {
	case <-time.After(opusPage):
	case <-l.stopped:
		return nil
	}
	return pace(opusPage, l.stopped, func(n int) error {
		return l.audio.WriteSample(media.Sample{Data: pages[n%len(pages)], Duration: opusPage})
	})
}

// Access units of an Annex B file whose encoder wrote delimiters (x264: aud=1).
func readAccessUnits(path string) ([][]byte, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	mark := []byte{0, 0, 0, 1, delimiterNAL}
	var units [][]byte
	for at := bytes.Index(file, mark); at >= 0; {
		next := bytes.Index(file[at+len(mark):], mark)
		if next < 0 {
			units = append(units, file[at:])
			break
		}
		units = append(units, file[at:at+len(mark)+next])
		at += len(mark) + next
	}
	if len(units) == 0 {
		return nil, fmt.Errorf("%s: no access unit delimiters, encode with aud=1", path)
	}
	return units, nil
}

// Opus packets of an Ogg file with one packet a page (ffmpeg: -page_duration 20000).
func readOpusPages(path string) ([][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, _, err := oggreader.NewWith(file)
	if err != nil {
		return nil, err
	}
	var pages [][]byte
	for {
		page, _, err := reader.ParseNextPage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(page, []byte("OpusTags")) {
			pages = append(pages, page)
		}
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("%s: no sound in it", path)
	}
	return pages, nil
}

// RTCP has to be read for retransmissions to work.
func drain(read func([]byte) (int, interceptor.Attributes, error)) {
	buffer := make([]byte, 1_500)
	for {
		if _, _, err := read(buffer); err != nil {
			return
		}
	}
}
