// A service of the shop: PORT=3000 SECRET_KEY=… go run .
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

func main() {
	verifier, err := verifierOfEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/goods/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, map[string]any{"goods": []string{"tea", "cups"}})
	})
	http.HandleFunc("/orders/", func(w http.ResponseWriter, r *http.Request) {
		user, err := verifier.UserOf(r.Header.Get("Authorization"))
		if errors.Is(err, errKeysUnavailable) {
			w.Header().Set("Retry-After", "5")
			answer(w, http.StatusServiceUnavailable, map[string]any{"detail": "Try again in a moment."})
			return
		}
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer realm="api"`)
			// The code is what clients renew their token on.
			answer(w, http.StatusUnauthorized, map[string]any{"detail": "Log in first.", "code": "token_not_valid"})
			return
		}
		answer(w, http.StatusOK, map[string]any{"orders": []string{}, "of": user.Username})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+setting("PORT", "3000"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("The API is ready: http://%s/goods/\n", listener.Addr())
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func verifierOfEnvironment() (*Verifier, error) {
	cooldown, err := strconv.ParseFloat(setting("JWKS_COOLDOWN", "30"), 64)
	if err != nil {
		return nil, err
	}
	return NewVerifier(Settings{
		JWKS:      os.Getenv("ACCOUNTS_JWKS"),
		SecretKey: os.Getenv("SECRET_KEY"),
		Issuer:    os.Getenv("TOKEN_ISSUER"),
		Audience:  os.Getenv("TOKEN_AUDIENCE"),
		Cooldown:  time.Duration(cooldown * float64(time.Second)),
	})
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
