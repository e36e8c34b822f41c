package main

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// Settings say whose tokens are taken. Exactly one of JWKS, the address of the public keys
// (/.well-known/jwks.json), and SecretKey, the account server's SECRET_KEY, is set.
type Settings struct {
	JWKS, SecretKey, Issuer, Audience string
	// How often an unknown kid may have the keys fetched.
	Cooldown time.Duration
}

// User is whom a token names.
type User struct {
	ID                int64
	Username, Session string
}

// Verifier tells who calls this service, by the access token of Meiduo Accounts and without asking there.
//
// What it can't see: a session that was ended. Its last access token is good here until it expires, after 15
// minutes where the client asked for refresh tokens. Where that is too long, ask the account server.
type Verifier struct {
	settings Settings
	parser   *jwt.Parser
	keys     *KeySet
}

var (
	errBadToken        = errors.New("no good access token")
	errKeysUnavailable = errors.New("the public keys can't be fetched")
	inHeader           = regexp.MustCompile(`(?i)^(?:jwt|bearer) +(\S+)$`)
)

const leeway = 30

// NewVerifier returns an error where the settings make no sense.
func NewVerifier(settings Settings) (*Verifier, error) {
	if (settings.JWKS == "") == (settings.SecretKey == "") {
		return nil, errors.New("set ACCOUNTS_JWKS or SECRET_KEY")
	}
	// Ours to say and never the token's: "none", or HS256 under a public key, is nobody's token.
	algorithm := "HS256"
	verifier := &Verifier{settings: settings}
	if settings.JWKS != "" {
		algorithm = "ES256"
		verifier.keys = NewKeySet(settings.JWKS, settings.Cooldown)
	}
	// Times are checked below: this version of the library has no leeway.
	verifier.parser = jwt.NewParser(jwt.WithValidMethods([]string{algorithm}), jwt.WithoutClaimsValidation())
	return verifier, nil
}

// UserOf returns errKeysUnavailable where nobody can tell, and errBadToken for everything else that is no good token.
func (v *Verifier) UserOf(authorization string) (*User, error) {
	found := inHeader.FindStringSubmatch(authorization)
	if found == nil {
		return nil, errBadToken
	}
	claims := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(found[1], claims, v.keyOf); err != nil {
		if errors.Is(err, errKeysUnavailable) {
			return nil, errKeysUnavailable
		}
		return nil, errBadToken
	}
	id, hasID := claims["user_id"].(float64)
	username, hasName := claims["username"].(string)
	isWhole := hasID && id == math.Trunc(id) && id > 0 && id < 1<<53
	if !isWhole || !hasName || claims["token_type"] != "access" || !v.isForUs(claims) || !isNow(claims) {
		return nil, errBadToken
	}
	session, _ := claims["sid"].(string)
	return &User{ID: int64(id), Username: username, Session: session}, nil
}

func (v *Verifier) keyOf(token *jwt.Token) (any, error) {
	if v.keys == nil {
		return []byte(v.settings.SecretKey), nil
	}
	kid, isText := token.Header["kid"].(string)
	if !isText {
		return nil, errBadToken
	}
	return v.keys.Key(kid)
}

func (v *Verifier) isForUs(claims jwt.MapClaims) bool {
	if v.settings.Issuer != "" && claims["iss"] != v.settings.Issuer {
		return false
	}
	audience, isSet := claims["aud"]
	if v.settings.Audience == "" {
		// A token for somebody in particular, which is not us.
		return !isSet
	}
	var named []any
	switch one := audience.(type) {
	case string:
		named = []any{one}
	case []any:
		named = one
	}
	for _, name := range named {
		if name == v.settings.Audience {
			return true
		}
	}
	return false
}

func isNow(claims jwt.MapClaims) bool {
	now := float64(time.Now().Unix())
	expires, hasEnd := claims["exp"].(float64)
	begins, hasBegin := claims["nbf"].(float64)
	if _, isSet := claims["nbf"]; isSet && !hasBegin {
		return false
	}
	return hasEnd && now < expires+leeway && (!hasBegin || now >= begins-leeway)
}

// jwk is a public key as RFC 7517 has it.
type jwk struct {
	Kty, Crv, Kid, Use, X, Y string
}

func parseKeys(body []byte) ([]jwk, error) {
	var set struct{ Keys []jwk }
	err := json.Unmarshal(body, &set)
	return set.Keys, err
}
