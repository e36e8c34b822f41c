import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;

/** A service of the shop: javac *.java, then PORT=3000 SECRET_KEY=… java Orders */
public final class Orders {
    public static void main(String[] args) throws IOException {
        long cooldown = (long) (1000 * Double.parseDouble(setting("JWKS_COOLDOWN", "30")));
        String jwks = setting("ACCOUNTS_JWKS", null);
        AccountsTokens tokens = new AccountsTokens(
                jwks == null ? null : new KeySet(jwks, Duration.ofMillis(cooldown)),
                setting("SECRET_KEY", null),
                setting("TOKEN_ISSUER", null),
                setting("TOKEN_AUDIENCE", null));
        int port = Integer.parseInt(setting("PORT", "3000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/goods/", exchange -> answer(exchange, 200, "{\"goods\": [\"tea\", \"cups\"]}"));
        server.createContext("/orders/", exchange -> orders(exchange, tokens));
        server.start();
        System.out.println("The API is ready: http://127.0.0.1:" + port + "/goods/");
    }

    private static void orders(HttpExchange exchange, AccountsTokens tokens) throws IOException {
        try {
            var user = tokens.userOf(exchange.getRequestHeaders().getFirst("Authorization"));
            if (user == null) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"api\"");
                // The code is what clients renew their token on.
                answer(exchange, 401, "{\"detail\": \"Log in first.\", \"code\": \"token_not_valid\"}");
                return;
            }
            answer(exchange, 200, "{\"orders\": [], \"of\": " + quoted(user.username()) + "}");
        } catch (KeySet.Unavailable e) {
            exchange.getResponseHeaders().set("Retry-After", "5");
            answer(exchange, 503, "{\"detail\": \"Try again in a moment.\"}");
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (exchange; var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter < ' ' || letter == '"' || letter == '\\') quoted.append(String.format("\\u%04x", (int) letter));
            else quoted.append(letter);
        }
        return quoted.append('"').toString();
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
