package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const (
	maxAge = 5 * time.Minute
	// Without an answer, what is known stays good for an hour.
	maxStale = time.Hour
)

// KeySet has the public keys at an address, by kid. An unknown kid has them fetched again, once in a cooldown, however
// many are shown.
type KeySet struct {
	address  string
	cooldown time.Duration
	client   http.Client
	mutex    sync.Mutex
	keys     map[string]*ecdsa.PublicKey
	fetched  time.Time
	tried    time.Time
}

// NewKeySet fetches nothing yet.
func NewKeySet(address string, cooldown time.Duration) *KeySet {
	return &KeySet{address: address, cooldown: cooldown, client: http.Client{Timeout: 5 * time.Second}}
}

// Key returns errBadToken for a key that is not there, errKeysUnavailable where the set can't be fetched.
func (s *KeySet) Key(kid string) (*ecdsa.PublicKey, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := time.Now()
	_, isKnown := s.keys[kid]
	if (!isKnown || now.Sub(s.fetched) >= maxAge) && now.Sub(s.tried) >= s.cooldown {
		s.tried = now
		if keys, err := s.fetch(); err == nil {
			s.keys, s.fetched = keys, now
		}
	}
	if now.Sub(s.fetched) >= maxStale {
		return nil, errKeysUnavailable
	}
	key, isKnown := s.keys[kid]
	if !isKnown {
		return nil, errBadToken
	}
	return key, nil
}

func (s *KeySet) fetch() (map[string]*ecdsa.PublicKey, error) {
	response, err := s.client.Get(s.address)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", s.address, response.StatusCode)
	}
	listed, err := parseKeys(body)
	if err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, one := range listed {
		if key := publicKey(one); key != nil {
			keys[one.Kid] = key
		}
	}
	return keys, nil
}

// publicKey returns nil for a key of another kind or use.
func publicKey(one jwk) *ecdsa.PublicKey {
	if one.Kty != "EC" || one.Crv != "P-256" || one.Kid == "" || (one.Use != "" && one.Use != "sig") {
		return nil
	}
	x, errX := base64.RawURLEncoding.DecodeString(one.X)
	y, errY := base64.RawURLEncoding.DecodeString(one.Y)
	key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	if errX != nil || errY != nil || !key.Curve.IsOnCurve(key.X, key.Y) {
		return nil
	}
	return key
}
