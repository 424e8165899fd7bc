package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/webrtc/v4"
)

var (
	rids      = []string{"q", "h", "f"}
	qualities = []string{"LOW", "MEDIUM", "HIGH"}
)

const answerLimit = 10 * time.Second

// One participant's connection: LiveKit's signalling in its JSON form, and a peer connection that only sends.
type link struct {
	socket  *websocket.Conn
	writing sync.Mutex
	peer    *webrtc.PeerConnection
	video   []*webrtc.TrackLocalStaticRTP
	sender  *webrtc.RTPSender
	mid     func() string
	audio   *webrtc.TrackLocalStaticSample
	stopped chan struct{}
	once    sync.Once
}

type answer struct {
	Answer *struct {
		SDP string `json:"sdp"`
	} `json:"answer"`
	Trickle *struct {
		CandidateInit string `json:"candidateInit"`
	} `json:"trickle"`
	TrackPublished *struct {
		Cid string `json:"cid"`
	} `json:"trackPublished"`
}

func join(url string, one person) (*link, error) {
	address := strings.TrimSuffix(url, "/") + "/rtc?auto_subscribe=0&protocol=15&sdk=go&version=2.0.0"
	header := http.Header{"Authorization": {"Bearer " + one.Token}}
	socket, response, err := websocket.DefaultDialer.Dial(address, header)
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("LiveKit answered %s: %w", response.Status, err)
		}
		return nil, err
	}
	l := &link{socket: socket, stopped: make(chan struct{})}
	if err := l.publish(one); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *link) publish(one person) error {
	// The first message (the join response) comes as protobuf: the server turns to JSON when it has heard JSON.
	if _, _, err := l.socket.ReadMessage(); err != nil {
		return err
	}
	if err := l.openPeer(one); err != nil {
		return err
	}
	connected := make(chan struct{})
	var once sync.Once
	l.peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			once.Do(func() { close(connected) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			l.stop()
		}
	})
	if err := l.announce(one); err != nil {
		return err
	}
	go l.listen(len(l.tracks(one)))
	go l.ping()
	select {
	case <-connected:
		return nil
	case <-l.stopped:
		return errors.New("LiveKit closed the connection")
	case <-time.After(answerLimit):
		return errors.New("no media connection in 10 s")
	}
}

func (l *link) openPeer(one person) error {
	engine := &webrtc.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		return err
	}
	for _, uri := range []string{midURI, ridURI} {
		capability := webrtc.RTPHeaderExtensionCapability{URI: uri}
		if err := engine.RegisterHeaderExtension(capability, webrtc.RTPCodecTypeVideo); err != nil {
			return err
		}
	}
	// Loopback only: that is where a bench's server is.
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	peer, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings)).
		NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	l.peer = peer
	if err := l.addVideo(one.Layers); err != nil {
		return err
	}
	if one.Audio == "" {
		return nil
	}
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2}
	if l.audio, err = webrtc.NewTrackLocalStaticSample(opus, "audio", "stream"); err != nil {
		return err
	}
	transceiver, err := peer.AddTransceiverFromTrack(l.audio, sendOnly)
	if err != nil {
		return err
	}
	go drain(transceiver.Sender().Read)
	return nil
}

var sendOnly = webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}

func (l *link) addVideo(layers []layer) error {
	h264 := webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeH264, ClockRate: 90_000,
		SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	}
	for at := range layers {
		options := []func(*webrtc.TrackLocalStaticRTP){}
		if len(layers) > 1 {
			options = append(options, webrtc.WithRTPStreamID(rids[at]))
		}
		track, err := webrtc.NewTrackLocalStaticRTP(h264, "video", "stream", options...)
		if err != nil {
			return err
		}
		l.video = append(l.video, track)
		if at > 0 {
			if err := l.sender.AddEncoding(track); err != nil {
				return err
			}
			continue
		}
		transceiver, err := l.peer.AddTransceiverFromTrack(track, sendOnly)
		if err != nil {
			return err
		}
		l.sender, l.mid = transceiver.Sender(), transceiver.Mid
	}
	if l.sender == nil {
		return nil
	}
	for at := range layers {
		if len(layers) == 1 {
			go drain(l.sender.Read)
		} else {
			rid := rids[at]
			go drain(func(into []byte) (int, interceptorAttributes, error) { return l.sender.ReadSimulcast(into, rid) })
		}
	}
	return nil
}

// What LiveKit is to know of each track before the offer.
func (l *link) tracks(one person) []map[string]any {
	tracks := []map[string]any{}
	if count := len(one.Layers); count > 0 {
		layers := []map[string]any{}
		for at, each := range one.Layers {
			quality := qualities[at]
			if count == 1 {
				quality = "HIGH"
			}
			layers = append(layers, map[string]any{
				"quality": quality, "width": each.Width, "height": each.Height, "bitrate": each.Bitrate,
			})
		}
		largest := one.Layers[count-1]
		tracks = append(tracks, map[string]any{
			"cid": "video", "name": "camera", "type": "VIDEO", "source": "CAMERA",
			"width": largest.Width, "height": largest.Height, "layers": layers,
		})
	}
	if one.Audio != "" {
		tracks = append(tracks, map[string]any{
			"cid": "audio", "name": "microphone", "type": "AUDIO", "source": "MICROPHONE", "stereo": true, "disableDtx": true,
		})
	}
	return tracks
}

func (l *link) announce(one person) error {
	for _, track := range l.tracks(one) {
		if err := l.send(map[string]any{"addTrack": track}); err != nil {
			return err
		}
	}
	return nil
}

// Offers when LiveKit knows all tracks, then takes its answer and candidates.
func (l *link) listen(tracks int) {
	defer l.stop()
	var early []webrtc.ICECandidateInit
	answered := false
	for {
		kind, body, err := l.socket.ReadMessage()
		if err != nil {
			return
		}
		var message answer
		if kind != websocket.TextMessage || json.Unmarshal(body, &message) != nil {
			continue
		}
		if message.TrackPublished != nil {
			if tracks--; tracks == 0 {
				err = l.offer()
			}
		}
		if message.Trickle != nil {
			var candidate webrtc.ICECandidateInit
			if json.Unmarshal([]byte(message.Trickle.CandidateInit), &candidate) == nil {
				if answered {
					_ = l.peer.AddICECandidate(candidate)
				} else {
					early = append(early, candidate)
				}
			}
		}
		if message.Answer != nil && !answered {
			answered = true
			err = l.peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: message.Answer.SDP})
			for _, candidate := range early {
				_ = l.peer.AddICECandidate(candidate)
			}
		}
		if err != nil {
			return
		}
	}
}

// One offer with every candidate in it.
func (l *link) offer() error {
	offer, err := l.peer.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(l.peer)
	if err := l.peer.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	return l.send(map[string]any{"offer": map[string]any{"type": "offer", "sdp": l.peer.LocalDescription().SDP}})
}

// LiveKit drops a client that is silent for 15 s.
func (l *link) ping() {
	for {
		select {
		case <-l.stopped:
			return
		case <-time.After(4 * time.Second):
			now := strconv.FormatInt(time.Now().UnixMilli(), 10)
			_ = l.send(map[string]any{"pingReq": map[string]any{"timestamp": now, "rtt": "0"}})
		}
	}
}

func (l *link) send(message any) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.socket.WriteJSON(message)
}

func (l *link) stop() { l.once.Do(func() { close(l.stopped) }) }

func (l *link) close() {
	_ = l.send(map[string]any{"leave": map[string]any{"reason": "CLIENT_INITIATED"}})
	l.stop()
	if l.peer != nil {
		_ = l.peer.Close()
	}
	_ = l.socket.Close()
}
